"""A large import is taken back by a job; whatever goes wrong with it, the import stands as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import NOW, import_text, view_of
from yutang.foundation.access import Actor
from yutang.foundation.actions import cancel_job
from yutang.foundation.jobs import run_inline
from yutang.ingest import actions, refusals
from yutang.ingest.models import Import
from yutang.ingest.queries import ImportView
from yutang.ingest.targets import TARGETS
from yutang.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImportView:
    """An import that counts as large."""
    monkeypatch.setattr(actions, "ROWS_UNDONE_AT_ONCE", 0)
    return import_text(tmp_path, "订单号,下单时间,会员号,商品名称,数量,单价\nA1,2026-01-02,M1,茶,1,9\n")


def start(view: ImportView) -> Import:
    return actions.start_undo(actor=Actor.system(), import_id=view.id, now=NOW)


def test_is_undone_when_the_job_is_done(view: ImportView) -> None:
    record = start(view)
    waiting = view_of(record)
    assert (record.status, waiting.progress is not None, Order.objects.count()) == ("undoing", True, 1)
    with pytest.raises(refusals.ImportIsBusy):
        start(view)

    run_inline(record.job_id or 0)

    assert (view_of(record).status, Order.objects.exists()) == ("undone", False)


def test_a_cancelled_undo_leaves_everything(view: ImportView) -> None:
    record = start(view)

    cancel_job(actor=Actor.system(), job_id=record.job_id or 0, now=NOW)

    assert (view_of(record).status, Order.objects.count()) == ("done", 1)


def test_a_fault_leaves_everything_and_is_said(view: ImportView, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(import_id: int, now: object) -> None:
        Order.objects.all().delete()
        raise RuntimeError

    monkeypatch.setattr(type(TARGETS["orders"]), "undo", property(lambda target: broken), raising=False)
    record = start(view)

    with pytest.raises(RuntimeError):
        run_inline(record.job_id or 0)

    after = view_of(record)
    assert (after.status, Order.objects.count()) == ("done", 1)
    assert "Nothing was taken back" in str(after.problem)


def test_a_small_one_is_undone_at_once(view: ImportView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "ROWS_UNDONE_AT_ONCE", 1)

    assert start(view).status == "undone"
