"""Every named query gives the same rows on DuckDB and on a Spark cluster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.comparing import differences, has_order
from tests.parity.planted import askings, planted_inputs, queries
from yutang.lake.catalogue import NamedQuery
from yutang.lake.engines.base import Engine

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_gives_the_same_rows(planted: tuple[Engine, Engine], query: NamedQuery) -> None:
    plain, on_cluster = planted
    inputs, in_order = planted_inputs(query), has_order(query.sql)

    wrong: list[tuple[dict[str, Any], list[Any]]] = []
    for asked in askings(query):
        differing = differences(
            plain.run(query, asked, inputs), on_cluster.run(query, asked, inputs), in_order=in_order
        )
        if differing:
            wrong.append((asked, differing))

    assert wrong == []
