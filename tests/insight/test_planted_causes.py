"""The explanation of sales finds what the simulator planted; all hundred seeds are in benchmarks/bench_decomposition.py."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.importing import NOW as IMPORTED_AT
from tests.importing import import_path
from tests.support.planted import BEFORE, NOW, PLANTED, Planted, is_found, plant
from yutang.demo.filling import load_chain
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.ingest.lake_sync import sync_lake
from yutang.insight.methods.causes import PARTS
from yutang.insight.queries import change as change_module
from yutang.insight.queries.change import Comparison, SalesChange, sales_change
from yutang.insight.queries.dashboard import Period
from yutang.simulator.plan import Cause, Plan
from yutang.simulator.run import simulate


def explained(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> SalesChange:
    monkeypatch.setattr("yutang.insight.queries.groups._known", lambda by, access: {})
    monkeypatch.setattr(change_module, "lake_seen", lambda: planted.snapshot)
    asked = Comparison(NOW, BEFORE, by="store")
    if planted.cause.kind == "newcomers":
        asked = Comparison(NOW, BEFORE, by="channel", formula="new_returning")
    return sales_change(access=Actor.system(), today=NOW.end, asked=asked)


@pytest.mark.parametrize("seed", range(len(PLANTED)))
def test_is_found_and_all_parts_add_up(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = plant(seed, tmp_path)

    found = explained(planted, monkeypatch)

    assert sum(found.parts.values()) == found.difference_minor
    assert is_found(planted, found), (planted.cause, [(g.key, dict(g.split.parts)) for g in found.groups])


def test_would_notice_an_explanation_of_another_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = plant(0, tmp_path)
    found = explained(planted, monkeypatch)
    elsewhere = Planted(planted.snapshot, planted.cause, "5" if planted.group_key != "5" else "4", planted.part)

    assert not is_found(elsewhere, found)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_is_found_in_export_files_that_came_in_through_the_importers(lake_folder: Path, tmp_path: Path) -> None:
    first, last = date(2025, 1, 1), date(2025, 9, 1)
    begun = last - timedelta(days=28)
    code = "NJ01"
    plan = Plan(
        seed=5, customers=5000, stores=3, platforms=("till", "youzan"), from_date=first, to_date=last,
        causes=(Cause("traffic", code, begun, last, 0.6),),
    )  # fmt: skip
    simulate(plan, tmp_path)
    load_chain(tmp_path / "chain.json", now=IMPORTED_AT)
    for path in sorted(path for path in (tmp_path / "exports").rglob("*") if path.is_file()):
        import_path(path)
    sync_lake(now=IMPORTED_AT)
    (told,) = json.loads((tmp_path / "truth" / "causes.json").read_text(encoding="utf-8"))

    found = sales_change(
        access=Actor.system(),
        today=last,
        asked=Comparison(Period(begun, last), Period(begun - timedelta(days=28), begun), by="store"),
    )

    assert found.has_traffic
    assert sum(found.parts.values()) == found.difference_minor < 0
    group = next(each for each in found.groups if each.key == str(Store.objects.get(code=told["subject"]).pk))
    assert min(group.split.parts, key=lambda part: group.split.parts[part]) == told["kind"]
    assert found.causes.values["one"]["values"]["cause"]["template"] == PARTS["traffic"][1]
    assert found.causes.values["one"]["values"]["group"] == group.name
