"""What the numbers of coupons mean: what was given, redeemed, left unused, cost and brought."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

COUPONS = (
    Metric(
        "coupon_given",
        N_("Given"),
        N_("Coupons that people within your reach got; those that were taken back do not count."),
        formula=N_("Can be used + redeemed + expired unused"),
        source="now",
    ),
    Metric(
        "coupon_redeemed",
        N_("Redeemed"),
        N_("Share of the coupons given that were redeemed. It still grows while some can be used."),
        formula=N_("Redeemed ÷ given"),
        source="now",
    ),
    Metric(
        "coupon_cost",
        N_("What they cost"),
        N_("What the redeemed coupons took off, and what the things cost that were handed over for them."),
        formula=N_("Sum over redeemed coupons"),
        source="now",
    ),
    Metric(
        "coupon_brought",
        N_("Orders with them"),
        N_(
            "Value of the orders with a redeemed coupon: net of what was given back where the order is known, else as the till said. "
            "People would have bought some of it anyway; what a coupon brought beyond that, an experiment tells."
        ),
        formula=N_("Sum over redeemed coupons"),
        source="now",
    ),
    Metric(
        "coupon_left",
        N_("What stays"),
        N_("What stays of these orders at the margin of the kind, less what the coupons cost."),
        formula=N_("Orders with them × margin − cost"),
        source="now",
    ),
    Metric(
        "coupon_weeks",
        N_("What became of them"),
        N_("Coupons by the week in which they were given, and what has become of them up to now."),
        formula=N_("Count of coupons"),
        source="now",
    ),
    Metric(
        "coupon_refused",
        N_("Refused at the till"),
        N_("Redemptions of the last 30 days that were refused, by reason. What was typed is not kept."),
        formula=N_("Count of attempts"),
        source="now",
    ),
)
