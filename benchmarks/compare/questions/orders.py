"""What the contests over orders share: the files, bare connections, the product's engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Prepared, Promise, Side

#: The day as of which everything is asked; orders lie in the 720 days before it.
DAY = date(2026, 7, 1)
#: Orders a customer, on the average.
ORDERS_PER_CUSTOMER = 10
#: Memory that each engine is given.
MEMORY = "2GB"
NEAR_HAND = Promise(1.3, ("duckdb by hand",))
NEAR_OTHERS = Promise(1.2, ("polars", "chdb"))


def write(folder: Path, size: int) -> None:
    """Write a lake with so many orders."""
    set_up(folder)
    from benchmarks.order_lake import order_lake

    order_lake(orders=size, customers=max(1, size // ORDERS_PER_CUSTOMER), root=folder / "lake")


def set_up(folder: Path) -> None:
    """Let Django stand on the folder."""
    os.environ["YUTANG_HOME"] = str(folder)
    os.environ["YUTANG_QUERY_MEMORY"] = MEMORY
    os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
    import django

    django.setup()


def files_of(folder: Path, table: str = "orders_order") -> list[str]:
    """Return the Parquet files of a table."""
    return sorted(str(path) for path in (folder / "lake" / table).glob("*.parquet"))


def product_engine(folder: Path) -> Any:
    """Return the product's engine over the lake of the folder."""
    set_up(folder)
    from yutang.insight.lake_reading import open_engine
    from yutang.lake.manifest import Lake

    return open_engine(Lake(folder / "lake").snapshot())


def named(folder: Path, query: str, params: Mapping[str, Any], tell: Callable[[Any], dict[str, float]]) -> Prepared:
    """Return the product's side of a named query."""
    engine = product_engine(folder)
    from yutang.insight.lake_reading import answer

    return lambda: answer(engine, query, params), tell


def graded(folder: Path, rules: Mapping[str, Any], tell: Callable[[Any], dict[str, float]]) -> Prepared:
    """Return the product's side of a question for grades, by rules as `RfmRules` takes them."""
    engine = product_engine(folder)
    from yutang.insight.grading import graded_as_of
    from yutang.insight.rfm import RfmRules

    return lambda: graded_as_of(engine, as_of=DAY, currency="CNY", rules=RfmRules(**rules)), tell


def by_hand(folder: Path, sql: str, tell: Callable[[Any], dict[str, float]], *tables: str) -> Prepared:
    """Return the side of SQL written by hand, on a bare connection of DuckDB with the memory and threads of the product."""
    connection = bare_duckdb(folder, *(tables or ("orders_order",)))
    return lambda: connection.sql(sql).to_arrow_table(), tell


def bare_duckdb(folder: Path, *tables: str) -> Any:
    """Return a connection that sees the tables over the same files."""
    import duckdb

    spill = folder / "spill-by-hand"
    connection = duckdb.connect(
        config={"memory_limit": MEMORY, "threads": os.cpu_count() or 1, "temp_directory": str(spill)}
    )
    for table in tables:
        connection.read_parquet(files_of(folder, table)).create_view(table)
    return connection


def chdb_rows(sql: str) -> Any:
    """Return the rows of a query to ClickHouse in the process, as an Arrow table."""
    import chdb
    import pyarrow as pa

    settings = f" SETTINGS max_threads = {os.cpu_count() or 1}"
    with pa.ipc.open_file(pa.py_buffer(chdb.query(sql + settings, "Arrow").bytes())) as file:
        return file.read_all()


def glob_of(folder: Path, table: str = "orders_order") -> str:
    """Return the pattern of a table's files."""
    return str(folder / "lake" / table / "*.parquet")


def polars_sales(folder: Path, *conditions: Any) -> Any:
    """Return the sales of known customers before the day, lazily, as Polars reads them."""
    import polars as pl

    kept = ~pl.col("status").is_in([0, 50]) & pl.col("customer_id").is_not_null() & (pl.col("business_date") < DAY)
    return pl.scan_parquet(files_of(folder)).filter(kept, *conditions)


def pandas_sales(folder: Path, *columns: str) -> Any:
    """Return some columns of the sales of known customers before the day, with ``day``, as pandas reads them."""
    import pandas as pd

    read = ["customer_id", "status", "business_date", *columns]
    sales = pd.concat([pd.read_parquet(file, columns=read) for file in files_of(folder)], ignore_index=True)
    sales["day"] = pd.to_datetime(sales["business_date"])
    return sales[~sales["status"].isin([0, 50]) & sales["customer_id"].notna() & (sales["day"] < pd.Timestamp(DAY))]


def told_by_pandas(tell: Callable[[Any], dict[str, float]]) -> Callable[[Any], dict[str, float]]:
    """Return the same telling for a data frame."""

    def told(frame: Any) -> dict[str, float]:
        import pyarrow as pa

        return tell(pa.Table.from_pandas(frame))

    return told


def in_memory(prepare: Callable[[Path], Prepared]) -> Side:
    """Return the side of a peer that holds all orders in memory."""
    return Side(prepare, is_peer=True, most=10_000_000, because="it would hold all orders in memory")


def at_every_size(
    *,
    yutang: Callable[[Path], Prepared],
    duckdb: Callable[[Path], Prepared],
    polars: Callable[[Path], Prepared],
    chdb: Callable[[Path], Prepared],
) -> dict[str, Side]:
    """Return the sides that are asked at every size."""
    return {
        "yutang": Side(yutang),
        "duckdb by hand": Side(duckdb),
        "polars": Side(polars, is_peer=True),
        "chdb": Side(chdb, is_peer=True),
    }
