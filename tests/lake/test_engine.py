"""An engine over the lake: what it opens, and what it leaves to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.lakes import write_lake
from yutang.lake.engines.base import Engine, QueryFailed
from yutang.lake.engines.duckdb import DUCKDB
from yutang.lake.manifest import Snapshot

_COUNT = "SELECT count(*) AS n FROM orders_order"


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """A lake of two orders and one shop."""
    orders = [{"order_id": 1, "total_minor": 5}, {"order_id": 2, "total_minor": 7}]
    return write_lake(tmp_path, {"orders_order": orders, "orders_shop": [{"shop_id": 1}]})


@pytest.fixture(params=["shared", "as shipped"])
def _way(request: pytest.FixtureRequest) -> None:
    if request.param == "as shipped":
        request.getfixturevalue("engines_as_shipped")


@pytest.mark.usefixtures("_way")
class TestEngine:
    def test_opens_only_the_tables_that_a_query_names(self, snapshot: Snapshot) -> None:
        for path in snapshot.paths_of("orders_shop"):
            path.unlink()

        with Engine(dialect=DUCKDB, snapshot=snapshot) as engine:
            assert engine.execute(_COUNT).to_pylist() == [{"n": 2}]
            with pytest.raises(Exception, match="orders_shop"):
                engine.execute("SELECT * FROM orders_shop")

    def test_opens_a_table_once_and_at_any_query(self, snapshot: Snapshot) -> None:
        with Engine(dialect=DUCKDB, snapshot=snapshot) as engine:
            counted = [
                engine.execute(sql).to_pylist()[0]["n"] for sql in (_COUNT, _COUNT, 'SELECT 1 AS n FROM "orders_shop"')
            ]

        assert counted == [2, 2, 1]

    def test_leaves_nothing_to_the_next(self, snapshot: Snapshot, tmp_path: Path) -> None:
        other = write_lake(tmp_path / "other", {"orders_order": [{"order_id": 3}]})
        with Engine(dialect=DUCKDB, snapshot=snapshot) as engine, Engine(dialect=DUCKDB, snapshot=other) as second:
            both = [each.execute(_COUNT).to_pylist()[0]["n"] for each in (engine, second)]
        with Engine(dialect=DUCKDB, snapshot=Snapshot(root=tmp_path)) as empty, pytest.raises(QueryFailed):
            empty.execute(_COUNT)

        assert both == [2, 1]
