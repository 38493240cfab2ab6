"""A session on a Spark cluster: what it opens, binds and leaves, as on DuckDB."""

from __future__ import annotations

import signal
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tests.parity.planted import planted_rows
from tests.support.lakes import write_lake
from yutang.insight.lake_reading import answer, open_engine
from yutang.lake.catalogue import parse_query
from yutang.lake.engines.base import Dialect, Engine, QueryFailed
from yutang.lake.engines.duckdb import DUCKDB
from yutang.lake.engines.spark import SparkIsAway, spark_at
from yutang.lake.manifest import Snapshot

pytestmark = [pytest.mark.spark, pytest.mark.slow]

HOSTILE = "'; DROP VIEW orders_order; -- \\' \" \\\\ ${a} :a $a 鱼"


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    orders = [
        {"order_id": 1, "total_minor": 5, "channel": HOSTILE},
        {"order_id": 2, "total_minor": None, "channel": "b"},
    ]
    return write_lake(tmp_path, {"orders_order": orders})


def test_values_are_bound_and_never_read_as_sql(spark: Dialect, snapshot: Snapshot) -> None:
    with Engine(dialect=spark, snapshot=snapshot) as engine:
        found = engine.execute("SELECT order_id FROM orders_order WHERE channel = $a", {"a": HOSTILE}).to_pylist()

    assert found == [{"order_id": 1}]


def test_values_come_back_as_they_are_bound(spark: Dialect, snapshot: Snapshot) -> None:
    asked = {
        "text": HOSTILE, "day": date(2024, 2, 29), "at": datetime(2024, 3, 31, 2, 30, 0, 123_456), "yes": True, "none": None, "small": 7,  # noqa: DTZ001
        "large": 1 << 40, "part": 0.1, "many": [1, 2],
    }  # fmt: skip
    sql = (
        "SELECT $text AS text, $day AS day, $at AS at, $yes AS yes, CAST($none AS BIGINT) AS none, $small AS small, $large AS large,"
        " $part AS part, CAST($many AS BIGINT[])[2] AS many"
    )
    both = []
    for dialect in (DUCKDB, spark):
        with Engine(dialect=dialect, snapshot=snapshot) as engine:
            both.append(engine.execute(sql, asked))

    assert both[0] == both[1]
    assert both[1].to_pylist() == [{**asked, "many": 2}]


def test_an_instant_with_a_zone_is_told_in_utc(spark: Dialect, snapshot: Snapshot) -> None:
    with Engine(dialect=spark, snapshot=snapshot) as engine:
        found = engine.execute(
            "SELECT CAST($at AS TIMESTAMP) AS at", {"at": datetime(2024, 3, 1, 4, tzinfo=UTC)}
        ).to_pylist()

    assert found == [{"at": datetime(2024, 3, 1, 4)}]  # noqa: DTZ001


def test_sessions_leave_nothing_to_each_other(spark: Dialect, snapshot: Snapshot, tmp_path: Path) -> None:
    query = parse_query(
        "-- name: a.b\n-- grain: one row\n-- reads: none\n-- inputs: lent(n)\n-- units: n COUNT\nSELECT sum(n) AS n FROM lent",
        origin="x.sql",
    )
    other = write_lake(tmp_path / "other", {"orders_order": [{"order_id": 3}]})
    count = "SELECT count(*) AS n FROM orders_order"
    with Engine(dialect=spark, snapshot=snapshot) as one, Engine(dialect=spark, snapshot=other) as two:
        counted = [one.execute(count).to_pylist(), two.execute(count).to_pylist()]
        lent = one.run(query, inputs={"lent": pa.table({"n": [1, 2]})}).to_pylist()

        for engine in (one, two):
            with pytest.raises(QueryFailed):
                engine.execute("SELECT * FROM lent")

    assert counted == [[{"n": 2}], [{"n": 1}]]
    assert [int(row["n"]) for row in lent] == [3]


def test_an_error_of_the_cluster_carries_its_sql(spark: Dialect, snapshot: Snapshot) -> None:
    with Engine(dialect=spark, snapshot=snapshot) as engine, pytest.raises(QueryFailed, match="CAST") as failed:
        engine.execute("SELECT CAST(channel AS INTEGER) AS n FROM orders_order WHERE channel = $a", {"a": "b"})

    assert failed.value.params == {"a": "b"}


def test_figures_of_one_channel_are_narrowed_alike(
    spark: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = write_lake(tmp_path, planted_rows(1))
    asked = {"end_date": date(2024, 3, 11)}
    found = []
    for dialect in (DUCKDB, spark):
        monkeypatch.setattr("yutang.insight.lake_reading.chosen_engine", lambda dialect=dialect: dialect)
        with open_engine(lake, channel="own/live") as engine:
            found.append(answer(engine, "insight.channels", asked))

    assert found[0] == found[1]
    assert set(found[1]["channel_key"].to_pylist()) == {"own/live"}


def test_workers_may_see_the_lake_under_another_address(
    spark: Dialect, snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").symlink_to(snapshot.root)
    monkeypatch.setenv("YUTANG_SPARK_LAKE", f"{(tmp_path / 'elsewhere').as_uri()}/")

    with Engine(dialect=spark, snapshot=snapshot) as engine:
        read = engine.execute("SELECT count(*) AS n FROM orders_order").to_pylist()
        monkeypatch.setenv("YUTANG_SPARK_LAKE", (tmp_path / "nowhere").as_uri())
        with Engine(dialect=spark, snapshot=snapshot) as lost, pytest.raises(QueryFailed):
            lost.execute("SELECT count(*) AS n FROM orders_order")

    assert read == [{"n": 2}]


def test_both_workers_answer(spark: Dialect, snapshot: Snapshot) -> None:
    from pyspark.sql import SparkSession

    with Engine(dialect=spark, snapshot=snapshot) as engine:
        engine.execute("SELECT channel, count(*) AS n FROM orders_order GROUP BY channel ORDER BY channel")
        context = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
        members = context.sparkContext._jsc.sc().getExecutorMemoryStatus().size()

    assert context.sparkContext.master.startswith("spark://127.0.0.1:")
    # The driver is one of them.
    assert members == 3


def test_what_ctrl_c_does_stays_ours(spark: Dialect, snapshot: Snapshot) -> None:
    with Engine(dialect=spark, snapshot=snapshot):
        assert not getattr(signal.getsignal(signal.SIGINT), "__module__", "").startswith("pyspark")


def test_a_cluster_that_does_not_answer_is_named(snapshot: Snapshot, spark: Dialect) -> None:
    del spark
    nobody = spark_at("spark://127.0.0.1:9")

    with pytest.raises(SparkIsAway, match=r"127\.0\.0\.1:9"):
        nobody.reach()
    with pytest.raises(SparkIsAway, match=r"127\.0\.0\.1:9"):
        Engine(dialect=nobody, snapshot=snapshot)
