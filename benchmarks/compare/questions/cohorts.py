"""Cohorts by month of the first sale, and how many of each bought in every month after it."""

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
    in_memory,
    named,
    pandas_sales,
    polars_sales,
    told_by_pandas,
    write,
)

#: Cohorts of the last 24 months, counted from the year 0.
_FIRST_MONTH = 2024 * 12 + 6

BY_HAND = f"""
WITH active AS (
    SELECT DISTINCT customer_id, year(business_date) * 12 + month(business_date) - 1 AS active_in
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
),
first AS (SELECT customer_id, min(active_in) AS cohort_month FROM active GROUP BY customer_id)
SELECT cohort_month, active_in - cohort_month AS month_offset, count(*) AS customers
FROM first JOIN active USING (customer_id)
WHERE cohort_month >= {_FIRST_MONTH}
GROUP BY ALL ORDER BY 1, 2
"""

_CH = f"""
WITH active AS (
    SELECT DISTINCT customer_id, toYear(business_date) * 12 + toMonth(business_date) - 1 AS active_in
    FROM file('{{files}}', Parquet)
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < toDate('2026-07-01')
),
member AS (SELECT customer_id, groupArray(active_in) AS months, min(active_in) AS cohort_month FROM active GROUP BY customer_id)
SELECT cohort_month, active_in - cohort_month AS month_offset, count() AS customers
FROM member ARRAY JOIN months AS active_in
WHERE cohort_month >= {_FIRST_MONTH}
GROUP BY cohort_month, month_offset ORDER BY 1, 2
"""


def _yutang(folder: Path) -> Prepared:
    params = {"first_month": _FIRST_MONTH, "end_date": DAY, "stores": None}
    return named(folder, "insight.cohorts", params, _told)


def _duckdb(folder: Path) -> Prepared:
    return by_hand(folder, BY_HAND, _told)


def _chdb(folder: Path) -> Prepared:
    return lambda: chdb_rows(_CH.format(files=glob_of(folder))), _told


def _polars(folder: Path) -> Prepared:
    import polars as pl

    def ask() -> Any:
        day = pl.col("business_date")
        active = (
            polars_sales(folder)
            .select("customer_id", (day.dt.year() * 12 + day.dt.month().cast(pl.Int32) - 1).alias("active_in"))
            .unique()
            .collect(engine="streaming")
        )
        return (
            active.with_columns(pl.col("active_in").min().over("customer_id").alias("cohort_month"))
            .filter(pl.col("cohort_month") >= _FIRST_MONTH)
            .group_by("cohort_month", (pl.col("active_in") - pl.col("cohort_month")).alias("month_offset"))
            .agg(pl.len().alias("customers"))
            .sort("cohort_month", "month_offset")
        )

    return ask, lambda rows: _told(rows.to_arrow())


def _pandas(folder: Path) -> Prepared:
    def ask() -> Any:
        sales = pandas_sales(folder)
        active = sales.assign(active_in=sales["day"].dt.year * 12 + sales["day"].dt.month - 1)
        active = active[["customer_id", "active_in"]].drop_duplicates()
        active["cohort_month"] = active.groupby("customer_id")["active_in"].transform("min")
        active = active[active["cohort_month"] >= _FIRST_MONTH]
        active["month_offset"] = active["active_in"] - active["cohort_month"]
        return active.groupby(["cohort_month", "month_offset"]).size().reset_index(name="customers")

    return ask, told_by_pandas(_told)


def _told(rows: Any) -> dict[str, float]:
    cells = zip(*(rows.column(name).to_pylist() for name in ("cohort_month", "month_offset", "customers")), strict=True)
    return {
        "rows": rows.num_rows,
        "cells": sum((month - 24_000) * (1 + offset) * people for month, offset, people in cells),
    }


CONTEST = Contest(
    name="cohorts",
    title="Cohorts by month of the first sale, and who of them bought in each month after it",
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
