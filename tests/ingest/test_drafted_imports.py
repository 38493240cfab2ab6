"""What was worked out ahead in other processes comes to the same as what is worked out beside the store."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tests.importing import NOW, Watcher, adds_up, import_path, view_of
from tests.support.emptying import empty_store
from tests.support.starting import Child, Starter
from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.ingest import actions, batches, drafting, shelving
from yutang.ingest.drafts import Draft
from yutang.ingest.running import run
from yutang.ingest.targets import TARGETS
from yutang.orders.models import Order
from yutang.simulator.plan import Plan
from yutang.simulator.run import simulate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only, pytest.mark.slow]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """An order report cut by time into two files that share some orders; families share numbers, some hide theirs.

    The first file holds some orders twice, whose amount counts once.
    """
    span = {"from_date": date(2025, 6, 1), "to_date": date(2026, 3, 1)}
    simulate(Plan(seed=5, customers=500, stores=2, platforms=("taobao",), **span), tmp_path)
    report = next((tmp_path / "exports" / "taobao").glob("ExportOrderList*"))
    header, *rows = report.read_bytes().splitlines(keepends=True)
    parts = [tmp_path / "ExportOrderList202603010001.csv", tmp_path / "ExportOrderList202603020001.csv"]
    for part, some in zip(parts, ([*rows[: len(rows) * 2 // 3], *rows[:15]], rows[len(rows) // 2 :]), strict=True):
        part.write_bytes(header + b"".join(some))
    return parts


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Draft files of any size in small batches; whether each draft was taken over is noted."""
    monkeypatch.setattr(batches, "ROWS_PER_BATCH", 150)
    monkeypatch.setattr(shelving, "ROWS_ON_ONE_SHELF", 100)
    monkeypatch.setattr(drafting, "ROWS_WORTH_DRAFTING", 1)
    monkeypatch.setattr(drafting, "_LARGE", 1)
    notes: list[bool] = []
    orders = TARGETS["orders"]
    assert orders.drafting is not None
    load = orders.drafting.load

    def noted(*arguments: Any) -> Any:
        outcome = load(*arguments)
        notes.append(outcome is not None)
        return outcome

    monkeypatch.setitem(vars(orders.drafting), "load", noted)
    return notes


@pytest.fixture
def loaded(starter: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafting processes are forked from a loaded one, where it is not them that a test is about."""

    def popen(_: list[str], *, env: dict[str, str], text: bool, **files: Any) -> Child:
        return starter.start("from yutang.ingest import drafting\ndrafting.main()", environment=env, **files)

    monkeypatch.setattr(drafting, "subprocess", SimpleNamespace(Popen=popen, PIPE=subprocess.PIPE))


def _picture() -> dict[str, list[Any]]:
    """Return the store with people told by their records, not by their numbers."""
    people = {
        key: (json.dumps(unseal(sealed), ensure_ascii=False, sort_keys=True), str(seen), into)
        for key, sealed, seen, into in _rows("id, sealed_profile, first_seen_at, merged_into_id", "customers_customer")
    }

    def told(columns: str, table: str, *, whose: Callable[[tuple[Any, ...]], Any] = lambda row: row[0]) -> list[Any]:
        return sorted(
            [(people[whose(row)][0] if whose(row) else "", *map(str, row[1:])) for row in _rows(columns, table)]
        )

    order = (
        "customer_id, number, status, channel, title, placed_at, business_date, paid_at, goods_minor, shipping_minor"
    )
    return {
        "people": sorted(text for text, *_ in people.values()),
        "orders": told(f"{order}, total_minor, total_is_stated, refunded_minor, content_digest", "orders_order"),
        "refunds": told("customer_id, number, amount_minor, refunded_at, business_date, line_key", "orders_refund"),
        "identifiers": told("customer_id, kind, scope, digest", "customers_identifier"),
        "evidence": told("customer_id, kind, scope, digest", "customers_contestedidentifier"),
        "tokens": told("customer_id, token", "customers_nametoken"),
        "cases": told("first_id, kind, reason, status", "customers_reviewcase"),
        "scopes": sorted(_rows("kind, scope", "customers_accountscope")),
    }


def _rows(columns: str, table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table}")
        return list(cursor.fetchall())


def _import_all(files: list[Path]) -> list[Any]:
    views = [import_path(path) for path in files]
    assert all(adds_up(view) for view in views)
    return [(view.counts, view.amounts, view.made) for view in views]


def test_drafts_leave_what_the_plain_way_leaves(
    files: list[Path], taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted, with_drafts = _import_all(files), _picture()
    assert sum(taken) > 5, "most batches of the first file are new"
    assert not all(taken), "the second file holds orders that are known"

    empty_store()
    monkeypatch.setattr(drafting, "ROWS_WORTH_DRAFTING", 10**9)
    plain, without = _import_all(files), _picture()

    assert drafted == plain
    assert [name for name, rows in without.items() if rows != with_drafts[name]] == []
    assert len(without["orders"]) > 800


@pytest.mark.usefixtures("loaded")
def test_the_same_file_again_changes_nothing(files: list[Path], taken: list[bool]) -> None:
    import_path(files[0])
    before = _picture()

    again = import_path(files[0])

    assert (again.counts["new"], again.counts["updated"]) == (0, 0)
    assert _picture() == before


@pytest.mark.usefixtures("loaded")
def test_an_import_goes_on_when_the_drafting_processes_are_gone(
    files: list[Path], taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft_of = drafting.Drafts.draft_of

    def killed_at_the_third(self: drafting.Drafts, batch: int) -> Draft | None:
        if batch == 2:
            self.close()
        return draft_of(self, batch) if batch < 2 else None

    undisturbed, picture = import_path(files[0]).counts, _picture()
    empty_store()
    monkeypatch.setattr(drafting.Drafts, "draft_of", killed_at_the_third)

    assert import_path(files[0]).counts == undisturbed
    assert _picture() == picture


@pytest.mark.usefixtures("loaded")
def test_an_import_broken_off_goes_on_where_it_stopped(files: list[Path], taken: list[bool]) -> None:
    undisturbed, picture = import_path(files[0]).counts, _picture()
    empty_store()
    record = actions.prepare_import(actor=Actor.system(), path=files[0], file_name=files[0].name, now=NOW)
    for stop_at in (4, 3, 2):
        with pytest.raises(RuntimeError):
            run(import_id=record.pk, watcher=Watcher(stop_at=stop_at), clock=lambda: NOW)
    assert 0 < Order.objects.count() < 800
    run(import_id=record.pk, watcher=Watcher(), clock=lambda: NOW)

    assert view_of(record).counts == undisturbed
    assert _picture() == picture


def test_a_drafting_process_ends_with_its_input(child_environment: dict[str, str]) -> None:
    child = subprocess.run(
        [sys.executable, "-m", "yutang.ingest.drafting"],
        input=json.dumps({"target": "orders", "facts": {}, "rows": _NO_ROWS, "context": _CONTEXT}) + "\n",
        env=child_environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert (child.returncode, child.stdout) == (0, "")


_NO_ROWS = {"folder": "/nowhere", "counts": [], "cells": 1, "group_key": "order_number", "near": [], "batch_rows": 1}
_CONTEXT = {
    "import_id": 1,
    "platform": "taobao",
    "shop_name": "",
    "grain": "order",
    "statuses": {},
    "summed": [],
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "exported_at": None,
    "continues_id": None,
    "now": "2026-03-11T02:00:00+00:00",
}
