"""What the foreseen numbers mean: values of customers, and how well they were foreseen."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

FORESEEN = (
    Metric(
        "value_total",
        N_("Value of the coming year"),
        N_("What all customers with an order are expected to bring in the coming 365 days, net of refunds."),
        formula=N_("Sum over customers of: chance to be a customer still × expected orders × worth of an order"),
        source="values",
        term="customer_value",
    ),
    Metric(
        "value_each",
        N_("A customer"),
        N_("What a customer with an order is expected to bring in the coming year, on average."),
        formula=N_("Value of the coming year ÷ customers with an order"),
        source="values",
        term="customer_value",
    ),
    Metric(
        "top_fifth",
        N_("Brought by the best fifth"),
        N_("What share of the expected value the most valuable fifth of the customers brings."),
        formula=N_("Value of the best 20 % ÷ value of all"),
        source="values",
        term="customer_value",
    ),
    Metric(
        "orders_soon",
        N_("Orders in 30 days"),
        N_("Expected orders of all customers in the coming 30 days."),
        formula=N_("Sum of the expected orders of each customer (BG/NBD)"),
        source="values",
        term="bg_nbd",
    ),
    Metric(
        "value_bands",
        N_("How is value spread?"),
        N_("How many customers are expected to bring how much, and what those of a band bring together."),
        source="values",
        term="customer_value",
    ),
    Metric(
        "value_curve",
        N_("How much hangs on a few?"),
        N_(
            "Customers are put in a row, the most valuable first. The line shows what share of the value the first so "
            "many bring together; the dashed line is how it would be if all were worth the same."
        ),
        source="values",
        term="customer_value",
    ),
    Metric(
        "value_fifths",
        N_("Who are the best fifth?"),
        N_(
            "All customers with an order in a row by expected value, cut into five groups of the same size. Expected "
            "orders, worth of an order and chance are means over the customers of a group; in danger are those at risk "
            "or asleep."
        ),
        source="values",
        term="customer_value",
    ),
    Metric(
        "customer_value",
        N_("Value of the coming year"),
        N_("What this customer is expected to bring in the coming 365 days, net of refunds."),
        formula=N_("Chance to be a customer still × expected orders × worth of an order"),
        source="values",
        term="customer_value",
    ),
    Metric(
        "value_range",
        N_("In four of five cases"),
        N_("The value lies between these two in four of five cases."),
        formula=N_("One customer in ten like this brings less than the lower end, one in ten more than the upper one"),
        source="values",
        term="interval",
    ),
    Metric(
        "expected_orders",
        N_("Expected orders"),
        N_("Order days that are expected in the coming 365 days."),
        formula=N_("BG/NBD (Fader, Hardie & Lee 2005)"),
        source="values",
        term="bg_nbd",
    ),
    Metric(
        "p_alive",
        N_("Still a customer"),
        N_("The chance that the customer has not stopped buying from you for good."),
        formula=N_("BG/NBD: by how often and how lately the customer ordered, and since when"),
        source="values",
        term="p_alive",
    ),
    Metric(
        "next_order",
        N_("Next order"),
        N_("If still a customer: half of those like this one order again by this day."),
        formula=N_("Median of the time to the next order (BG/NBD)"),
        source="values",
        term="next_order",
    ),
    Metric(
        "value_moved",
        N_("Change of value"),
        N_("How much the expected value rose or fell within 30 days."),
        formula=N_("Value now − value 30 days before"),
        source="values",
        term="customer_value",
    ),
    Metric(
        "check_total",
        N_("Sum of orders"),
        N_("All orders foreseen for the days held out, against those that came. Several orders of a day count as one."),
        formula=N_("Orders foreseen ÷ orders that came − 1"),
        source="check",
        term="held_out",
    ),
    Metric(
        "check_correlation",
        N_("Who orders more"),
        N_("How well it was told who orders more than whom; 0 is a guess, 1 is perfect."),
        formula=N_("Correlation of foreseen and actual orders over customers"),
        source="check",
        term="held_out",
    ),
    Metric(
        "check_brier",
        N_("Nearer than one chance for all"),
        N_("How much nearer to what happened the chances were than one chance for everybody (Brier score)."),
        formula=N_(
            "1 − Brier score of the chances ÷ Brier score of one chance for all; Brier score: mean of (chance − 1)² of "
            "who ordered and chance² of who did not"
        ),
        source="check",
        term="brier",
    ),
    Metric(
        "check_gap",
        N_("Chance against share"),
        N_(
            "Customers are put into tenths by the chance that was said. Shown is how far that chance lies from the "
            "share that ordered, on average over customers."
        ),
        formula=N_("Mean of |chance said − share that ordered|"),
        source="check",
        term="brier",
    ),
    Metric(
        "check_weeks",
        N_("Repeat purchases"),
        N_(
            "Repeat purchases of all customers who came before the line, from the day of the first sale on. The models "
            "know only when each one came first and everything up to the line (Fader, Hardie & Lee 2005, figures 4 and "
            "5)."
        ),
        source="check",
        term="held_out",
    ),
    Metric(
        "check_frequency",
        N_("Orders by how often somebody had come back"),
        N_(
            "Customers are grouped by how often they had come back before the line. Shown is how many orders each "
            "placed in the days held out, on average, and how many were foreseen."
        ),
        source="check",
        term="held_out",
    ),
    Metric(
        "check_chances",
        N_("Chance of an order"),
        N_(
            "Customers are grouped by the chance of an order that was said of them. On the line it came true as often "
            "as it was said; the bar is the 95% interval, a larger dot stands for more customers."
        ),
        source="check",
        term="brier",
    ),
    Metric(
        "check_alive",
        N_("Still a customer, and ordered"),
        N_(
            "Only customers who had come back: by the models nobody stops before. Who is a customer still does not "
            "always order in the days held out, so the share is compared with the chance of an order that follows."
        ),
        source="check",
        term="p_alive",
    ),
    Metric(
        "check_forecasts",
        N_("Against simpler forecasts"),
        N_(
            "The models beside forecasts that need none: how far off the sum of orders was, how far foreseen and "
            "actual orders of a customer lie apart on average, and how well it was told who orders more."
        ),
        source="check",
        term="held_out",
    ),
    Metric(
        "check_groups",
        N_("Which groups have models of their own?"),
        N_(
            "Models fitted to one group alone are used where they foresaw the group's later days better than those for "
            "all in both measures: likelier by the log score, and not farther off (root of the mean square), and by "
            "more than models of random groups do (5% over all groups together: Diebold & Mariano 1995, West 1996, "
            "Holm 1979)."
        ),
        source="check",
        term="held_out",
    ),
)
