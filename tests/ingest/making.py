"""Files that the tests of the readers make."""

from __future__ import annotations

import csv
import gzip
import io
import os
from pathlib import Path

import pyarrow as pa
import pytest

from yutang.ingest.reading import Source, open_source

REPOSITORY = Path(__file__).resolve().parents[2]


def reference_data(*parts: str) -> Path:
    """Return a file of the reference data, or skip the test."""
    root = Path(os.environ.get("YUTANG_REFERENCE_DATA", REPOSITORY.parent / "shared" / "data"))
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip("no reference data")
    return path


def csv_text(rows: list[list[str]], *, delimiter: str = ",", line_end: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return out.getvalue()


def written(folder: Path, content: str | bytes, *, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def gzipped(folder: Path, content: bytes, *, name: str = "file.csv.gz") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content))
    return path


def table_of(source: Source, sheet: int = 0, **options: object) -> pa.Table:
    return pa.Table.from_batches(list(source.batches(sheet, **options)))


def rows_of(path: Path, sheet: int = 0) -> list[tuple[str | None, ...]]:
    """Return the cells of every row, without numbers and problems."""
    source = open_source(path)
    batches = list(source.batches(sheet))
    return [
        tuple(row[f"c{i}"] for i in range(len(source.sheets[sheet].header))) for b in batches for row in b.to_pylist()
    ]


def problems_of(path: Path) -> dict[int, str]:
    """Return the problem of each row that has one, by row number."""
    found = (row for batch in open_source(path).batches() for row in batch.to_pylist())
    return {row["row_number"]: row["problem"] for row in found if row["problem"]}
