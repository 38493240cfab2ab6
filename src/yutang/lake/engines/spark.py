"""A Spark cluster: the engine for what no longer fits one machine. It answers the same SQL with the same rows."""

from __future__ import annotations

import atexit
import contextlib
import ipaddress
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pyarrow as pa
import sqlglot
from sqlglot import ErrorLevel, exp

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.engines.base import Dialect
from yutang.lake.engines.choosing import query_memory, query_threads
from yutang.lake.engines.duckdb import DUCKDB

#: What makes Spark mean the same by the same words. A cluster's own defaults never stand against these.
_MEANING: Mapping[str, str] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parser.escapedStringLiterals": "false",
}

#: Several processes share a cluster: what one does not need now, another may have.
_SHARING: Mapping[str, str] = {
    "spark.app.name": "yutang",
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.dynamicAllocation.executorIdleTimeout": "30s",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


#: What gives the same rows as on DuckDB, by the parity suite, which uses each of them.
WORDS = frozenset(
    {
        "abs", "arg_min", "array_contains", "avg", "cast", "coalesce", "concat", "count", "covar_samp", "datediff(day)", "day", "exists",
        "floor", "greatest", "instant_ms", "lag", "lead", "least", "lower", "max", "median", "min", "month", "month_index", "ntile",
        "nullif", "rank", "round", "row_number", "starts_with", "str_position", "sum", "time_to_str", "variance", "year",
    }
)  # fmt: skip


class SparkIsMissing(DomainError):
    """This machine lacks what speaks to Spark."""

    code: ClassVar[str] = "spark_is_missing"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "YUTANG_ENGINE names a Spark cluster, and this machine cannot speak to it: %(lacking)s. "
        "Install Java 17 and pip install 'yutang[spark]', or leave YUTANG_ENGINE out."
    )


class SparkIsAway(DomainError):
    """The cluster did not take this program."""

    code: ClassVar[str] = "spark_is_away"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("The Spark cluster at %(address)s does not answer: %(reason)s")


def spark_at(master: str) -> Dialect:
    """Return the engine of a cluster.

    Args:
        master: its address, ``spark://host:port``.

    Raises:
        SparkIsMissing: PySpark or Java is not installed.
    """
    _require_installed()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return Dialect(
        name="spark",
        title="Spark",
        names={
            "month_index": (
                "CREATE OR REPLACE TEMPORARY FUNCTION month_index(day DATE) RETURNS INT "
                "RETURN year(day) * 12 + month(day) - 1"
            ),
            "instant_ms": (
                "CREATE OR REPLACE TEMPORARY FUNCTION instant_ms(instant TIMESTAMP_NTZ) RETURNS BIGINT "
                "RETURN unix_millis(CAST(instant AS TIMESTAMP_LTZ))"
            ),
        },
        words=WORDS,
        errors=(PySparkException, Py4JError, *DUCKDB.errors),
        reach=partial(_require_listening, master),
        open=partial(SparkSqlSession, master),
        is_near=False,
    )


class SparkSqlSession:
    """One session on a cluster, with its own tables; all sessions of a process are one application of the cluster.

    The types of all rows are DuckDB's: a DuckDB beside it that holds the same tables without rows says what a query gives back.

    Args:
        master: address of the cluster.
        spill_folder: its parent is the folder of the lake; workers spill on their own disks.
    """

    #: It works elsewhere.
    memory_bytes = 0

    def __init__(self, master: str, spill_folder: Path) -> None:
        self._lake = spill_folder.parent
        self._spark = _application(master).newSession()
        self._shapes = DUCKDB.open(spill_folder)
        for definition in DUCKDB.names.values():
            self._shapes.define(definition)

    def publish(self, name: str, files: list[str], schema: pa.Schema) -> None:
        """Make Parquet files readable as a table; an empty table where there are none."""
        from pyspark.sql.pandas.types import from_arrow_schema

        columns = from_arrow_schema(schema, prefer_timestamp_ntz=True)
        if files:
            rows = self._spark.read.schema(columns).parquet(*[self._seen_by_workers(each) for each in files])
        else:
            rows = self._spark.createDataFrame([], columns)
        rows.createOrReplaceTempView(name)
        self._shapes.publish(name, [], schema)

    def lend(self, name: str, rows: pa.Table) -> None:
        """Make rows of this process readable as a table."""
        self._spark.createDataFrame(rows).createOrReplaceTempView(name)
        self._shapes.lend(name, rows.schema.empty_table())

    def take_back(self, name: str) -> None:
        """Forget lent rows."""
        self._spark.catalog.dropTempView(name)
        self._shapes.take_back(name)

    def define(self, statement: str) -> None:
        """Run a statement in Spark's own words."""
        self._spark.sql(statement)

    def execute(self, sql: str, params: Mapping[str, Any]) -> pa.Table:
        """Run one statement in DuckDB's words and return its rows, in DuckDB's types."""
        shape = self._shapes.execute(sql, params).schema
        values, types = _bound(params)
        rows = self._spark.sql(in_spark(sql, types), args=values)
        if not rows.columns:
            # A statement that makes something gives no rows.
            return pa.table({})
        return rows.toArrow().rename_columns(shape.names).cast(shape)

    def batches(self, sql: str, params: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        """Run one statement in DuckDB's words and yield its rows, which come all at once."""
        yield from self.execute(sql, params).to_batches()

    def close(self) -> None:
        """Give everything back. The application stays for the next session."""
        self._shapes.close()

    def _seen_by_workers(self, file: str) -> str:
        """Return under which address the workers read a file of the lake: its path here, or below `YUTANG_SPARK_LAKE`."""
        elsewhere = os.environ.get("YUTANG_SPARK_LAKE", "").strip().rstrip("/")
        if not elsewhere:
            return Path(file).resolve().as_uri()
        return f"{elsewhere}/{Path(file).relative_to(self._lake).as_posix()}"


@lru_cache(maxsize=2_048)
def in_spark(sql: str, types: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a statement of DuckDB's dialect in Spark's; values stay places.

    Args:
        sql: the statement.
        types: places that must be told what they hold, ``(name, type in Spark)``.
    """
    told = dict(types)
    tree = sqlglot.parse_one(sql, read="duckdb")
    for place in list(tree.find_all(exp.Placeholder)):
        if place.name in told:
            place.replace(exp.Cast(this=place.copy(), to=exp.DataType.build(told[place.name], dialect="spark")))
    if isinstance(tree, exp.Create):
        tree.set("properties", exp.Properties(expressions=[exp.TemporaryProperty()]))
    return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)


def _bound(params: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return values as PySpark binds them, and the types of those that it would take for others."""
    values, types = {}, []
    for name, value in params.items():
        values[name] = value
        if isinstance(value, datetime):
            # Bound as it is, it would be read in the zone of this machine.
            utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            values[name] = utc.isoformat(sep=" ")
            types.append((name, "TIMESTAMP_NTZ"))
    return values, tuple(types)


_started = threading.Lock()
_applications: dict[tuple[int, str], Any] = {}


def _application(master: str) -> Any:
    """Return this process's application on a cluster, started when it is first needed: that takes seconds."""
    key = (os.getpid(), master)
    with _started:
        if key not in _applications:
            _applications[key] = _start(master)
            atexit.register(leave, master)
        return _applications[key]


def _start(master: str) -> Any:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    _require_listening(master)
    conf = SparkConf().setMaster(master).setAll([*_SHARING.items(), *_MEANING.items()])
    conf.set("spark.executor.memory", _as_java_writes(query_memory()))
    if threads := query_threads():
        conf.set("spark.cores.max", str(threads))
    if _is_loopback(master):
        conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
    try:
        with _own_interrupt():
            return SparkSession.builder.config(conf=conf).getOrCreate()
    except Exception as error:
        raise SparkIsAway(address=master, reason=str(error).partition("\n")[0]) from error


@contextlib.contextmanager
def _own_interrupt() -> Iterator[None]:
    """Keep what this program does at Ctrl-C: PySpark puts its own in the place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, ours)


def leave(master: str) -> None:
    """End this process's application on a cluster; the next question begins another."""
    application = _applications.pop((os.getpid(), master), None)
    if application is not None:
        with contextlib.suppress(Exception):
            application.stop()


def _require_listening(master: str) -> None:
    """Refuse at once an address where nobody listens: Spark would try it for minutes."""
    place = urlsplit(master)
    try:
        socket.create_connection((place.hostname or "", place.port or 7077), timeout=10).close()
    except OSError as error:
        raise SparkIsAway(address=master, reason=str(error)) from error


def _as_java_writes(size: str) -> str:
    """Return a size as options of Java take it: ``2GB`` and ``2 GiB`` as ``2g``."""
    digits = size.rstrip("KMGTiBkmgtb ")
    return digits + size.removeprefix(digits).strip()[0].lower()


def _is_loopback(master: str) -> bool:
    host = urlsplit(master).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _require_installed() -> None:
    import importlib.util

    home = os.environ.get("JAVA_HOME")
    if importlib.util.find_spec("pyspark") is None:
        raise SparkIsMissing(lacking="PySpark")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        raise SparkIsMissing(lacking="Java")
