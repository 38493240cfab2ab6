"""Compiled rules keep to words that Spark has too."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlglot
from hypothesis import given, settings
from sqlglot import exp

from tests.segments.random_rules import DAY, rules
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.spark import WORDS, in_spark
from yutang.lake.engines.words import words_of
from yutang.lake.fields import FIELDS, HAPPENINGS
from yutang.segments.rules.compiling import Standpoint, people_query
from yutang.segments.rules.reading import rule_from_json


@given(rule=rules())
@settings(max_examples=150, deadline=None)
def test_rules_use_only_words_that_both_engines_share(rule: dict[str, Any]) -> None:
    query = people_query(rule_from_json(rule), Standpoint(DAY, "CNY", frozenset({1})))

    assert words_of(query.sql()) <= WORDS
    assert sqlglot.parse_one(in_spark(query.sql()), read="spark") is not None
    assert {each.name for each in query.tree.find_all(exp.Placeholder)} == set(query.params)


@given(rule=rules())
@settings(max_examples=60, deadline=None)
def test_values_never_become_text(rule: dict[str, Any]) -> None:
    query = people_query(rule_from_json(rule), Standpoint(DAY, "CNY"))
    without = people_query(rule_from_json(rule), Standpoint(DAY, "CNY"))
    literals = {each.this for each in query.tree.find_all(exp.Literal) if each.is_string}

    assert query.sql() == without.sql()
    assert literals <= _written_in_queries() | {"8"}


@cache
def _written_in_queries() -> set[str]:
    """Return the texts that stand in the queries from which rules read, and so come from nobody's rule."""
    sources = {one.source for one in (*FIELDS, *HAPPENINGS)}
    trees = [sqlglot.parse_one(catalogue_of("yutang")[source].sql, read="duckdb") for source in sources]
    return {each.this for tree in trees for each in tree.find_all(exp.Literal) if each.is_string}
