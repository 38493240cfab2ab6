"""What only DuckDB can do, or does otherwise, is refused for Spark before it runs, with a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from duckdb import connect

from tests.support.lakes import write_lake
from yutang.cli import checkup
from yutang.cli.checkup import Verdict
from yutang.experiments.actions import begin_experiment
from yutang.experiments.measures import MEASURES, Measure
from yutang.foundation.access import Actor
from yutang.lake.catalogue import Catalogue, catalogue_of, parse_query
from yutang.lake.engines import choosing, spark
from yutang.lake.engines.base import Engine
from yutang.lake.engines.choosing import EngineIsUnknown, QueryRoomIsUnreadable, chosen_engine
from yutang.lake.engines.duckdb import DUCKDB
from yutang.lake.engines.spark import WORDS, in_spark
from yutang.lake.engines.words import EngineLacksWords, words_of
from yutang.lake.fields import FIELDS, Field
from yutang.segments.actions import save_segment
from yutang.segments.models import Segment

#: DuckDB, held to the words of Spark.
HELD = replace(DUCKDB, title="Spark", words=WORDS)


@pytest.mark.parametrize(
    "query", [*catalogue_of("yutang"), *catalogue_of("yutang").steps], ids=lambda query: query.name
)
def test_every_query_and_step_is_of_words_that_both_engines_have(query: Any) -> None:
    assert words_of(query.sql) - WORDS == set()


def test_every_name_of_our_own_is_defined_by_both_engines() -> None:
    assert set(DUCKDB.names) <= WORDS


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("SELECT quantile_cont(total_minor, 0.9) FROM orders_order", "percentile_cont"),
        ("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total_minor) FROM orders_order", "withingroup"),
        ("SELECT array_agg(order_id ORDER BY total_minor) FROM orders_order", "array_agg"),
        ("SELECT date_diff('month', business_date, DATE '2024-01-01') FROM orders_order", "datediff(month)"),
        ("SELECT date_diff('hour', placed_at, placed_at) FROM orders_order", "datediff(hour)"),
        (
            "SELECT * FROM orders_order AS a ASOF JOIN orders_refund AS b ON a.business_date >= b.business_date",
            "asof join",
        ),
        ("SELECT status FROM orders_order UNION BY NAME SELECT 1 AS status", "by name"),
        ("SELECT * FROM orders_order POSITIONAL JOIN orders_refund", "positional join"),
        ("FROM orders_order PIVOT (sum(total_minor) FOR status IN (1, 2))", "pivot"),
        ("SELECT DISTINCT ON (status) order_id FROM orders_order", "distinct on"),
        ("SELECT [1, 2, 3][1:2]", "slice"),
        ("SELECT list_transform([1], x -> x + 1)", "lambda"),
        ("SELECT regexp_replace(channel, 'a', 'b') FROM orders_order", "regexp_replace"),
        ("SELECT hash(channel) FROM orders_order", "hash"),
    ],
)
def test_what_only_duckdb_has_is_refused_with_a_sentence(tmp_path: Path, sql: str, word: str) -> None:
    with Engine(dialect=HELD, snapshot=write_lake(tmp_path, {})) as engine, pytest.raises(EngineLacksWords) as refused:
        engine.execute(sql)

    assert word in words_of(sql)
    assert "Spark" in str(refused.value.sentence)
    assert word in str(refused.value.sentence)


def test_duckdb_is_asked_in_all_its_words(tmp_path: Path) -> None:
    with Engine(dialect=DUCKDB, snapshot=write_lake(tmp_path, {})) as engine:
        assert engine.execute("SELECT list_sum([1, 2]) AS n").to_pylist() == [{"n": 3}]


class TestAtDefinition:
    """Where something is built on what the chosen engine lacks, the building is refused."""

    @pytest.fixture(autouse=True)
    def _lacking(self, monkeypatch: pytest.MonkeyPatch) -> None:
        query = parse_query(
            "-- name: a.quantile\n-- grain: one row a person\n-- reads: customers_customer(customer_id, phones)\n"
            "-- units: middle COUNT\n"
            "SELECT customer_id, quantile_cont(phones, 0.5) AS middle FROM customers_customer GROUP BY customer_id",
            origin="a.sql",
        )
        known = catalogue_of("yutang")
        everything = Catalogue([query, *known])
        for module in ("yutang.insight.lake_reading", "yutang.segments.rules.compiling"):
            monkeypatch.setattr(f"{module}.catalogue_of", lambda _: everything)
        for module in ("yutang.insight.lake_reading", "yutang.segments.evaluating"):
            monkeypatch.setattr(f"{module}.chosen_engine", lambda: HELD)

    @pytest.mark.django_db
    def test_a_segment_is_not_saved(self, owner: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        fact = Field(name="middle", title="Middle", kind="number", column="middle", source="a.quantile")
        monkeypatch.setitem(FIELDS._entries, "middle", fact)
        rule = {"version": 1, "rule": {"field": "middle", "is": "at_least", "value": 1}}

        with pytest.raises(EngineLacksWords, match="percentile_cont"):
            save_segment(actor=owner, name="中间", rule=rule, now=now)

        assert not Segment.objects.exists()

    @pytest.mark.django_db
    def test_an_experiment_is_not_begun(self, owner: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        measure = Measure("middle", "Middle", "count", "more", "a.quantile")
        monkeypatch.setitem(MEASURES._entries, "middle", measure)

        with pytest.raises(EngineLacksWords, match="percentile_cont"):
            begin_experiment(actor=owner, key="campaign:x", title="x", now=now)


class TestChosenEngine:
    @pytest.mark.parametrize("value", ["", " duckdb "])
    def test_is_duckdb_unless_a_cluster_is_named(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("YUTANG_ENGINE", value)

        assert chosen_engine() is DUCKDB

    @pytest.mark.parametrize(
        "value", ["spark", "spark://", "spark://host", "local[2]", "yarn", "spark://host:x", "spark://h:1/x"]
    )
    def test_is_refused_where_it_is_none(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("YUTANG_ENGINE", value)

        with pytest.raises(EngineIsUnknown, match="spark://host:7077"):
            choosing.engine_named()

    @pytest.mark.parametrize("value", ["lots", "1.5GB", "80%", "0GB", "GB", "-1GB", "2 GB of it"])
    def test_memory_that_is_no_size_is_refused(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("YUTANG_QUERY_MEMORY", value)

        with pytest.raises(QueryRoomIsUnreadable, match="YUTANG_QUERY_MEMORY"):
            choosing.query_memory()

    @pytest.mark.parametrize(("value", "told"), [("2GB", "2g"), ("512MiB", "512m"), ("3 gb", "3g"), ("", "1g")])
    def test_memory_is_told_to_java_in_its_words(self, monkeypatch: pytest.MonkeyPatch, value: str, told: str) -> None:
        monkeypatch.setenv("YUTANG_QUERY_MEMORY", value)

        assert spark._as_java_writes(choosing.query_memory()) == told
        connect(config={"memory_limit": choosing.query_memory()}).close()

    @pytest.mark.parametrize("value", ["many", "-1", "1.5"])
    def test_threads_that_are_no_number_are_refused(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("YUTANG_QUERY_THREADS", value)

        with pytest.raises(QueryRoomIsUnreadable, match="YUTANG_QUERY_THREADS"):
            choosing.query_threads()

    def test_of_a_machine_without_pyspark_is_refused_with_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("YUTANG_ENGINE", "spark://127.0.0.1:7077")
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

        with pytest.raises(Exception, match="PySpark") as refused:
            chosen_engine()
        assert getattr(refused.value, "code", "") == "spark_is_missing"


class TestInSpark:
    @pytest.mark.parametrize(
        ("duckdb", "spark"),
        [
            ("SELECT $a + 1 AS n", "SELECT :a + 1 AS n"),
            ("CREATE VIEW v AS SELECT 1 AS n", "CREATE TEMPORARY VIEW v AS SELECT 1 AS n"),
            ("SELECT x FROM t ORDER BY x", "SELECT x FROM t ORDER BY x NULLS LAST"),
            ("SELECT CAST($r AS BIGINT[])[1] AS n", "SELECT CAST(:r AS ARRAY<BIGINT>)[0] AS n"),
        ],
    )
    def test_says_the_same_in_other_words(self, duckdb: str, spark: str) -> None:
        assert in_spark(duckdb) == spark

    def test_tells_what_an_instant_is(self) -> None:
        told = in_spark("SELECT $at AS at", (("at", "TIMESTAMP_NTZ"),))

        assert told == "SELECT CAST(:at AS TIMESTAMP_NTZ) AS at"


class TestDoctor:
    def test_names_the_engine(self) -> None:
        (finding,) = checkup.engine()

        assert (finding.verdict, "duckdb" in str(finding.says)) == (Verdict.GOOD, True)

    def test_names_queries_that_the_engine_cannot_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        less = replace(HELD, words=WORDS - {"median"})
        monkeypatch.setattr("yutang.lake.engines.choosing.chosen_engine", lambda: less)

        (finding,) = checkup.engine()

        assert finding.verdict is Verdict.BROKEN
        assert str(finding.says).endswith("insight.rhythm")
