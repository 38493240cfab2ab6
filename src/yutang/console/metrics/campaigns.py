"""What the numbers of campaigns and playbooks mean: foreseen before anything goes out, and counted while it does."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

CAMPAIGNS = (
    Metric(
        "campaign_messages",
        N_("Messages of a campaign"),
        N_("Planned: all messages. Sent: let out by the policy. Delivered: the phone has it, or WeCom has sent it."),
        formula=N_("Count of messages; e-mail ends at “sent”, because mail servers do not tell that a mail arrived"),
        source="now",
    ),
    Metric(
        "campaign_answers",
        N_("Clicked and bought"),
        N_(
            "Clicked: people who followed a link, and visits by links that everybody got. Bought: people with an order afterwards."
        ),
        formula=N_("Bought: people with an order within 30 days after their message, wherever it came from"),
        source="now",
    ),
    Metric(
        "campaign_way",
        N_("How far it is"),
        N_("Messages that have come at least so far: given to the platform, asked of staff, confirmed, delivered."),
        formula=N_(
            "Count of messages, each in every station that it has passed; of people, where there is another way"
        ),
        source="now",
    ),
    Metric(
        "campaign_to_come",
        N_("Wait for their time"),
        N_("Messages that are planned and have not gone out: the contact policy lets them out on a later day."),
        formula=N_("Count of messages by the day on which they are to go out; the first 14 such days"),
        source="now",
    ),
    Metric(
        "campaign_back",
        N_("What came back"),
        N_(
            "People after their message: who followed a link, wrote back by SMS or e-mail, withdrew a consent, bought. Held out: who gets "
            "nothing, to compare with."
        ),
        formula=N_("Answers and withdrawals within 7 days, orders within 30, wherever they came from"),
        source="now",
    ),
    Metric(
        "campaign_ends",
        N_("What did not arrive"),
        N_(
            "Messages that ended without arriving, as the platform told it, and those that the policy held back when their time came."
        ),
        formula=N_("Count of messages by their end; failed ones also by the reason"),
        source="now",
    ),
    Metric(
        "playbook_unreached",
        N_("Not let in: cannot be reached"),
        N_(
            "How often the playbook met somebody whom no step reaches on some course through it: no friend among staff, no number "
            "or address, or no consent that it needs. They are neither in it nor held out, so that both are alike."
        ),
        formula=N_(
            "Times, not people; a step that asks a human reaches everybody with a number or a friend among staff"
        ),
        source="now",
    ),
    Metric(
        "campaign_refusals",
        N_("Who gets nothing, and why"),
        N_("Receivers to whom the contact policy lets nothing out, by the first reason that speaks against it."),
        formula=N_("Count of receivers, each once, under one reason"),
        source="now",
    ),
    Metric(
        "campaign_fates",
        N_("Who would get it"),
        N_(
            "What the policy says now of each receiver: at once, later, something useful instead, nothing; and who is held out by lot of "
            "those who would get it."
        ),
        formula=N_("Count of receivers; together they are the audience"),
        source="now",
    ),
    Metric(
        "campaign_ways",
        N_("By which way"),
        N_(
            "Receivers who get something, by the way on which the policy lets it out. Who cannot be reached by the first way is asked "
            "about by the other one at once."
        ),
        formula=N_("Count of receivers, each under one way"),
        source="now",
    ),
    Metric(
        "campaign_confirmations",
        N_("How often staff confirm"),
        N_("One confirmation holds the receivers of one member of staff who read the same words in the same minute."),
        formula=N_("Receivers of one sender with the same words ÷ 10,000 customers or 2,000 groups, rounded up"),
        source="now",
    ),
    Metric(
        "playbook_people",
        N_("People of a playbook"),
        N_(
            "In it now: who came in and is not at an end. Reached the goal: for whom it ended because the goal was met. Held out: who fell "
            "by lot into the share that gets nothing."
        ),
        formula=N_("Count of times that somebody came in; of a playbook for groups, of groups"),
        source="now",
    ),
    Metric(
        "lost_days",
        N_("Kept for days"),
        N_(
            "How long the friendship with the member of staff lasted, and what the customer was last sent from here before it ended."
        ),
        formula=N_("Days from the first to the last instant of the friendship"),
        source="now",
    ),
)
