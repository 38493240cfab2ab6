"""What the numbers of visits and prepaid balances mean."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

VISITS = (
    Metric(
        "visits_coming",
        N_("To come"),
        N_("Visits that are booked for this day and to which nobody came yet."),
        formula=N_("Count of bookings"),
        source="now",
    ),
    Metric(
        "visits_came",
        N_("Came to the store"),
        N_("Customers who were checked in on a booking for this day, or noted without one."),
        formula=N_("Count of visits"),
        source="now",
    ),
    Metric(
        "visits_missed",
        N_("Did not come"),
        N_("Bookings of this day to which nobody came within the hours that the settings say."),
        formula=N_("Count of bookings"),
        source="now",
    ),
    Metric(
        "visits_offered",
        N_("Upgrade offered"),
        N_("Visits of this day at which staff noted that an upgrade was offered."),
        formula=N_("Count of visits"),
        source="now",
    ),
    Metric(
        "hook_funnel",
        N_("From the offer to the balance"),
        N_(
            "How many of those who took up a low-price offer in the period paid it, booked a visit, came, bought more at the visit "
            "than the offer cost, and topped up a balance within 30 days after. An order counts as an upgrade when it was placed at "
            "the store of the visit, on its day, after the check-in, and is worth more than the offer, net of refunds."
        ),
        formula=N_("Count of people; the percentage is of the step before, of those who came for the last two"),
        source="now",
    ),
    Metric(
        "hook_upgrades",
        N_("Upgrades"),
        N_("Value of the orders at the visit that were larger than the offer, net of refunds."),
        formula=N_("Sum over people of the funnel"),
        source="now",
    ),
    Metric(
        "hook_top_ups",
        N_("Topped up after"),
        N_("Principal that those who came paid in within 30 days after their visit."),
        formula=N_("Sum over people of the funnel"),
        source="now",
    ),
    Metric(
        "balance_owed",
        N_("Owed to customers"),
        N_(
            "Principal that customers paid in and did not spend: it can be paid out. Bonus stands beside it and cannot."
        ),
        formula=N_("Sum over balances"),
        source="now",
    ),
    Metric(
        "balance_paid_in",
        N_("Paid in"),
        N_("Principal that was topped up in the last 30 days."),
        formula=N_("Sum over movements"),
        source="now",
    ),
    Metric(
        "balance_spent",
        N_("Spent from balances"),
        N_("What was paid with balances in the last 30 days, less returned purchases."),
        formula=N_("Sum over movements"),
        source="now",
    ),
    Metric(
        "balance_gift",
        N_("Bonus given"),
        N_("Bonus that was given on top in the last 30 days, less what lapsed when principal was paid out."),
        formula=N_("Sum over movements"),
        source="now",
    ),
)
