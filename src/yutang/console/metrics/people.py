"""What the numbers about people mean: stages, grades, segments, and what came of the day's work."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

PEOPLE = (
    Metric(
        "stage",
        N_("Stage"),
        N_(
            "Where a customer stands in life: told by the pause since the last order against the customer's own "
            "rhythm. Everybody stands in exactly one stage."
        ),
        formula=N_(
            "At risk after 3 usual pauses, asleep after 6, lost after 12; where a model of orders is fitted, by the "
            "chance to be a customer still: below 1/2, 1/4, 1/10"
        ),
        source="scores",
        term="stage",
    ),
    Metric(
        "stage_flow",
        N_("Where customers stand, and where they moved"),
        N_(
            "Left: where customers stood 30 days before; right: where they stand now. Each person is in exactly one "
            "stage, told by the pause since the last order against the person's own rhythm."
        ),
        source="scores",
        term="stage",
    ),
    Metric(
        "recency",
        N_("Recency"),
        N_("How lately the customer bought, from 1 (long ago) to 5 (just now)."),
        formula=N_("Fifth of all buyers by days since the last order, or the fixed thresholds of your shop"),
        source="scores",
        term="recency",
    ),
    Metric(
        "frequency",
        N_("Frequency"),
        N_("How often the customer bought, from 1 (seldom) to 5 (most often)."),
        formula=N_("Fifth of all buyers by number of orders, or the fixed thresholds of your shop"),
        source="scores",
        term="frequency",
    ),
    Metric(
        "money",
        N_("Money"),
        N_("How much the customer spent, from 1 (little) to 5 (most)."),
        formula=N_("Fifth of all buyers by spend after refunds, or the fixed thresholds of your shop"),
        source="scores",
        term="money",
    ),
    Metric(
        "rfm_grid_quintiles",
        N_("Recency by frequency"),
        N_(
            "Recency 5 is the fifth of the buyers who bought last, frequency 5 the fifth with the most orders; equal "
            "figures get the same grade. Beside each grade stands what its customers have. Choose a cell to see who "
            "stands in it."
        ),
        source="scores",
        term="rfm",
    ),
    Metric(
        "rfm_grid_thresholds",
        N_("Recency by frequency"),
        N_(
            "Grades follow fixed thresholds, which stand below. Beside each grade stands what its customers have. "
            "Choose a cell to see who stands in it."
        ),
        source="scores",
        term="rfm",
    ),
    Metric(
        "cell_groups",
        N_("Named groups of cells"),
        N_(
            "The 25 cells put together into five groups that one can act on, with their customers, their share of all, "
            "and what they spent together."
        ),
        formula=N_(
            "Core: R 4–5 and F 4–5; promising: R 4–5, F 1–3; cooling down: R 3; to be won back: R 1–2, F 4–5; gone "
            "quiet: R 1–2, F 1–3"
        ),
        source="scores",
        term="rfm",
    ),
    Metric(
        "rfm_moves",
        N_("Who moved within the month?"),
        N_(
            "Both grades are told from the orders before their own day, by the present rules: with fifths, a customer "
            "may move because others did. Who had not ordered before the first day is a new buyer."
        ),
        source="scores",
        term="rfm",
    ),
    Metric(
        "rfm_net",
        N_("Net change of each cell"),
        N_("How many more or fewer customers a cell has than a month before."),
        formula=N_("Customers now − customers a month before"),
        source="scores",
        term="rfm",
    ),
    Metric(
        "recency_days",
        N_("Days since the last order"),
        N_("Days from the last order to the day as of which grades are told."),
        source="scores",
        term="recency",
    ),
    Metric(
        "preset_quintiles",
        N_("By recency and frequency"),
        N_(
            "Recency: 5 is the fifth of the buyers who bought last. Frequency: 5 is the fifth with the most orders. "
            "Choose a cell to see its people."
        ),
        source="scores",
        term="rfm",
    ),
    Metric(
        "preset_thresholds",
        N_("By recency and frequency"),
        N_(
            "Recency and frequency are graded from 1 to 5 by the fixed thresholds of your shop. Choose a cell to see "
            "its people."
        ),
        source="scores",
        term="rfm",
    ),
    Metric(
        "gain",
        N_("Worth about"),
        N_("What a touch is expected to bring: it decides the order of the list."),
        formula=N_("Value at stake × chance that a touch helps"),
        source="scores",
        term="touch_chance",
    ),
    Metric(
        "touched",
        N_("Touched"),
        N_(
            "Customers of whom a task was marked done, also when nobody was reached, and to whom similar people were "
            "found."
        ),
        source="results",
        term="touch",
    ),
    Metric(
        "ordered_after",
        N_("Ordered within 30 days"),
        N_("Of the touched, the share that ordered within 30 days."),
        formula=N_("Touched who ordered ÷ touched"),
        source="results",
        term="touch",
    ),
    Metric(
        "similar",
        N_("Similar people"),
        N_(
            "Of as many people who had bought as often, as long ago and as dear on the same day, and whom nobody "
            "touched, the share that ordered within 30 days."
        ),
        source="results",
        term="similar_people",
    ),
    Metric(
        "effect",
        N_("Difference, points"),
        N_(
            "Customers who were touched against customers who had bought as often, as long ago and as dear on the same "
            "day and whom nobody touched. Whoever could not be reached counts as touched, so that the two stay "
            "comparable. The line holds the truth in four of five cases."
        ),
        formula=N_("Share of the touched − share of similar people"),
        source="results",
        term="increment",
    ),
    Metric(
        "more_sales",
        N_("Sales beyond similar people"),
        N_("What the touched spent within 30 days beyond what as many similar people did, less refunds."),
        formula=N_("Sales of the touched − sales of similar people"),
        source="results",
        term="increment",
    ),
    Metric(
        "touch_chance",
        N_("Chance that it helps"),
        N_(
            "How often a touch brings an order that would not have come without it. Assumed at first; every touch that "
            "is followed for 30 days moves it, and the order of the list with it."
        ),
        formula=N_("(100 × assumed + orders beyond similar people) ÷ (100 + touched)"),
        source="results",
        term="touch_chance",
    ),
    Metric(
        "proposals",
        N_("What became of the proposals"),
        N_(
            "Proposals of these days: how many were made, done, put aside as not useful, and how many ran out because "
            "their reason had gone or it was too late."
        ),
        source="results",
        term="proposal",
    ),
    Metric(
        "looked_after",
        N_("Customers looked after"),
        N_("Customers whom this member of staff looks after."),
        source="now",
    ),
    Metric(
        "open_tasks",
        N_("Open tasks"),
        N_("Tasks of today's list that this member of staff owns, and that are not done."),
        source="now",
    ),
    Metric(
        "segment_people",
        N_("People"),
        N_("How many people within your reach the rule holds of, by the orders that are known."),
        source="segments",
        term="segment",
    ),
    Metric(
        "segment_came",
        N_("Came"),
        N_("People of whom the rule holds at the latest look and did not at the one before."),
        source="segments",
        term="segment",
    ),
    Metric(
        "segment_left",
        N_("Left"),
        N_("People of whom the rule held at the look before the latest one and does not any more."),
        source="segments",
        term="segment",
    ),
    Metric(
        "segment_sizes",
        N_("Size over time"),
        N_("How many people the segment had at each look since its rule last changed."),
        source="segments",
        term="segment",
    ),
    Metric(
        "segment_compare",
        N_("Only one of them, or both"),
        N_("How many people belong to the first segment only, to both, and to the second only."),
        formula=N_("Share = people of the part ÷ people in one or both"),
        source="segments",
        term="segment",
    ),
    Metric(
        "segment_stages",
        N_("By stage"),
        N_(
            "How many people stand in each stage of life, told by the pause since the last order against the person's "
            "own rhythm."
        ),
        source="segments",
        term="stage",
    ),
)
