"""An import that is killed again and again ends with the same tables as one that nobody disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from tests.importing import NOW, Watcher, import_path, store_content, view_of
from tests.support.emptying import empty_store
from yutang.foundation.access import Actor
from yutang.ingest import actions, batches
from yutang.ingest.models import Import, ImportStatus
from yutang.ingest.queries import ImportView
from yutang.ingest.running import run

pytestmark = pytest.mark.django_db(transaction=True)

#: Starts once, then lets a process of its own work at an import for each number that it reads; a beat for each batch.
_FORKER = """
import os, sys, django
django.setup()
from datetime import datetime, UTC
from yutang.ingest import batches
batches.ROWS_PER_BATCH = 40
from yutang.ingest.running import run
def say(line):
    # Two processes say lines into one pipe: each must go in one piece, which print does not do where it is unbuffered.
    os.write(1, f"{line}\\n".encode())
class Watcher:
    def progress(self, done, total, note=None): pass
    def check_cancelled(self): say("beat")
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(import_id=int(line), watcher=Watcher(), clock=lambda: datetime(2026, 3, 11, 2, 0, tzinfo=UTC))
        os._exit(0)
    say(f"child {child}")
    say(f"ended {os.waitpid(child, 0)[1]}")
"""
MOST_KILLS = 50


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


@dataclass(frozen=True)
class Undisturbed:
    """What an import that nobody disturbed leaves."""

    path: Path
    content: dict[str, list[tuple[object, ...]]]
    view: ImportView
    seconds_a_batch: float


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut batches so small that an import has many."""
    monkeypatch.setattr(batches, "ROWS_PER_BATCH", 40)


@pytest.fixture
def undisturbed(tmp_path: Path, small_batches: None) -> Undisturbed:
    """A file, the tables after an import that nobody disturbed, and its counts; the store is empty again."""
    path = _file(tmp_path, 900)
    empty_store()
    watcher, began = Watcher(), time.monotonic()
    view = import_path(path, watcher=watcher)
    seconds = time.monotonic() - began
    content = store_content()
    empty_store()
    return Undisturbed(path, content, view, seconds / watcher.checks)


def _assert_same(record: Import, undisturbed: Undisturbed) -> None:
    content = store_content()
    assert [name for name, rows in undisturbed.content.items() if content[name] != rows] == []
    done = view_of(Import.objects.get(pk=record.pk))
    assert done.status == ImportStatus.DONE
    assert (done.counts, done.amounts, done.made) == (
        undisturbed.view.counts,
        undisturbed.view.amounts,
        undisturbed.view.made,
    )


class TestBrokenOff:
    def test_at_every_batch_it_goes_on_where_it_stopped(self, undisturbed: Undisturbed) -> None:
        path = undisturbed.path
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
    def test_fifty_times_at_random_points(self, undisturbed: Undisturbed, child_environment: dict[str, str]) -> None:
        path = undisturbed.path
        dice, kills, imports = random.Random(3), 0, 0

        with _forker(child_environment) as forker:
            while kills < MOST_KILLS:
                empty_store()
                record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
                connection.close()
                while Import.objects.get(pk=record.pk).status != ImportStatus.DONE:
                    beats = dice.randrange(6) if kills < MOST_KILLS else None
                    kills += _killed_run(forker, record.pk, beats, dice.uniform(0, undisturbed.seconds_a_batch))
                imports += 1
                _assert_same(record, undisturbed)

        assert kills == MOST_KILLS > 5 * imports


@contextmanager
def _forker(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _FORKER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as forker:
        yield forker


def _killed_run(forker: subprocess.Popen[str], import_id: int, beats: int | None, seconds: float) -> int:
    """Let a process work at the import for some beats and seconds, then kill it.

    Returns:
        1 when it was killed, 0 when it had ended by itself; without `beats` it is left to its end.
    """
    assert forker.stdin is not None
    assert forker.stdout is not None
    forker.stdin.write(f"{import_id}\n")
    forker.stdin.flush()
    said = _until(forker, {"child"})
    child = int(said[1])
    while beats and said[0] != "ended":
        said = _until(forker, {"beat", "ended"})
        beats -= 1
    if beats is not None and said[0] != "ended":
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    if said[0] != "ended":
        said = _until(forker, {"ended"})
    status = int(said[1])
    assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL, status
    return int(status != 0)


def _until(forker: subprocess.Popen[str], words: set[str]) -> list[str]:
    """Read what is said until one of the words comes."""
    assert forker.stdout is not None
    for line in forker.stdout:
        said = line.split()
        if said and said[0] in words:
            return said
    raise AssertionError("the forker has gone")
