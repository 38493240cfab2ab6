"""Further named queries beside the same question by hand: grades within stores, by thresholds, and cohorts' returns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Contest, Prepared, Side
from benchmarks.compare.questions.orders import DAY, NEAR_HAND, by_hand, graded, named, write
from benchmarks.compare.questions.rfm import BUYERS_BY_HAND

_WITHIN_STORE = """
WITH buyer AS (
    SELECT customer_id, count(*) AS orders, count(DISTINCT business_date) AS order_days,
        sum(CASE WHEN currency = 'CNY' THEN total_minor - refunded_minor ELSE 0 END)::BIGINT AS spend_minor,
        min(business_date) AS first_order_date, max(business_date) AS last_order_date,
        date_diff('day', max(business_date), DATE '2026-07-01') - 1 AS recency_days,
        arg_max(store_id, (business_date, order_id))::VARCHAR AS group_key
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
    GROUP BY customer_id
)
SELECT *,
    (1 + 5 * (2 * (rank() OVER (PARTITION BY group_key ORDER BY recency_days DESC) - 1)
        + count(*) OVER (PARTITION BY group_key, recency_days))
        // (2 * count(*) OVER (PARTITION BY group_key)))::SMALLINT AS r,
    (1 + 5 * (2 * (rank() OVER (PARTITION BY group_key ORDER BY orders) - 1)
        + count(*) OVER (PARTITION BY group_key, orders))
        // (2 * count(*) OVER (PARTITION BY group_key)))::SMALLINT AS f,
    (1 + 5 * (2 * (rank() OVER (PARTITION BY group_key ORDER BY spend_minor) - 1)
        + count(*) OVER (PARTITION BY group_key, spend_minor))
        // (2 * count(*) OVER (PARTITION BY group_key)))::SMALLINT AS m
FROM buyer
"""

_BY_THRESHOLDS = f"""{BUYERS_BY_HAND}
SELECT customer_id, orders, order_days, spend_minor, first_order_date, last_order_date, recency_days, '' AS group_key,
    (CASE WHEN recency_days <= 30 THEN 5 WHEN recency_days <= 90 THEN 4 WHEN recency_days <= 180 THEN 3
        WHEN recency_days <= 365 THEN 2 ELSE 1 END)::SMALLINT AS r,
    (CASE WHEN orders >= 10 THEN 5 WHEN orders >= 5 THEN 4 WHEN orders >= 3 THEN 3 WHEN orders >= 2 THEN 2
        ELSE 1 END)::SMALLINT AS f,
    (CASE WHEN spend_minor >= 200000 THEN 5 WHEN spend_minor >= 80000 THEN 4 WHEN spend_minor >= 30000 THEN 3
        WHEN spend_minor >= 10000 THEN 2 ELSE 1 END)::SMALLINT AS m
FROM buyer
"""

_RETURNS = """
WITH sale AS (
    SELECT customer_id, business_date FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
),
member AS (
    SELECT customer_id, min(business_date) AS first_date, strftime(min(business_date), '%Y-%m') AS group_key
    FROM sale GROUP BY customer_id HAVING min(business_date) >= DATE '2025-07-01'
),
watched AS (
    SELECT group_key, 'watched' AS counted, (date_diff('day', first_date, DATE '2026-07-01') - 1) // 30 AS span,
        count(*) AS customers
    FROM member GROUP BY ALL
),
later AS (
    SELECT DISTINCT group_key, customer_id, first_date, (date_diff('day', first_date, business_date) + 29) // 30 AS span
    FROM member JOIN sale USING (customer_id)
    WHERE business_date > first_date
),
active AS (
    SELECT group_key, 'active' AS counted, span, count(*) AS customers
    FROM later WHERE span <= (date_diff('day', first_date, DATE '2026-07-01') - 1) // 30
    GROUP BY ALL
)
SELECT group_key, counted, span::INTEGER AS span, customers FROM watched
UNION ALL
SELECT group_key, counted, span::INTEGER AS span, customers FROM active
ORDER BY 1, 2, 3
"""

_RETURNS_ASKED = {"grouping": "month", "since_date": date(2025, 7, 1), "end_date": DAY, "stores": None, "most": 40}


def _beside_hand(
    *,
    name: str,
    title: str,
    ask: Callable[[Path, Callable[[Any], dict[str, float]]], Prepared],
    sql: str,
    told: tuple[str, ...],
) -> Contest:
    """Return the contest of a question to the product with the same by hand; both must have the same sums of some columns."""

    def tell(rows: Any) -> dict[str, float]:
        import pyarrow.compute as pc

        return {"rows": rows.num_rows, **{column: pc.sum(rows.column(column)).as_py() for column in told}}

    def ours(folder: Path) -> Prepared:
        return ask(folder, tell)

    def theirs(folder: Path) -> Prepared:
        return by_hand(folder, sql, tell)

    return Contest(
        name=name,
        title=title,
        unit="orders",
        sizes=(100_000, 1_000_000, 10_000_000),
        write=write,
        sides={"yutang": Side(ours), "duckdb by hand": Side(theirs)},
        promises=(NEAR_HAND,),
    )


CONTESTS = (
    _beside_hand(
        name="rfm_within_store",
        title="Recency, frequency and money graded within each store",
        ask=lambda folder, tell: graded(folder, {"within": "store"}, tell),
        sql=_WITHIN_STORE,
        told=("orders", "order_days", "spend_minor", "r", "f", "m"),
    ),
    _beside_hand(
        name="rfm_by_thresholds",
        title="Recency, frequency and money graded by thresholds",
        ask=lambda folder, tell: graded(folder, {"method": "thresholds"}, tell),
        sql=_BY_THRESHOLDS,
        told=("orders", "order_days", "spend_minor", "r", "f", "m"),
    ),
    _beside_hand(
        name="cohort_returns",
        title="How many of a month's newcomers came back within every 30 days",
        ask=lambda folder, tell: named(folder, "insight.cohort_returns", _RETURNS_ASKED, tell),
        sql=_RETURNS,
        told=("span", "customers"),
    ),
)
