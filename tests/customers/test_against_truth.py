"""A simulated chain comes in through the importers and is scored against its truth: nobody is taken for somebody else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.importing import NOW, import_path, store_content
from yutang.customers.models import Merge
from yutang.demo.filling import load_chain
from yutang.foundation.access import Actor
from yutang.foundation.queries import organisation_setting
from yutang.ingest import actions
from yutang.orders.models import Order
from yutang.simulator.plan import PLATFORMS, Plan
from yutang.simulator.run import simulate
from yutang.simulator.scoring import IdentityScore, read_truth, score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: Platforms whose files hide every buyer: no product could tell whose their orders are.
_HIDING = {"pdd", "douyin"}


def test_no_two_people_are_taken_for_one(tmp_path: Path) -> None:
    simulate(Plan(seed=7, customers=1500, stores=4, from_date=date(2025, 3, 1), to_date=date(2026, 3, 1)), tmp_path)
    load_chain(tmp_path / "chain.json", now=NOW)
    for path in sorted(p for p in (tmp_path / "exports").rglob("*") if p.is_file()):
        import_path(path)

    whole = scored(tmp_path, PLATFORMS)
    told = scored(tmp_path, [platform for platform in PLATFORMS if platform not in _HIDING])

    assert len(organisation_setting("customers.store_numbers")) == 4
    assert whole.orders > 4000
    assert whole.mixed == {}
    assert whole.precision == 1.0
    assert told.recall is not None
    assert told.recall > 0.9


def test_undoing_an_import_that_joined_people_restores_every_table(tmp_path: Path) -> None:
    span = {"from_date": date(2025, 6, 1), "to_date": date(2026, 3, 1)}
    simulate(Plan(seed=3, customers=600, stores=3, platforms=("till", "taobao"), **span), tmp_path)
    report = next((tmp_path / "exports" / "taobao").glob("ExportOrderList*"))
    header, *rows = report.read_bytes().splitlines(keepends=True)
    parts = [tmp_path / "ExportOrderList1.csv", tmp_path / "ExportOrderList2.csv"]
    for part, some in zip(parts, (rows[: len(rows) // 2], rows[len(rows) // 2 :]), strict=True):
        part.write_bytes(header + b"".join(some))
    import_path(next((tmp_path / "exports" / "till").iterdir()))
    import_path(parts[0])
    before, joined = store_content(), Merge.objects.count()
    view = import_path(parts[1])
    assert Merge.objects.count() > joined

    actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)

    after = store_content()
    for known_places in ("orders_shop", "customers_accountscope"):
        before[known_places] = after[known_places]
    assert after == before


def scored(folder: Path, platforms: list[str] | tuple[str, ...]) -> IdentityScore:
    """Return how well the orders of some platforms were put to people."""
    found = [
        ("till" if platform == "own" else platform, number, customer)
        for platform, number, customer in Order.objects.values_list("shop__platform", "number", "customer_id")
    ]
    return score(read_truth(folder, platforms=platforms), found)
