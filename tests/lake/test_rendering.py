from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from tests.support.lakes import write_lake
from yutang.lake.catalogue import catalogue_of, parse_query
from yutang.lake.engines.base import Engine, QueryFailed
from yutang.lake.engines.duckdb import DUCKDB
from yutang.lake.rendering import ParameterIsWrong, read_params, rendered, steps_of

ORDERS = [
    {
        "customer_id": i % 3,
        "status": 40,
        "business_date": date(2024, 1, 1 + i),
        "currency": "CNY",
        "total_minor": 100 * i,
        "refunded_minor": 0,
    }
    for i in range(9)
]
VALUES = {"as_of": date(2024, 1, 8), "currency": "CNY' OR '1'='1", "within": "chain"}
RFM = catalogue_of("yutang")["insight.rfm"]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(dialect=DUCKDB, snapshot=write_lake(tmp_path, {"orders_order": ORDERS}))


class TestRendered:
    def test_runs_to_the_same_rows_as_the_bound_query(self, engine: Engine) -> None:
        bound = engine.run(RFM, VALUES)

        assert engine.execute(rendered(RFM, VALUES)).sort_by("customer_id") == bound.sort_by("customer_id")

    def test_keeps_places_that_have_no_value(self) -> None:
        assert "$currency" in rendered(RFM, {"as_of": date(2024, 1, 8)})

    def test_speaks_spark(self) -> None:
        assert "VALUES" not in rendered(RFM, VALUES, dialect="spark")


class TestStepsOf:
    def test_shows_every_step_as_a_query_that_runs(self, engine: Engine) -> None:
        steps = steps_of(RFM, VALUES)

        assert [step.name for step in steps] == [
            "sale_of_customer", "order_day", "bought", "returned", "given_back_later", "not_yet_returned", "buyer", "last_order", "buyer_group", "peer",
            "valued", "ranked", "bound", "result",
        ]  # fmt: skip
        for step in steps:
            assert engine.execute(step.sql).num_rows == {
                "sale_of_customer": 7,
                "order_day": 7,
                "returned": 0,
                "given_back_later": 0,
                "not_yet_returned": 0,
                "last_order": 0,
                "buyer_group": 0,
                "valued": 6,
                "ranked": 6,
                "bound": 1,
            }.get(step.name, 3), step.name

    @pytest.mark.parametrize("query", [q for q in catalogue_of("yutang") if not q.inputs], ids=lambda q: q.name)
    def test_of_every_query_run(self, query: object, tmp_path: Path) -> None:
        written = {
            "DATE": "2024-01-05", "VARCHAR": "CNY", "VARCHAR[]": "new", "BIGINT[]": "1,2,3,4", "BIGINT": "1", "INTEGER": "24288",
            "BOOLEAN": "true", "INTEGER[]": "1,2,3,4", "DOUBLE": "0.5", "TIMESTAMP": "2024-01-05T00:00",
        }  # fmt: skip
        values = read_params(query, {p.name: written[p.type] for p in query.params.values()})  # type: ignore[attr-defined, arg-type]

        with Engine(dialect=DUCKDB, snapshot=write_lake(tmp_path, {"orders_order": ORDERS})) as engine:
            for step in steps_of(query, values):  # type: ignore[arg-type]
                engine.execute(step.sql)


class TestReadParams:
    def test_reads_each_by_its_type(self) -> None:
        query = catalogue_of("yutang")["insight.cohorts"]

        values = read_params(query, {"first_month": "24288", "end_date": "2024-02-03", "stores": "1,2"})

        assert values == {"first_month": 24288, "end_date": date(2024, 2, 3), "stores": [1, 2]}

    @pytest.mark.parametrize(("name", "value"), [("as_of", "gestern"), ("asof", "2024-01-01")])
    def test_refuses_what_it_cannot_read(self, name: str, value: str) -> None:
        with pytest.raises(ParameterIsWrong, match="as_of DATE"):
            read_params(RFM, {name: value})


class TestEngine:
    def test_an_error_carries_its_sql(self, engine: Engine) -> None:
        with pytest.raises(QueryFailed, match=r"(?s)convert.*with \{'text': 'abc'\}.*SELECT CAST") as failed:
            engine.execute("SELECT CAST($text AS INTEGER) AS x FROM orders_order", {"text": "abc"})
        assert failed.value.params == {"text": "abc"}

    def test_refuses_parameters_that_the_header_does_not_name(self, engine: Engine) -> None:
        with pytest.raises(ValueError, match="takes"):
            engine.run(RFM, {"as_of": date(2024, 1, 1)})

    def test_forgets_lent_rows(self, engine: Engine) -> None:
        query = parse_query(
            "-- name: a.b\n-- grain: one row\n-- reads: none\n-- inputs: lent(n)\n-- units: n COUNT\nSELECT sum(n) AS n FROM lent",
            origin="x.sql",
        )

        assert engine.run(query, inputs={"lent": pa.table({"n": [1, 2]})}).to_pylist() == [{"n": 3}]
        with pytest.raises(QueryFailed):
            engine.execute("SELECT * FROM lent")
