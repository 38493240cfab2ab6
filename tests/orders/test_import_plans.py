"""How PostgreSQL answers what an import asks of a store of which it knows nothing yet, as in the first imports of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.importing import import_text
from yutang.foundation import bulk
from yutang.foundation.bulk import execute
from yutang.orders.models import OrderLine, Refund

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("postgresql")]

ORDERS, CANCELLED = 3_000, 600
#: Rows that a step of a plan may go through, as times of the rows of the file. Where each row is held against each it is thousands.
MOST = 40


@pytest.fixture
def gone_through(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Rows that the busiest step of each question went through, by the text of the question."""
    fetch = bulk.fetch
    found: dict[str, float] = {}

    def fetched(sql: str, parameters: Sequence[Any] = (), **options: Any) -> list[tuple[Any, ...]]:
        if sql.lstrip().startswith("SELECT") and "pg_" not in sql:
            ((plan,),) = fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
            found[sql] = max(found.get(sql, 0), _busiest(plan[0]["Plan"]))
        return fetch(sql, parameters, **options)

    monkeypatch.setattr(bulk, "fetch", fetched)
    return found


def _busiest(node: dict[str, Any]) -> float:
    """Return how many rows the busiest step went through: those that it gave on and those that it left out, each time."""
    left_out = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    return max(
        (node["Actual Rows"] + left_out) * node["Actual Loops"], *(_busiest(one) for one in node.get("Plans", [])), 0
    )


@pytest.fixture(params=["knows nothing", "believes that there is nothing"])
def belief(postgresql: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """What PostgreSQL knows of the tables: nothing, or that they were empty when it looked at them last; afterwards what it knew."""
    of_tables = "relkind = 'r' AND relnamespace = 'public'::regnamespace"
    known = bulk.fetch(f"SELECT oid, reltuples, relpages FROM pg_class WHERE {of_tables}")
    rows, pages = (-1, 0) if request.param == "knows nothing" else (0, 8)
    execute(f"UPDATE pg_class SET reltuples = %s, relpages = %s WHERE {of_tables}", [rows, pages])
    yield
    for oid, rows, pages in known:
        execute("UPDATE pg_class SET reltuples = %s, relpages = %s WHERE oid = %s", [rows, pages, oid])


@pytest.mark.usefixtures("belief")
def test_no_row_of_the_first_imports_is_held_against_every_other(
    tmp_path: Path, gone_through: dict[str, float]
) -> None:
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    bought = "".join(
        f"{500_000 + n},{n % 50},CUP,6,2010-12-{1 + n % 20:02d} 08:26:00,2.55,{17_000 + n % 400}.0,United Kingdom\n"
        for n in range(ORDERS)
    )
    sooner, later = (
        "".join(
            f"C{first + n},{n % 50},CUP,-2,2011-01-{1 + n % 20:02d} 08:26:00,2.55,{17_000 + n % 400}.0,United Kingdom\n"
            for n in range(CANCELLED)
        )
        for first in (600_000, 700_000)
    )

    import_text(tmp_path, head + bought + sooner)
    import_text(tmp_path, head + later)

    assert OrderLine.objects.count() == ORDERS
    assert Refund.objects.exclude(line=None).count() == 2 * CANCELLED
    assert len(gone_through) > 10
    assert {sql: rows for sql, rows in gone_through.items() if rows > MOST * (ORDERS + CANCELLED)} == {}
