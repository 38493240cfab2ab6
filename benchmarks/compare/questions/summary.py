"""What models of customer value start from: repeat days, recency, age and mean spend of every customer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Contest, Prepared
from benchmarks.compare.questions.orders import (
    DAY,
    NEAR_OTHERS,
    at_every_size,
    by_hand,
    chdb_rows,
    glob_of,
    in_memory,
    pandas_sales,
    polars_sales,
    product_engine,
    write,
)

BY_HAND = """
WITH bought AS (
    SELECT customer_id, business_date, sum(total_minor - refunded_minor) AS net_minor
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01' AND currency = 'CNY'
    GROUP BY customer_id, business_date
),
ranged AS (
    SELECT customer_id, count(*) - 1 AS x, min(business_date) AS first_date, max(business_date) AS last_date,
        sum(net_minor) - arg_min(net_minor, business_date) AS repeat_minor
    FROM bought GROUP BY customer_id
)
SELECT customer_id, x, last_date - first_date AS t_x, DATE '2026-06-30' - first_date AS age,
    CASE WHEN x > 0 THEN repeat_minor / x ELSE 0 END AS mean_minor
FROM ranged
"""

_CH = """
WITH bought AS (
    SELECT customer_id, business_date, sum(total_minor - refunded_minor) AS net_minor
    FROM file('{files}', Parquet)
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < toDate('2026-07-01') AND currency = 'CNY'
    GROUP BY customer_id, business_date
)
SELECT customer_id, count() - 1 AS x, dateDiff('day', min(business_date), max(business_date)) AS t_x,
    dateDiff('day', min(business_date), toDate('2026-06-30')) AS age,
    if(x > 0, (sum(net_minor) - argMin(net_minor, business_date)) / x, 0) AS mean_minor
FROM bought GROUP BY customer_id
"""


def _yutang(folder: Path) -> Prepared:
    engine = product_engine(folder)
    from yutang.insight.valuing import purchase_summary

    def tell(summary: Any) -> dict[str, float]:
        # The product counts in weeks, the others in days.
        history = summary.histories()
        return {
            "rows": summary.customers,
            "x": float((history.x * history.weight).sum()),
            "t_x": float((history.t_x * history.weight).sum()) * 7,
            "age": float((history.T * history.weight).sum()) * 7,
        }

    return lambda: purchase_summary(engine, calibration_end=DAY, as_of=DAY, currency="CNY"), tell


def _duckdb(folder: Path) -> Prepared:
    return by_hand(folder, BY_HAND, _told)


def _chdb(folder: Path) -> Prepared:
    return lambda: chdb_rows(_CH.format(files=glob_of(folder))), _told


def _polars(folder: Path) -> Prepared:
    import polars as pl

    def ask() -> Any:
        day, net = pl.col("business_date"), pl.col("total_minor") - pl.col("refunded_minor")
        bought = (
            polars_sales(folder, pl.col("currency") == "CNY")
            .group_by("customer_id", "business_date")
            .agg(net.sum().alias("net_minor"))
        )
        repeat = pl.col("net_minor").sum() - pl.col("net_minor").sort_by("business_date").first()
        ranged = bought.group_by("customer_id").agg(
            (pl.len().cast(pl.Int64) - 1).alias("x"),
            (day.max() - day.min()).dt.total_days().alias("t_x"),
            (pl.lit(DAY - timedelta(days=1)) - day.min()).dt.total_days().alias("age"),
            repeat.alias("repeat_minor"),
        )
        mean = pl.when(pl.col("x") > 0).then(pl.col("repeat_minor") / pl.col("x")).otherwise(0)
        return ranged.with_columns(mean.alias("mean_minor")).collect(engine="streaming")

    return ask, lambda rows: _told(rows.to_arrow())


def _sales(folder: Path) -> Any:
    """Return the sales as both packages want them."""
    sales = pandas_sales(folder, "currency", "total_minor", "refunded_minor")
    sales = sales[sales["currency"] == "CNY"]
    return sales.assign(net=sales["total_minor"] - sales["refunded_minor"])[["customer_id", "day", "net"]]


def _lifetimes(folder: Path) -> Prepared:
    from lifetimes.utils import summary_data_from_transaction_data

    def ask() -> Any:
        return summary_data_from_transaction_data(
            _sales(folder), "customer_id", "day", "net", observation_period_end=DAY - timedelta(days=1), freq="D"
        )

    return ask, _frame_told


def _pymc(folder: Path) -> Prepared:
    from pymc_marketing.clv.utils import rfm_summary

    def ask() -> Any:
        return rfm_summary(
            _sales(folder),
            "customer_id",
            "day",
            "net",
            observation_period_end=str(DAY - timedelta(days=1)),
            time_unit="D",
        )

    return ask, _frame_told


def _frame_told(frame: Any) -> dict[str, float]:
    return {
        "rows": len(frame),
        "x": float(frame["frequency"].sum()),
        "t_x": float(frame["recency"].sum()),
        "age": float(frame["T"].sum()),
    }


def _told(rows: Any) -> dict[str, float]:
    import pyarrow.compute as pc

    return {"rows": rows.num_rows, **{name: float(pc.sum(rows.column(name)).as_py()) for name in ("x", "t_x", "age")}}


CONTEST = Contest(
    name="summary",
    title="Repeat days, recency, age and mean spend of every customer, from which models of customer value start",
    unit="orders",
    sizes=(100_000, 1_000_000, 10_000_000),
    large=(100_000_000,),
    write=write,
    sides={
        **at_every_size(yutang=_yutang, duckdb=_duckdb, polars=_polars, chdb=_chdb),
        "lifetimes": in_memory(_lifetimes),
        "pymc-marketing": in_memory(_pymc),
    },
    shared=1e-9,
    promises=(NEAR_OTHERS,),
)
