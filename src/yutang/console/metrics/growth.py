"""What the numbers of growth mean: what newcomers cost and are worth, and what became of invited friends."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

GROWTH = (
    Metric(
        "economics_kept_cost",
        N_("A kept newcomer costs"),
        N_(
            "What was spent, divided by everybody who is there or not decided: the least that a kept newcomer costs, if nobody else leaves."
        ),
        formula=N_("Cost ÷ (kept + not decided)"),
        source="now",
    ),
    Metric(
        "economics_newcomers",
        N_("Newcomers"),
        N_("Who came since it is watched. Kept is who can still be reached after 7 days, or has bought."),
        formula=N_("Kept + left + not decided"),
        source="now",
    ),
    Metric(
        "economics_spent",
        N_("Spent so far"),
        N_("Costs from the beginning; what was taken back does not count."),
        formula=N_("Sum of the costs of the ledger"),
        source="now",
    ),
    Metric(
        "economics_brought",
        N_("Brought so far"),
        N_(
            "What these newcomers bought within 90 days, net of refunds. Their worth is what they are expected to bring in the long run."
        ),
        formula=N_("Orders of newcomers + what the programme noted besides"),
        source="now",
    ),
    Metric(
        "economics_sales",
        N_("Orders with it"),
        N_(
            "Value of the orders with which it was redeemed, after the coupon, as the till said. Most would have been placed anyway."
        ),
        formula=N_("Sum of the sales of the ledger"),
        source="now",
    ),
    Metric(
        "economics_left",
        N_("Left after it"),
        N_(
            "What stays of these orders at the margin, less what it cost; below 0 it cost more than these orders earned."
        ),
        formula=N_("Orders with it × margin − spent so far"),
        source="now",
    ),
    Metric(
        "economics_path",
        N_("Cost of a kept newcomer over time"),
        N_(
            "The band holds the true cost at all hours together with 95% certainty. "
            "Once its lower edge lies above the worth, the programme loses for certain."
        ),
        formula=N_("Cost of a newcomer ÷ interval of the share that stays"),
        source="now",
    ),
    Metric(
        "economics_evidence",
        N_("Evidence against it"),
        N_(
            "How far the evidence has come that something is not true which must be true of a healthy programme. "
            "Full, it pauses. A healthy programme is paused in fewer than 5 of 100 cases, however often one looks."
        ),
        formula=N_("Logarithm of the capital of who bets against it ÷ its threshold"),
        source="now",
    ),
    Metric(
        "referral_friends",
        N_("Friends who came"),
        N_("Friends within your reach who took an invitation; those that the guard refused do not count."),
        formula=N_("On the way + did it + too late + given back"),
        source="now",
    ),
    Metric(
        "referral_done",
        N_("Did it"),
        N_("Friends who really did what the programme asks for, and whose order was not given back."),
        formula=N_("Count of invitations"),
        source="now",
    ),
    Metric(
        "referral_given",
        N_("Benefits given"),
        N_("Benefits of friends and of those who invite that were given and not taken back."),
        formula=N_("Count of benefits"),
        source="now",
    ),
    Metric(
        "referral_inviting",
        N_("Inviting"),
        N_("Customers by whose links friends within your reach came."),
        formula=N_("Count of customers"),
        source="now",
    ),
)
