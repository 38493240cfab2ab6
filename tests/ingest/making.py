"""Files that the tests of the readers make."""

from __future__ import annotations

import csv
import gzip
import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from yutang.ingest.formats import Format
from yutang.ingest.reading import Source, open_source
from yutang.ingest.recognition import Recognition, recognise
from yutang.ingest.values import ValueKind, parse
from yutang.ingest.wording import WORDS

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


def typed(path: Path, sheet: int = 0) -> tuple[Format, list[dict[str, Any]]]:
    """Return the recognised format of a file and its rows as the engine would type and adjust them."""
    source = open_source(path)
    found = recognise(source.sheets[sheet].header)
    assert found is not None
    rows: list[dict[str, Any]] = []
    for batch in source.batches(sheet):
        rows += typed_table(found, batch).to_pylist()
    return found.format, rows


def typed_table(found: Recognition, cells: pa.RecordBatch) -> pa.Table:
    form, positions = found.format, {**found.columns, **found.extras}
    cells = form.prepare(cells, positions) if form.prepare else cells
    columns: dict[str, pa.Array] = {"row_number": cells.column("row_number")}
    for field, at in positions.items():
        kind = WORDS[form.target].fields[field].kind if field in found.columns else ValueKind.TEXT
        values = parse(kind, cells.column(f"c{at}"), day_first=form.day_first).values
        if kind is ValueKind.DATETIME:
            local = pc.struct_field(values, "local")
            columns |= {
                field: pc.subtract(local, pa.scalar(8 * 3600, pa.duration("s"))),
                f"{field}_on": pc.cast(local, pa.date32(), safe=False),
            }
        elif kind is ValueKind.PHONE:
            columns |= {field: pc.struct_field(values, "e164"), f"{field}_masked": pc.struct_field(values, "masked")}
        else:
            columns[field] = values
    table = pa.table(columns)
    return form.adjust(table) if form.adjust else table
