"""What the numbers of the business mean: sales and their factors, newcomers, traffic, and what one customer spent."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

BUSINESS = (
    Metric(
        "sales",
        N_("Sales"),
        N_("What buyers paid, less refunds. Cancelled orders do not count."),
        formula=N_("Buyers × orders a buyer × order value, and what unknown buyers paid"),
        term="sales",
    ),
    Metric(
        "buyers",
        N_("Buyers"),
        N_("Known people with at least one sale in the period."),
        formula=N_("Count of people, each once"),
        term="buyers",
    ),
    Metric(
        "orders_per_buyer",
        N_("Orders a buyer"),
        N_("How often a known buyer bought in the period, on average."),
        formula=N_("Sales to known people ÷ these people"),
        term="repurchase",
    ),
    Metric(
        "order_value",
        N_("Order value of known buyers"),
        N_(
            "What a basket of a known buyer brings, on average. The page “where” shows it over all orders, those of unknown buyers too."
        ),
        formula=N_("Sales to known people in money ÷ their number"),
        term="order_value",
    ),
    Metric(
        "order_value_all",
        N_("Order value, all orders"),
        N_(
            "What an order brings on average, those of unknown buyers too; the dashboard shows it of known buyers only."
        ),
        formula=N_("Sales ÷ orders"),
        term="order_value",
    ),
    Metric(
        "sales_change",
        N_("Why sales moved"),
        N_(
            "Each factor gets the mean of what it changes over all orders in which the factors may change one after "
            "the other (Shapley). The parts are rounded so that they add up to the difference to the last cent. What "
            "is new or gone is a part of its own. The split is made in each group and added up, so a part may point "
            "another way than its overall ratio."
        ),
        formula=N_("Sales now − sales before = sum of the parts"),
        term="shapley",
    ),
    Metric(
        "buyers_by_place",
        N_("Buyers"),
        N_(
            "Known people with at least one sale. Who bought at two stores is one buyer at each of them, and one of their region."
        ),
        formula=N_("Count of people, each once in each row"),
        term="buyers",
    ),
    Metric(
        "store_map",
        N_("Map of the stores"),
        N_(
            "Size: the customers whom a store looks after, or its sales in these days. Colour: its sales against the days "
            "before. Where customers live is not on the map: their addresses are sealed and have no coordinates."
        ),
        term="sales",
    ),
    Metric(
        "daily_sales",
        N_("Daily sales"),
        N_(
            "Sales of each business day of the store where the order was placed, less what was given back of its "
            "orders."
        ),
        formula=N_("Sum of the order totals of the day − refunds of these orders"),
        term="sales",
    ),
    Metric(
        "store_sales",
        N_("Sales in stores"),
        N_("Sales of the stores whose visitors are counted: the part of sales that footfall can explain."),
        formula=N_("Traffic × entry rate × conversion × order value"),
        term="traffic",
    ),
    Metric(
        "passers_by",
        N_("Traffic"),
        N_("How many people passed the counted stores, as their counters say."),
        term="traffic",
    ),
    Metric(
        "entries",
        N_("Entries"),
        N_("How many people came into the counted stores, as their counters say."),
        term="traffic",
    ),
    Metric(
        "entry_rate",
        N_("Entry rate"),
        N_("Of all who passed by, the share that came in."),
        formula=N_("Entries ÷ passers-by"),
        term="entry_rate",
    ),
    Metric(
        "conversion",
        N_("Conversion"),
        N_("Of all who came in, the share that bought."),
        formula=N_("Orders ÷ entries"),
        term="conversion",
    ),
    Metric(
        "visit_value",
        N_("Order value"),
        N_("What an order in a counted store brings, on average."),
        formula=N_("Sales ÷ orders"),
        term="order_value",
    ),
    Metric(
        "purchases_before",
        N_("Before"),
        N_("What was bought in the days to compare with, less refunds."),
        term="sales",
    ),
    Metric(
        "purchases_now",
        N_("Now"),
        N_("What was bought in the days asked about, less refunds."),
        term="sales",
    ),
    Metric(
        "cohorts",
        N_("Came back by month"),
        N_("Of all people whose first order lies in a month: the share that bought again so many months later."),
        formula=N_("People of the month with an order in that later month ÷ people of the month"),
        term="cohort",
    ),
    Metric(
        "first_time_buyers",
        N_("First-time buyers"),
        N_("People whose first order of all lies in these months."),
        formula=N_("Count of people, each once"),
        term="newcomer",
    ),
    Metric(
        "came_back",
        N_("Came back so far"),
        N_("How many of them ordered again on a later day, up to now."),
        formula=N_("People with a second order day"),
        term="repurchase",
    ),
    Metric(
        "within_90",
        N_("Within 90 days"),
        N_(
            "Share of first-time buyers with a second order day within 90 days. Who has been watched for less counts "
            "as long as that was."
        ),
        formula=N_("1 − Kaplan-Meier estimate at day 90"),
        term="kaplan_meier",
    ),
    Metric(
        "half_back",
        N_("Half come back within"),
        N_("So many days after the first order half of the first-time buyers have ordered again."),
        formula=N_("First day at which the Kaplan-Meier estimate is at most one half"),
        term="kaplan_meier",
    ),
    Metric(
        "waiting",
        N_("How long until the second order"),
        N_(
            "Share of first-time buyers with a second order day after so many days. Who has none yet counts for as "
            "long as orders are known (Kaplan-Meier); the band is the 95 % interval."
        ),
        term="kaplan_meier",
    ),
    Metric(
        "spans",
        N_("Who bought again, by the first order"),
        N_(
            "Of all people of a row who have been watched so long: the share that bought in each span of 30 days after "
            "the first order. Shares of fewer than 20 people are not told."
        ),
        term="cohort",
    ),
    Metric(
        "funnel_steps",
        N_("The steps"),
        N_(
            "Two to eight steps in their order: events that other systems send, and paid orders; each may be limited to a store or "
            "a channel. A step that asks for the same kind again takes only what happened later than the step before."
        ),
        term="funnel",
    ),
    Metric(
        "funnel_people",
        N_("How far they come"),
        N_(
            "People who took all steps up to this one in their order, the last of them within the window after the first. Other events may "
            "lie between; only what happened in the days and stores chosen counts."
        ),
        formula=N_("Count of people, each once"),
        term="funnel",
    ),
    Metric(
        "funnel_whole",
        N_("Took all steps"),
        N_("Of those who took the first step, the share that took the last one."),
        formula=N_("People of the last step ÷ people of the first"),
        term="funnel",
    ),
    Metric(
        "funnel_before",
        N_("Of the step before"),
        N_("Of those who took the step before, the share that took this one."),
        formula=N_("People of the step ÷ people of the step before"),
        term="funnel",
    ),
    Metric(
        "funnel_wait",
        N_("Half within"),
        N_(
            "Half of those who took the step took it within so long after the step before. An order of which only the day is known "
            "counts at the end of that day."
        ),
        formula=N_("Median of: first time that the step was taken − last time before of the step before"),
        term="funnel",
    ),
    Metric(
        "funnel_stopped",
        N_("Stopped here"),
        N_("People who took this step and no further one within the window: the number leads to them."),
        formula=N_("People of the step − people of the next"),
        term="funnel",
    ),
    Metric(
        "funnel_groups",
        N_("By where they began"),
        N_(
            "Each person counts once: with the store or channel of the event with which the way began that came furthest. The groups "
            "add up to the whole; the small share is that of the step before."
        ),
        term="funnel",
    ),
    Metric(
        "next_product",
        N_("What is bought next"),
        N_(
            "Of all people who bought the first product and came back on a later day: the share that bought the second "
            "on the next order day, and how many times as often that is as after anything. Told from 30 people and 5 "
            "followers on, and only so many pairs that at most one in ten may be chance."
        ),
        formula=N_(
            "Times as often = share after the first product ÷ share after anything; “at least” is the lower end of its "
            "95 % interval"
        ),
        term="lift",
    ),
    Metric(
        "earlier_share",
        N_("Sales to earlier buyers"),
        N_(
            "Of the sales to known buyers, the share that went to people who had bought before the period: traffic "
            "that is yours and costs no advertising."
        ),
        formula=N_("Sales to earlier buyers ÷ sales to known buyers"),
        term="owned_traffic",
    ),
    Metric(
        "cost_per_order",
        N_("Cost an order"),
        N_("What was paid for advertising, by all orders of the period."),
        formula=N_("Advertising ÷ orders"),
        term="bought_traffic",
    ),
    Metric(
        "cost_per_newcomer",
        N_("Cost a newcomer"),
        N_("What was paid for advertising, by the people who bought for the first time."),
        formula=N_("Advertising ÷ first-time buyers"),
        term="bought_traffic",
    ),
    Metric(
        "cost_per_kept",
        N_("Cost a kept customer"),
        N_(
            "Newcomers who ordered again within 90 days. Only those whose 90 days are over count, and only what was "
            "paid on their days."
        ),
        formula=N_("Advertising of their days ÷ kept newcomers"),
        term="kept",
    ),
    Metric(
        "kept_newcomers",
        N_("Kept / watched long enough"),
        N_("Newcomers who ordered again within 90 days, of those whose 90 days are over."),
        formula=N_("Kept newcomers / newcomers watched for 90 days"),
        term="kept",
    ),
    Metric(
        "channel_orders",
        N_("Orders and newcomers"),
        N_(
            "Orders of the period by channel, how many of them earlier buyers placed, and how many people bought there "
            "for the first time."
        ),
        term="newcomer",
    ),
    Metric(
        "channel_cost",
        N_("Cost"),
        N_("What was paid for advertising whose buyers order in this channel, as the imported cost files say."),
        term="bought_traffic",
    ),
    Metric(
        "own_spend",
        N_("Spent"),
        N_("What this customer paid in all, less refunds. Cancelled orders do not count."),
        formula=N_("Sum of the order totals − refunds"),
        term="sales",
    ),
    Metric(
        "own_orders",
        N_("Orders"),
        N_("Orders of the customer that were not cancelled."),
    ),
    Metric(
        "own_order_value",
        N_("Order value"),
        N_("What a basket of this customer brings, on average."),
        formula=N_("Spent ÷ orders"),
        term="order_value",
    ),
    Metric(
        "last_order",
        N_("Last order"),
        N_("Business day of the latest order that was not cancelled."),
        term="recency",
    ),
    Metric(
        "spend_by_month",
        N_("Spent by month"),
        N_("What the customer paid in each calendar month, after refunds; the latest 36 months at most."),
        term="sales",
    ),
)
