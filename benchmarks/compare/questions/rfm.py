"""Recency, frequency, money of every customer with grades in fifths, by midrank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Contest, Prepared
from benchmarks.compare.questions.orders import (
    DAY,
    NEAR_HAND,
    NEAR_OTHERS,
    at_every_size,
    by_hand,
    chdb_rows,
    glob_of,
    graded,
    in_memory,
    pandas_sales,
    polars_sales,
    told_by_pandas,
    write,
)

#: A grade in fifths of a column: by the middle of the ranks of equal values.
_GRADE = "(1 + 5 * (2 * (rank() OVER (ORDER BY {order}) - 1) + count(*) OVER (PARTITION BY {column})) // (2 * count(*) OVER ()))::SMALLINT"

#: Every buyer, before any grade.
BUYERS_BY_HAND = """
WITH buyer AS (
    SELECT customer_id, count(*) AS orders, count(DISTINCT business_date) AS order_days,
        sum(CASE WHEN currency = 'CNY' THEN total_minor - refunded_minor ELSE 0 END)::BIGINT AS spend_minor,
        min(business_date) AS first_order_date, max(business_date) AS last_order_date,
        date_diff('day', max(business_date), DATE '2026-07-01') - 1 AS recency_days
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
    GROUP BY customer_id
)
"""

BY_HAND = f"""{BUYERS_BY_HAND}
SELECT customer_id, orders, order_days, spend_minor, first_order_date, last_order_date, recency_days, '' AS group_key,
    {_GRADE.format(order="recency_days DESC", column="recency_days")} AS r,
    {_GRADE.format(order="orders", column="orders")} AS f,
    {_GRADE.format(order="spend_minor", column="spend_minor")} AS m
FROM buyer
"""

_CH_GRADE = "1 + intDiv(5 * (2 * (rank() OVER (ORDER BY {order}) - 1) + count() OVER (PARTITION BY {column})), 2 * count() OVER ())"
_CH = f"""
WITH buyer AS (
    SELECT customer_id, count() AS orders, uniqExact(business_date) AS order_days,
        sum(if(currency = 'CNY', total_minor - refunded_minor, 0)) AS spend_minor,
        min(business_date) AS first_order_date, max(business_date) AS last_order_date,
        dateDiff('day', max(business_date), toDate('2026-07-01')) - 1 AS recency_days
    FROM file('{{files}}', Parquet)
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < toDate('2026-07-01')
    GROUP BY customer_id
)
SELECT customer_id, orders, order_days, spend_minor, first_order_date, last_order_date, recency_days,
    {_CH_GRADE.format(order="recency_days DESC", column="recency_days")} AS r,
    {_CH_GRADE.format(order="orders", column="orders")} AS f,
    {_CH_GRADE.format(order="spend_minor", column="spend_minor")} AS m
FROM buyer
"""


def _yutang(folder: Path) -> Prepared:
    return graded(folder, {}, _told)


def _duckdb(folder: Path) -> Prepared:
    return by_hand(folder, BY_HAND, _told)


def _chdb(folder: Path) -> Prepared:
    return lambda: chdb_rows(_CH.format(files=glob_of(folder))), _told


def _polars(folder: Path) -> Prepared:
    import polars as pl

    def grade(column: str, *, descending: bool = False) -> Any:
        rank = pl.col(column).rank("min", descending=descending).cast(pl.Int64)
        return 1 + 5 * (2 * (rank - 1) + pl.len().over(column).cast(pl.Int64)) // (2 * pl.len().cast(pl.Int64))

    def ask() -> Any:
        sales = polars_sales(folder)
        net = pl.when(pl.col("currency") == "CNY").then(pl.col("total_minor") - pl.col("refunded_minor")).otherwise(0)
        buyers = (
            sales.group_by("customer_id")
            .agg(
                pl.len().alias("orders"),
                pl.col("business_date").n_unique().alias("order_days"),
                net.sum().alias("spend_minor"),
                pl.col("business_date").min().alias("first_order_date"),
                pl.col("business_date").max().alias("last_order_date"),
            )
            .with_columns(((pl.lit(DAY) - pl.col("last_order_date")).dt.total_days() - 1).alias("recency_days"))
            .collect(engine="streaming")
        )
        return buyers.with_columns(
            grade("recency_days", descending=True).alias("r"),
            grade("orders").alias("f"),
            grade("spend_minor").alias("m"),
        )

    return ask, lambda rows: _told(rows.to_arrow())


def _pandas(folder: Path) -> Prepared:
    import pandas as pd

    def grade(values: Any, *, ascending: bool = True) -> Any:
        before = values.rank(method="min", ascending=ascending).astype("int64") - 1
        return 1 + 5 * (2 * before + values.groupby(values).transform("size")) // (2 * len(values))

    def ask() -> Any:
        sales = pandas_sales(folder, "currency", "total_minor", "refunded_minor")
        sales = sales.assign(net=(sales["total_minor"] - sales["refunded_minor"]).where(sales["currency"] == "CNY", 0))
        grouped = sales.groupby("customer_id")
        buyers = grouped.agg(
            orders=("net", "size"), order_days=("day", "nunique"), spend_minor=("net", "sum"),
            first_order_date=("day", "min"), last_order_date=("day", "max"),
        )  # fmt: skip
        buyers["recency_days"] = (pd.Timestamp(DAY) - buyers["last_order_date"]).dt.days - 1
        buyers["r"] = grade(buyers["recency_days"], ascending=False)
        buyers["f"], buyers["m"] = grade(buyers["orders"]), grade(buyers["spend_minor"])
        return buyers.reset_index()

    return ask, told_by_pandas(_told)


def _told(rows: Any) -> dict[str, float]:
    import pyarrow.compute as pc

    columns = ("orders", "order_days", "spend_minor", "recency_days", "r", "f", "m")
    return {"rows": rows.num_rows, **{name: pc.sum(rows.column(name)).as_py() for name in columns}}


CONTEST = Contest(
    name="rfm",
    title="Recency, frequency and money of every customer, graded in fifths",
    unit="orders",
    sizes=(100_000, 1_000_000, 10_000_000),
    large=(100_000_000,),
    write=write,
    sides={
        **at_every_size(yutang=_yutang, duckdb=_duckdb, polars=_polars, chdb=_chdb),
        "pandas": in_memory(_pandas),
    },
    promises=(NEAR_HAND, NEAR_OTHERS),
)
