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
        "guard_stopped",
        N_("Stopped by the guard"),
        N_("Refused, or waiting for a person, and not let through since."),
        source="now",
    ),
    Metric(
        "guard_saved",
        N_("Saved"),
        N_(
            "Worth of what was stopped: of each customer and programme the largest ask, once. "
            "An upper bound: some would not have come for it."
        ),
        formula=N_("Sum of the largest worth by customer and programme"),
        source="now",
    ),
    Metric(
        "guard_wrongly",
        N_("Stopped wrongly"),
        N_("Stopped by the guard and let through by a person afterwards, by a look or an appeal."),
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
