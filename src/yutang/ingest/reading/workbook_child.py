"""Reads one workbook in a process of its own, because its reader can be made to claim any amount of memory and abort.

``python -m yutang.ingest.reading.workbook_child sheets FILE ROWS`` writes the first rows of every visible sheet as JSON;
``... rows FILE REQUEST`` writes the rows of a sheet as an Arrow stream. A refusal is one JSON line on stderr, exit status 2.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import pyarrow as pa

from yutang.ingest.reading import spreadsheets
from yutang.ingest.reading.limits import MAX_WORKBOOK_MEMORY_BYTES
from yutang.kit.errors import DomainError

REFUSED = 2


def main(arguments: list[str]) -> int:
    """Serve one request and return the exit status."""
    _bound_memory()
    wish, path, request = arguments[0], Path(arguments[1]), json.loads(arguments[2])
    try:
        if wish == "sheets":
            json.dump(spreadsheets.first_rows_of_sheets(path, request), sys.stdout)
        else:
            _write_rows(path, request)
    except DomainError as refusal:
        sys.stderr.write("\n" + json.dumps({"refusal": type(refusal).__name__, "data": refusal.data}) + "\n")
        return REFUSED
    return 0


def _write_rows(path: Path, request: dict[str, object]) -> None:
    writer: pa.ipc.RecordBatchStreamWriter | None = None
    with pa.PythonFile(sys.stdout.buffer, mode="w") as out:
        for block in spreadsheets.blocks(path, **request):  # type: ignore[arg-type]
            writer = writer or pa.ipc.new_stream(out, block.schema)
            writer.write_batch(block)
        if writer is not None:
            writer.close()


def _bound_memory() -> None:
    """Let an allocation out of all proportion fail in this process instead of slowing the machine down."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_WORKBOOK_MEMORY_BYTES, MAX_WORKBOOK_MEMORY_BYTES))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
