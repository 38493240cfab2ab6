"""Batches worked out ahead in processes of their own: ``python -m yutang.ingest.drafting``.

What a batch says can mostly be found out without the store: rows become orders, people get their sealed records, their keys
and tokens. Processes beside the loading one do that for the next batches and write what came out into small SQLite files; the
loading process looks at what the store knows already and takes the rest over set-based. It never needs a draft: where one
is missing, or the store knows something of it, the batch is loaded as if there were none.

The files are written by a second SQLite library (ADBC), which must never run in a process that holds the store open.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

import yutang
from yutang.foundation import bulk
from yutang.ingest.batches import Batch, row_batches
from yutang.ingest.drafts import Draft
from yutang.ingest.shelving import StagedRows
from yutang.ingest.targets import TARGETS, Drafting, LoadContext, Target
from yutang.kit.memory import available_bytes, collector_paused

#: Fewer rows are loaded sooner than a process has started.
ROWS_WORTH_DRAFTING = 60_000
#: A file of so many bytes surely holds so many rows.
_LARGE = 64 * 2**20
#: Processes that work ahead.
_PROCESSES = min(2, os.cpu_count() or 1)
#: Memory that there must be for them: each takes up to three quarters of a gigabyte. Bytes.
_MEMORY = 3 * 2**30
#: Batches that each process works ahead; each is a few files of some tens of megabytes.
_AHEAD = 2
_log = logging.getLogger(__name__)


class Drafts:
    """The drafts of one staged sheet, asked for in ascending order of batches."""

    def __init__(self, drafters: Sequence[Drafter], order: Mapping[str, Any]) -> None:
        self._drafters = drafters
        self._next = 0
        for drafter in drafters:
            drafter.begin(order)

    def draft_of(self, batch: int) -> Draft | None:
        """Return the draft of a batch, waiting for it; None when there is none. The caller deletes it."""
        workers = len(self._drafters)
        self._next = max(self._next, batch)
        while self._next <= batch + workers * _AHEAD:
            self._drafters[self._next % workers].ask(self._next)
            self._next += 1
        return self._drafters[batch % workers].answer(batch)

    def close(self) -> None:
        """End the processes."""
        for drafter in self._drafters:
            drafter.close()


@contextmanager
def drafters_for(plan: Mapping[str, Any], *, size: int) -> Iterator[list[Drafter]]:
    """Start the processes of a large file while it is still being read, so that they are loaded when its rows are wanted.

    Args:
        plan: the import's plan.
        size: of the file. Bytes.
    """
    is_suited = any(TARGETS[sheet["target"]].drafting and sheet["grain"] == "order" for sheet in plan["sheets"])
    ready = [Drafter() for _ in range(_PROCESSES)] if is_suited and size >= _LARGE and _is_possible() else []
    try:
        yield ready
    finally:
        for drafter in ready:
            drafter.close()


@contextmanager
def drafts_of(
    target: Target, rows: StagedRows | None, context: LoadContext, ready: list[Drafter]
) -> Iterator[Drafts | None]:
    """Start working out the batches of staged rows; None where that would bring nothing, or cannot be taken over.

    Args:
        target: what the rows bring.
        rows: the staged rows.
        context: what loaders know.
        ready: processes that were started before; those that are used are taken out.
    """
    drafting = target.drafting
    if drafting is None or rows is None or sum(rows.counts) < ROWS_WORTH_DRAFTING or not (ready or _is_possible()):
        yield None
        return
    if not drafting.suits(rows.schema, context):
        yield None
        return
    told = {**asdict(context), "statuses": dict(context.statuses), "summed": sorted(context.summed)}
    staged = {**asdict(rows), "folder": str(rows.folder)}
    order = {"rows": staged, "target": target.code, "context": told, "facts": drafting.facts()}
    drafters = [ready.pop() if ready else Drafter() for _ in range(_PROCESSES)]
    drafts = Drafts(drafters, json.loads(json.dumps(order, default=datetime.isoformat)))
    try:
        yield drafts
    finally:
        drafts.close()


def _is_possible() -> bool:
    """Return whether the store can take drafts over, and there is memory for the processes that make them."""
    return bulk.can_attach() and available_bytes() >= _MEMORY


class Drafter:
    """One process. It ends with its standard input, so that none is left when the loading process is killed."""

    def __init__(self) -> None:
        source = str(Path(yutang.__file__).parent.parent)
        path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process.
        self._child = subprocess.Popen(
            [sys.executable, "-m", "yutang.ingest.drafting"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._asked: list[int] = []

    def begin(self, order: Mapping[str, Any]) -> None:
        """Say of which rows batches will be asked for."""
        self._say(json.dumps(order))

    def ask(self, batch: int) -> None:
        """Ask for the draft of a batch; batches are asked for in ascending order."""
        self._asked.append(batch)
        self._say(str(batch))

    def answer(self, batch: int) -> Draft | None:
        """Return the draft of the batch; drafts of earlier ones, which nobody wanted, are dropped."""
        while self._asked and self._asked[0] <= batch:
            asked = self._asked.pop(0)
            line = self._pipe(self._child.stdout).readline()
            if not line:
                self._complain()
                self._asked.clear()
                return None
            told = json.loads(line)
            draft = Draft(Path(told["tables"]), Path(told["sorted_rows"]), told["rows"]) if told else None
            if asked == batch:
                return draft
            if draft:
                draft.delete()
        return None

    def close(self) -> None:
        """End the process."""
        with suppress(BrokenPipeError):
            self._pipe(self._child.stdin).close()
        self._child.kill()
        self._child.wait()
        self._pipe(self._child.stdout).close()
        self._complaints.close()

    def _say(self, line: str) -> None:
        # A process that has ended is noticed when its answer is read.
        with suppress(BrokenPipeError):
            pipe = self._pipe(self._child.stdin)
            pipe.write(line + "\n")
            pipe.flush()

    def _complain(self) -> None:
        self._complaints.seek(0)
        said = self._complaints.read().decode(errors="replace")[-4000:]
        _log.warning("a drafting process ended early with code %s: %s", self._child.wait(), said)

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def main() -> None:
    """Read the order and then numbers of batches from standard input; answer each with the path of its draft, or null."""
    import django

    django.setup()
    line = sys.stdin.readline()
    if not line:
        return
    order = json.loads(line)
    target = TARGETS[order["target"]]
    assert target.drafting is not None
    context = _context(order["context"])
    rows = StagedRows(
        **{**order["rows"], "folder": Path(order["rows"]["folder"]), "near": tuple(order["rows"]["near"])}
    )
    batches = enumerate(row_batches(rows))
    for line in sys.stdin:
        wanted = int(line)
        batch = next((batch for place, batch in batches if place == wanted), None)
        # What a batch is made of holds no cycles, and is gone before the next one.
        with collector_paused():
            draft = _drafted(batch, wanted, target.drafting, rows.folder, context, order["facts"]) if batch else None
        print(json.dumps(draft), flush=True)


def _drafted(
    batch: Batch, place: int, drafting: Drafting, folder: Path, context: LoadContext, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the draft of a batch, and return where it is."""
    rows = batch.read()
    tables, sorted_rows = folder / f"draft-{place}.sqlite3", folder / f"draft-{place}.arrow"
    _write(tables, drafting.make(rows, context, facts))
    with pa.ipc.new_file(str(sorted_rows), rows.schema) as writer:
        writer.write_table(rows)
    return {"tables": str(tables), "sorted_rows": str(sorted_rows), "rows": rows.num_rows}


def _context(told: Mapping[str, Any]) -> LoadContext:
    at = {name: datetime.fromisoformat(told[name]) if told[name] else None for name in ("exported_at", "now")}
    return LoadContext(**{**told, **at, "summed": frozenset(told["summed"])})


def _write(path: Path, tables: Mapping[str, pa.Table]) -> None:
    from adbc_driver_sqlite import dbapi

    path.unlink(missing_ok=True)
    with dbapi.connect(str(path), autocommit=True) as connection, connection.cursor() as cursor:
        # A draft that is not whole is never read.
        for pragma in ("journal_mode=OFF", "synchronous=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
            cursor.fetchall()
        for name, table in tables.items():
            cursor.adbc_ingest(name, table, mode="create")


if __name__ == "__main__":
    main()
