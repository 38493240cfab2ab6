"""What the numbers of the contact policy mean: what the past would have become under it."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

CONTACT = (
    Metric(
        "policy_sent",
        N_("As it went out"),
        N_("Messages of these days that the policy would have let out at the moment at which they went."),
        formula=N_("Messages let out ÷ all messages"),
        source="now",
    ),
    Metric(
        "policy_later",
        N_("Later"),
        N_("Messages of these days that the policy would have postponed: they go out, at another time than they did."),
        formula=N_("Messages postponed ÷ all messages"),
        source="now",
    ),
    Metric(
        "policy_refused",
        N_("Refused"),
        N_("Messages of these days that the policy would have held back for good."),
        formula=N_("Messages refused ÷ all messages"),
        source="now",
    ),
    Metric(
        "policy_spared",
        N_("Receivers spared a message"),
        N_("People and groups who would have got at least one message less than they got."),
        formula=N_("Count of receivers, each once"),
        source="now",
    ),
    Metric(
        "policy_worth",
        N_("Expected of what did not go out"),
        N_(
            "What the campaigns expected of the messages that the policy would have refused or replaced; where nothing was expected, their "
            "share of what the campaign was measured to bring. Messages of which neither is known are counted beside it."
        ),
        formula=N_(
            "Sum of the expected values of these messages; measured: more value a person than those held out × people ÷ messages of the "
            "campaign"
        ),
        source="now",
    ),
)
