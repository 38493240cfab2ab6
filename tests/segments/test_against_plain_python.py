"""Compiled rules find the same people as an evaluator that knows no SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.segments.plain import Shop
from tests.segments.random_rules import DAY, random_shop, rules
from tests.support.lakes import write_lake
from yutang.insight.lake_reading import open_engine
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.base import Engine
from yutang.lake.fields import FIELDS, HAPPENINGS
from yutang.segments.rules.compiling import Standpoint, count_query, month_days, people_query
from yutang.segments.rules.reading import as_json, rule_from_json

SHOPS = 4

#: As people write them: each chooses some and leaves some.
RULES_OF_PEOPLE: list[dict[str, Any]] = [
    {"event": "order", "is": "did_not", "when": {"within_days": 30}},
    {"not": {"field": "last_order", "is": "within_days", "value": 30}},
    {"field": "last_order", "is": "anniversary_within_days", "value": 200},
    {"field": "next_order", "is": "within_next_days", "value": 14},
    {"field": "alive_percent", "is": "at_least", "value": 3},
    {"field": "consent", "is": "in", "value": ["promotion/sms"]},
    {
        "event": "order",
        "is": "at_least",
        "value": 2,
        "when": {"within_days_of": {"field": "first_order", "days": 400}},
    },
    {"event": "order", "is": "at_most", "measure": "amount_minor", "value": 0},
    {"event": "purchase", "is": "did", "where": [{"field": "product_name", "is": "contains", "value": "shirt"}]},
    {"field": "tag", "is": "all_of", "value": [1, 2]},
    {"field": "alive_groups", "is": "at_least", "value": 1},
    {"field": "group_life", "is": "not_in", "value": ["alive", "quiet"]},
    {"field": "balance_minor", "is": "between", "value": [100, 5_000]},
    {"field": "coupon_ends", "is": "within_next_days", "value": 30},
    {"event": "group_left", "is": "did", "when": {"within_days": 90}},
    {"event": "topped_up", "is": "at_least", "measure": "amount_minor", "value": 2_000},
    {
        "event": "hook_paid",
        "is": "did",
        "where": [{"field": "source", "is": "starts_with", "value": "groupbuy:"}],
    },
    {"event": "visit", "is": "at_least", "measure": "days", "value": 2},
    {"event": "visit_missed", "is": "did_not", "when": {"within_days": 365}},
]


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Engine, Shop]]]:
    made = []
    for seed in range(SHOPS):
        rows = random_shop(seed)
        engine = open_engine(write_lake(Path(tmp_path_factory.mktemp("lake")), rows))
        made.append((engine, Shop(rows, day=DAY, currency="CNY")))
    yield made
    for engine, _ in made:
        engine.close()


def people(engine: Engine, rule: dict[str, Any], stores: frozenset[int] | None = None) -> list[int]:
    query = people_query(rule_from_json(rule), Standpoint(DAY, "CNY", stores))
    found: list[int] = engine.execute(query.sql(), query.params)["customer_id"].to_pylist()
    return found


@given(
    rule=rules(),
    shop=st.integers(0, SHOPS - 1),
    stores=st.sampled_from([None, None, frozenset({1, 3}), frozenset()]),
)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_random_rules_find_the_same_people(
    shops: list[tuple[Engine, Shop]], rule: dict[str, Any], shop: int, stores: frozenset[int] | None
) -> None:
    engine, plain = shops[shop]

    found = people(engine, rule, stores)

    assert Counter(found) == Counter(plain.who(rule, stores=None if stores is None else set(stores)))
    query = count_query(rule_from_json(rule), Standpoint(DAY, "CNY", stores))
    assert engine.execute(query.sql(), query.params).to_pylist() == [{"people": len(found)}]
    assert rule_from_json(as_json(rule_from_json(rule))) == rule_from_json(rule)


@pytest.mark.parametrize("rule", RULES_OF_PEOPLE)
def test_rules_that_people_write_choose_some_and_leave_some(
    shops: list[tuple[Engine, Shop]], rule: dict[str, Any]
) -> None:
    whole = {"version": 1, "rule": rule}
    found = [(set(people(engine, whole)), plain) for engine, plain in shops]

    assert [one for one, _ in found] == [plain.who(whole) for _, plain in found]
    assert any(found[place][0] for place in range(SHOPS))
    assert any(found[place][0] != set(found[place][1].people) for place in range(SHOPS))


def test_every_fact_that_rules_may_ask_for_is_in_the_random_shops() -> None:
    shop = random_shop(0)
    read = {table for one in (*FIELDS, *HAPPENINGS) for table in catalogue_of("yutang")[one.source].reads}

    assert {table for table in read if not shop.get(table)} == set()


def test_a_29_february_is_kept_on_1_march_in_years_without_it() -> None:
    assert month_days(date(2025, 2, 27), 3) == {227, 228, 301, 229}
    assert month_days(date(2024, 2, 27), 4) == {227, 228, 229, 301}
    assert month_days(date(2024, 3, 1), 1) == {301}
    assert month_days(date(2025, 12, 31), 2) == {1231, 101}
