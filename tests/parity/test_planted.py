"""What both engines are asked is worth comparing: every query has rows, whatever is varied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parity.planted import askings, planted_inputs, planted_rows, queries
from tests.support.lakes import write_lake
from yutang.lake.catalogue import NamedQuery
from yutang.lake.engines.base import Engine
from yutang.lake.engines.duckdb import DUCKDB


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    snapshot = write_lake(Path(tmp_path_factory.mktemp("lake")), planted_rows(1))
    with Engine(dialect=DUCKDB, snapshot=snapshot) as engine:
        yield engine


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_a_query_gives_rows(engine: Engine, query: NamedQuery) -> None:
    inputs = planted_inputs(query)

    rows = [engine.run(query, asked, inputs).num_rows for asked in askings(query)]

    assert rows[0] > 0
    # What narrows to nobody is asked too, but it is half of them at most.
    assert 2 * sum(map(bool, rows)) >= len(rows)
    assert query.params or len(rows) == 1
