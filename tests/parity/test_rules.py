"""Random rules of segments find the same people on DuckDB and on a Spark cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.segments.random_rules import DAY, random_shop, rules
from tests.segments.test_against_plain_python import RULES_OF_PEOPLE
from tests.support.lakes import write_lake
from yutang.lake.engines.base import Dialect, Engine
from yutang.lake.engines.duckdb import DUCKDB
from yutang.segments.rules.compiling import Standpoint, people_query
from yutang.segments.rules.reading import rule_from_json

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, spark: Dialect) -> Iterator[tuple[Engine, Engine]]:
    snapshot = write_lake(Path(tmp_path_factory.mktemp("lake")), random_shop(1))
    with Engine(dialect=DUCKDB, snapshot=snapshot) as plain, Engine(dialect=spark, snapshot=snapshot) as on_cluster:
        yield plain, on_cluster


def people(engine: Engine, rule: dict[str, Any], stores: frozenset[int] | None) -> list[int]:
    query = people_query(rule_from_json(rule), Standpoint(DAY, "CNY", stores))
    found: list[int] = engine.execute(query.sql(), query.params)["customer_id"].to_pylist()
    return sorted(found)


@given(rule=rules(), stores=st.sampled_from([None, None, None, frozenset({1, 3})]))
@settings(
    max_examples=200,
    deadline=None,
    # An example costs half a second here: what fails is small enough as it was drawn.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_rules_find_the_same_people(
    shop: tuple[Engine, Engine], rule: dict[str, Any], stores: frozenset[int] | None
) -> None:
    plain, on_cluster = shop

    assert people(on_cluster, rule, stores) == people(plain, rule, stores)


@pytest.mark.parametrize("rule", RULES_OF_PEOPLE, ids=lambda rule: str(next(iter(rule.values()))))
def test_rules_that_people_write_find_the_same_people(shop: tuple[Engine, Engine], rule: dict[str, Any]) -> None:
    plain, on_cluster = shop
    whole = {"version": 1, "rule": rule}

    assert people(on_cluster, whole, None) == people(plain, whole, None)
