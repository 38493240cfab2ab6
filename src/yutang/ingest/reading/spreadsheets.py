"""Workbooks (xlsx, xls) into Arrow, every cell as the text a person would type. Runs in `workbook_child`."""

from __future__ import annotations

import datetime as dt
import math
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from yutang.ingest.reading.careful import column_label
from yutang.ingest.reading.cells import widest
from yutang.ingest.reading.limits import MAX_CELL_BYTES, MAX_COLUMNS, MAX_UNPACKED_SHEET_BYTES
from yutang.ingest.reading.problems import TOO_MANY_CELLS
from yutang.ingest.reading.refusals import (
    CellIsTooLarge,
    FileIsDamaged,
    FileIsEncrypted,
    HeaderHasTooManyColumns,
)
from yutang.ingest.reading.streams import unpacked_size

#: Above it a float no longer holds every integer, so that its digits are not to be believed.
_EXACT_BELOW = float(2**53)
#: Rows held as Python objects at a time.
_BLOCK_ROWS = 8_192
_ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")


def refuse_bomb(path: Path) -> None:
    """Unpack every member of an xlsx once, keeping nothing.

    Raises:
        FileExpandsTooFar: a member grows out of proportion.
        FileIsDamaged: it cannot be unpacked.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            left = 2 * MAX_UNPACKED_SHEET_BYTES
            for member in archive.infolist():
                left -= unpacked_size(file, member, limit=min(MAX_UNPACKED_SHEET_BYTES, left))
    except zipfile.BadZipFile as error:
        raise FileIsDamaged(detail=str(error)) from error


def is_encrypted_package(path: Path) -> bool:
    """Return whether an OLE file is an xlsx with a password."""
    with path.open("rb") as file:
        return _ENCRYPTED_MARK in file.read(1 << 20)


def opened(path: Path) -> calamine.CalamineWorkbook:
    """Open a workbook.

    Raises:
        FileIsEncrypted: it has a password.
        FileIsDamaged: it cannot be read.
    """
    try:
        return calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError as error:
        raise FileIsEncrypted from error
    except (calamine.CalamineError, OSError) as error:
        raise FileIsDamaged(detail=str(error)) from error


def first_rows_of_sheets(path: Path, limit: int) -> list[tuple[str, list[list[str]]]]:
    """Return name and first rows of every visible sheet as text, with the empty rows and columns before them.

    Raises:
        FileIsEncrypted: the workbook has a password.
        FileIsDamaged: it cannot be read.
    """
    with opened(path) as workbook:
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible == calamine.SheetVisibleEnum.Visible and sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]
    return [(name, [[_text(value) or "" for value in row] for row in _rows(path, name, limit)]) for name in names]


def blocks(
    path: Path, *, name: str, header: Sequence[str], header_row: int, columns: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows below the header in blocks of the reader's own size; blank rows only count in numbering.

    Raises:
        CellIsTooLarge: one cell is over the limit.
    """
    taken: list[list[Any]] = []
    numbers: list[int] = []
    for number, row in enumerate(_rows(path, name, None), 1):
        if number <= header_row or not any(value != "" for value in row):
            continue
        taken.append(row)
        numbers.append(number)
        if len(taken) == _BLOCK_ROWS:
            yield _as_batch(taken, numbers, header, columns)
            taken, numbers = [], []
    if taken:
        yield _as_batch(taken, numbers, header, columns)


def _rows(path: Path, name: str, limit: int | None) -> Iterator[list[Any]]:
    with opened(path) as workbook:
        try:
            sheet = workbook.get_sheet_by_name(name)
        except (calamine.CalamineError, OSError) as error:
            raise FileIsDamaged(detail=str(error)) from error
        if sheet.total_width > 8 * MAX_COLUMNS:
            raise HeaderHasTooManyColumns(columns=sheet.total_width, limit=MAX_COLUMNS)
        if limit is not None:
            yield from sheet.to_python(skip_empty_area=False, nrows=limit)
            return
        yield from sheet.iter_rows()


def _as_batch(
    rows: list[list[Any]], numbers: list[int], header: Sequence[str], columns: Sequence[int]
) -> pa.RecordBatch:
    arrays: dict[str, pa.Array] = {"row_number": pa.array(numbers, pa.int64())}
    for at in columns:
        values = (row[at] if at < len(row) else "" for row in rows)
        texts = pa.array([value or None if value.__class__ is str else _text(value) for value in values], pa.string())
        size, row = widest(texts)
        if size > MAX_CELL_BYTES:
            raise CellIsTooLarge(row=numbers[row], column=column_label(header, at), limit_kib=MAX_CELL_BYTES >> 10)
        arrays[f"c{at}"] = texts
    width = len(header)
    surplus = [[_text(v) or "" for v in row[width:]] if any(v != "" for v in row[width:]) else None for row in rows]
    arrays["problem"] = pa.array([TOO_MANY_CELLS if cells else None for cells in surplus], pa.string())
    arrays["surplus"] = pa.array(surplus, pa.list_(pa.string()))
    return pa.RecordBatch.from_pydict(arrays)


def _text(value: Any) -> str | None:
    """Return a cell as text: digits of whole numbers in full, instants in ISO, nothing for an empty cell."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if value.is_integer():
        return str(int(value)) if abs(value) < _EXACT_BELOW else f"{value:.14E}"
    return repr(value)
