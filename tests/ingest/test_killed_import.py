"""An import that is killed again and again ends with the same tables as one that nobody disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tests.importing import NOW, Watcher, import_path, store_content, view_of
from yutang.foundation.access import Actor
from yutang.ingest import actions, batches
from yutang.ingest.models import Import, ImportStatus
from yutang.ingest.queries import ImportView
from yutang.ingest.running import run

pytestmark = pytest.mark.django_db(transaction=True)

_CHILD = """
import django, sys
django.setup()
from datetime import datetime, UTC
from yutang.ingest import batches
batches.ROWS_PER_BATCH = 40
from yutang.ingest.running import run
class Watcher:
    def progress(self, done, total, note=None): pass
    def check_cancelled(self): pass
print("ready", flush=True)
run(import_id=int(sys.argv[1]), watcher=Watcher(), clock=lambda: datetime(2026, 3, 11, 2, 0, tzinfo=UTC))
print("done", flush=True)
"""


def _file(folder: Path, orders: int) -> Path:
    """Write order lines with repeat buyers, shared phones, cancellations and bad rows."""
    dice = random.Random(11)
    lines = ["订单号,下单时间,会员号,客户姓名,手机号,商品编码,商品名称,数量,单价"]
    for n in range(orders):
        person = dice.randrange(orders // 3)
        phone = f"1455{person // 2:07d}"
        for _ in range(dice.randrange(1, 4)):
            product, quantity = dice.randrange(20), dice.choice([1, 1, 2, "x" if dice.random() < 0.02 else 3])
            when = f"2026-01-{1 + n % 28:02d} 10:{n % 60:02d}:00"
            lines.append(
                f"K{n:05d},{when},M{person},顾客{person % 50},{phone},P{product},货品{product},{quantity},{9.9 + product}"
            )
    path = folder / "till.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut batches so small that an import has many."""
    monkeypatch.setattr(batches, "ROWS_PER_BATCH", 40)


@pytest.fixture
def undisturbed(tmp_path: Path, small_batches: None) -> tuple[Path, dict[str, list[tuple[object, ...]]], ImportView]:
    """A file, the tables after an import that nobody disturbed, and its counts; the store is empty again."""
    call_command("flush", interactive=False, verbosity=0)  # numbers begin at one again
    path = _file(tmp_path, 900)
    view = import_path(path)
    content = store_content()
    call_command("flush", interactive=False, verbosity=0)
    return path, content, view


def _assert_same(record: Import, undisturbed: tuple[Path, dict[str, list[tuple[object, ...]]], ImportView]) -> None:
    _, content, view = undisturbed
    assert store_content() == content
    done = view_of(Import.objects.get(pk=record.pk))
    assert done.status == ImportStatus.DONE
    assert (done.counts, done.amounts, done.made) == (view.counts, view.amounts, view.made)


class TestBrokenOff:
    def test_at_every_batch_it_goes_on_where_it_stopped(
        self, undisturbed: tuple[Path, dict[str, list[tuple[object, ...]]], ImportView]
    ) -> None:
        path = undisturbed[0]
        record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)

        stops = 0
        while True:
            try:
                run(import_id=record.pk, watcher=Watcher(stop_at=2), clock=lambda: NOW)
                break
            except RuntimeError:
                stops += 1

        assert stops > 20
        _assert_same(record, undisturbed)


@pytest.mark.slow
@pytest.mark.minutes
class TestKilled:
    def test_fifty_times_at_random_points(
        self,
        undisturbed: tuple[Path, dict[str, list[tuple[object, ...]]], ImportView],
        child_environment: dict[str, str],
    ) -> None:
        path = undisturbed[0]
        dice, kills = random.Random(3), 0

        while kills < 50:
            call_command("flush", interactive=False, verbosity=0)
            record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
            connection.close()
            while Import.objects.get(pk=record.pk).status != ImportStatus.DONE:
                kills += _killed_run(record.pk, dice.uniform(0, 0.9), child_environment)
            _assert_same(record, undisturbed)


def _killed_run(import_id: int, seconds: float, environment: dict[str, str]) -> int:
    """Let a process work at the import for so long, then kill it; return 1 when it had not ended by itself."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(import_id)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    killed = child.poll() is None
    if killed:
        os.kill(child.pid, signal.SIGKILL)
    child.wait()
    return int(killed)
