"""What the numbers of the guard mean: what came, was stopped, saved, and stopped wrongly."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

GUARD = (
    Metric(
        "guard_came",
        N_("Asks"),
        N_("Joins, seats, coupons, referrals and redemptions that were judged in the last 30 days, within your reach."),
        source="now",
    ),
    Metric(
        "guard_allowed",
        N_("Let through at once"),
        N_("Answered with yes as soon as it was asked."),
        source="now",
    ),
    Metric(
        "guard_slowed",
        N_("Asked to wait"),
        N_(
            "Slowed down, and not asked again since: who asks again after the wait is judged anew and counts by that answer."
        ),
        source="now",
    ),
    Metric(
        "guard_stopped",
        N_("Stopped by the guard"),
        N_("Refused, or left to a person, when it was asked; what people decided afterwards changes nothing here."),
        formula=N_("Stay stopped + wait for a person + stopped wrongly"),
        source="now",
    ),
    Metric(
        "guard_stays",
        N_("Stay stopped"),
        N_("Stopped and not let through since: refused by the rules, or kept stopped by a person."),
        source="now",
    ),
    Metric(
        "guard_undecided",
        N_("Wait for a person"),
        N_("Left to a person, and nobody has decided yet. Nothing is given until then, and nothing counts as saved."),
        source="now",
    ),
    Metric(
        "guard_saved",
        N_("Saved"),
        N_(
            "Worth of what stays stopped: of each customer and programme the largest ask, once, and nothing where the customer got it "
            "by another ask. An upper bound: some would not have come for it."
        ),
        formula=N_("Sum of the largest worth by customer and programme"),
        source="now",
    ),
    Metric(
        "guard_wrongly",
        N_("Stopped wrongly"),
        N_(
            "Stopped by the guard and let through by a person afterwards, by a look or an appeal. The share is of all that was stopped."
        ),
        formula=N_("Stopped wrongly / stopped"),
        source="now",
    ),
    Metric(
        "guard_days",
        N_("Asks by day"),
        N_("What the guard answered each day, before people decided about it."),
        source="now",
    ),
    Metric(
        "guard_score",
        N_("Security score"),
        N_(
            "0 to 100, the higher the safer: acquaintance and orders add; shared devices and accounts, "
            "leaving at once and refusals take away."
        ),
        source="now",
    ),
)
