"""What the numbers of group-buying mean."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

GROUPBUY = (
    Metric(
        "groupbuy_open",
        N_("Groups filling"),
        N_(
            "Groups that are open: at least one place is paid, or held while somebody pays. One that loses its last place "
            "ends and counts no more."
        ),
        formula=N_("Count of groups"),
        source="now",
    ),
    Metric(
        "groupbuy_filled",
        N_("Groups that filled"),
        N_("Share of the groups with a paid member that have ended which had filled."),
        formula=N_("Filled ÷ (filled + not filled in time)"),
        source="now",
    ),
    Metric(
        "groupbuy_members",
        N_("Bought in groups"),
        N_(
            "Paid places of groups that filled; of offers that other stores use too, those of customers within your reach."
        ),
        formula=N_("Count of paid places"),
        source="now",
    ),
    Metric(
        "groupbuy_kept",
        N_("Money kept"),
        N_(
            "What members of groups that filled paid; of offers that other stores use too, what customers within your reach paid."
        ),
        formula=N_("Sum of the prices of paid places in filled groups"),
        source="now",
    ),
    Metric(
        "groupbuy_refunded",
        N_("Money given back"),
        N_("What goes back, or went back, because a group did not fill, somebody left, or a payment came too late."),
        formula=N_("Sum of the prices of places that were paid and given up"),
        source="now",
    ),
    Metric(
        "groupbuy_margin",
        N_("What stays of it"),
        N_("Money kept less what the pieces cost. What the people buy afterwards is not in it."),
        formula=N_("Money kept − bought in groups × cost of one piece"),
        source="now",
    ),
    Metric(
        "groupbuy_odds",
        N_("Odds of filling"),
        N_(
            "Of similar groups that have ended - of the same size, with as many members at as much time left - the share "
            "that filled, with the interval that holds the true share with 80 percent. Below 20 such groups nothing is said. "
            "Members see the same figure."
        ),
        formula=N_("Beta(½ + prior + filled, ½ + prior + not filled)"),
        source="now",
    ),
    Metric(
        "groupbuy_days",
        N_("What became of groups"),
        N_("Groups by the day on which they started, and what has become of them up to now."),
        formula=N_("Count of groups"),
        source="now",
    ),
    Metric(
        "payments_balance",
        N_("Accounts of payments"),
        N_(
            "Every payment and every refund moves an amount from one account to another, so that all accounts together are 0. "
            "What was taken stands below 0, because it is owed what was paid for."
        ),
        formula=N_("Sum of what came − sum of what went"),
        source="now",
    ),
)
