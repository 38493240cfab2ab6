"""What the numbers of channel codes mean: who scanned, came, stayed, left, ordered, and what that cost."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

CODES = (
    Metric(
        "code_scans",
        N_("Scans"),
        N_(
            "How often people opened the page behind the printed code. Programs that look at links are not counted; "
            "two openings of one person are."
        ),
        formula=N_("Count of openings"),
        source="now",
    ),
    Metric(
        "code_came",
        N_("Came by it"),
        N_(
            "People who became friends of the staff by the code, each once a code; also those whom the shop knew before."
        ),
        formula=N_("Count of people"),
        source="now",
    ),
    Metric(
        "code_kept",
        N_("Stayed"),
        N_(
            "Share of those who came at least so many days ago that were friends of somebody of the staff for as "
            "long. A hand-over to a colleague is no loss."
        ),
        formula=N_("Stayed so long ÷ came that long ago"),
        source="now",
    ),
    Metric(
        "code_lost",
        N_("Lost"),
        N_("People who came and are nobody's friend any more, whoever deleted whom."),
        formula=N_("Came − still friends"),
        source="now",
    ),
    Metric(
        "code_orders",
        N_("Orders since"),
        N_(
            "Orders of these people on the day on which they came and later, net of what was given back. Some of it "
            "they would have bought anyway; who came by two codes counts with both."
        ),
        formula=N_("Sum over people who came"),
    ),
    Metric(
        "code_cost",
        N_("Cost"),
        N_("What was written down for the code, and the cost of each newcomer."),
        formula=N_("Payments + came × cost of a newcomer"),
        source="now",
    ),
    Metric(
        "code_cost_per_kept",
        N_("Cost of one who stayed"),
        N_(
            "What was paid for those who came at least 30 days ago, by those of them who stayed for 30 days; where "
            "nobody came that long ago, the same for 7 days or one day."
        ),
        formula=N_("Cost up to 30 days ago ÷ stayed 30 days"),
        source="now",
    ),
    Metric(
        "code_against_bought",
        N_("Against bought traffic"),
        N_(
            "What one who stayed costs by each code, beside what advertising of the last 365 days costs a first-time "
            "buyer, and one of them who ordered again within 90 days. Who stays has not bought yet: the two are not "
            "the same thing, but both are paid for a person who is yours."
        ),
        formula=N_("Cost ÷ people"),
    ),
    Metric(
        "code_curve",
        N_("How long they stay"),
        N_(
            "Share that is still a friend after so many days; everybody counts for as long as they were watched, with a 95% interval."
        ),
        formula=N_("Kaplan-Meier estimate"),
        source="now",
    ),
    Metric(
        "code_weeks",
        N_("Who came each week"),
        N_("People by the week in which they came, and whether they are friends now."),
        formula=N_("Count of people"),
        source="now",
    ),
    Metric(
        "code_funnel",
        N_("From scan to order"),
        N_(
            "How many people each step has seen. Scans count openings, so that one person may stand there twice; who "
            "adds staff without the page is not among them."
        ),
        formula=N_("Count"),
        source="now",
    ),
)
