"""A segment of five conditions over people, scores and orders, as a rule and as a query by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Contest, Prepared, Side
from benchmarks.compare.questions.orders import DAY, NEAR_HAND, by_hand, product_engine, write

#: Loyal or growing, reachable by phone, three orders worth 500 in a year, none in the last month, 500 in live streams.
RULE: dict[str, Any] = {
    "version": 1,
    "rule": {
        "all": [
            {"field": "stage", "is": "in", "value": ["loyal", "growing"]},
            {"field": "has_phone", "is": "yes"},
            {"event": "order", "is": "at_least", "value": 3, "when": {"within_days": 365}},
            {
                "event": "order",
                "is": "at_least",
                "measure": "amount_minor",
                "value": 50_000,
                "when": {"within_days": 365},
                "where": [{"field": "channel", "is": "equals", "value": "live"}],
            },
            {"event": "order", "is": "did_not", "when": {"within_days": 30}},
        ]
    },
}

BY_HAND = """
WITH sale AS (
    SELECT customer_id,
        count(*) AS orders,
        sum(CASE WHEN channel = 'live' AND currency = 'CNY' THEN total_minor - refunded_minor ELSE 0 END) AS live_minor,
        max(business_date) AS last_date
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL
        AND business_date >= DATE '2025-07-01' AND business_date < DATE '2026-07-01'
    GROUP BY customer_id
)
SELECT person.customer_id
FROM customers_customer AS person
JOIN insight_score AS score ON score.customer_id = person.customer_id
JOIN sale ON sale.customer_id = person.customer_id
WHERE score.stage IN ('loyal', 'growing') AND person.phones > 0
    AND sale.orders >= 3 AND sale.live_minor >= 50000 AND sale.last_date < DATE '2026-06-01'
"""


def _yutang(folder: Path) -> Prepared:
    engine = product_engine(folder)
    from yutang.segments.rules.compiling import Standpoint, people_query
    from yutang.segments.rules.reading import rule_from_json

    def ask() -> Any:
        query = people_query(rule_from_json(RULE), Standpoint(DAY, "CNY"))
        return engine.execute(query.sql(), query.params)

    return ask, _told


def _duckdb(folder: Path) -> Prepared:
    return by_hand(folder, BY_HAND, _told, "orders_order", "customers_customer", "insight_score")


def _told(rows: Any) -> dict[str, float]:
    import pyarrow.compute as pc

    return {"rows": rows.num_rows, "people": pc.sum(rows.column("customer_id")).as_py() or 0}


CONTEST = Contest(
    name="segment",
    title="A segment of five conditions over people, scores and orders, its rule compiled anew each time",
    unit="orders",
    sizes=(100_000, 1_000_000, 10_000_000),
    large=(100_000_000,),
    write=write,
    sides={"yutang": Side(_yutang), "duckdb by hand": Side(_duckdb)},
    promises=(NEAR_HAND,),
)
