"""Workbooks seen from the process that wants their rows: a child process reads them, and may die of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from yutang.ingest.reading import refusals
from yutang.ingest.reading.workbook_child import REFUSED
from yutang.kit.errors import DomainError


def first_rows_of_sheets(path: Path, limit: int) -> list[tuple[str, list[list[str]]]]:
    """Return name and first rows of every visible sheet.

    Raises:
        DomainError: the workbook cannot be read.
    """
    with _child("sheets", path, limit) as answer:
        text = answer.read()
    return [(name, rows) for name, rows in json.loads(text)]


def blocks(
    path: Path, name: str, header: tuple[str, ...], *, header_row: int, columns: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a sheet below its header.

    Raises:
        DomainError: the workbook cannot be read, or a cell is over the limit.
    """
    request = {"name": name, "header": list(header), "header_row": header_row, "columns": list(columns)}
    with _child("rows", path, request) as answer:
        if not answer.peek(1):  # type: ignore[attr-defined]
            return
        try:
            yield from pa.ipc.open_stream(answer)
        except (pa.ArrowInvalid, OSError, EOFError):
            # The stream broke off; why, the end of the child tells.
            answer.read()


@contextmanager
def _child(wish: str, path: Path, request: Any) -> Iterator[IO[bytes]]:
    """Give the answer of a child process to read, and raise what it refused or died of."""
    command = [sys.executable, "-m", "yutang.ingest.reading.workbook_child", wish, str(path), json.dumps(request)]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "RUST_BACKTRACE": "0"}
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, env=surroundings)
        assert child.stdout is not None
        try:
            yield child.stdout
        except GeneratorExit:
            child.kill()
            raise
        finally:
            child.stdout.close()
            status = child.wait()
        complaints.seek(0)
        if status:
            raise _refusal(status, complaints.read().decode(errors="replace"))


def _refusal(status: int, complaint: str) -> DomainError:
    if status == REFUSED:
        told = json.loads(complaint.strip().splitlines()[-1])
        refusal: DomainError = getattr(refusals, told["refusal"])(**told["data"])
        return refusal
    if "memory allocation" in complaint or "MemoryError" in complaint or "ArrowMemoryError" in complaint:
        return refusals.WorkbookIsTooLarge()
    return refusals.FileIsDamaged(detail="xlsx, xls")
