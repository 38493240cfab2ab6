"""The careful way through a block of delimited text: short rows, stray quotes, a torn end.

Works on bytes seen as Latin-1, one character a byte: delimiters and quotes never occur inside a character of
UTF-8 or GB18030 (of delimiters above ``@`` in GB18030 the caller transcodes first), so that cells can be cut before
they are decoded, and a broken character stays in its own cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yutang.ingest.reading.dialect import Dialect
from yutang.ingest.reading.limits import MAX_CELL_BYTES, MAX_ROW_BYTES, MIB
from yutang.ingest.reading.problems import CUT_OFF, TOO_MANY_CELLS, UNCLOSED_QUOTE
from yutang.ingest.reading.refusals import CellIsTooLarge, LineIsTooLong

#: Not a character of any text; tells whether a quote was still open when the block ended.
_END = "\ufdd0"


@dataclass
class Row:
    """Cells of one row as Latin-1, all of them where there are more than columns, and what is wrong with it."""

    cells: list[str]
    problem: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether every cell is empty: such a row counts in numbering and nowhere else."""
        return not any(self.cells) and self.problem is None


def rows_of(block: bytes, dialect: Dialect, *, first_row: int, is_last: bool) -> tuple[list[Row], bytes]:
    """Return the whole rows of a block, and the bytes of a row that the block does not finish.

    Args:
        block: bytes from the start of a row.
        dialect: how to cut.
        first_row: number of the block's first row, for refusals.
        is_last: nothing follows; then every byte becomes part of a row.

    Raises:
        CellIsTooLarge: one cell is over the limit.
        LineIsTooLong: one row is over the limit.
    """
    csv.field_size_limit(4 * MAX_ROW_BYTES)
    cut = len(block) if is_last else block.rfind(dialect.newline) + 1
    text, torn_line = block[:cut].decode("latin-1"), block[cut:]
    lines = _Lines(text)
    rows: list[Row] = []
    for cells in csv.reader(lines, delimiter=dialect.delimiter):
        record = lines.taken()
        if cells and cells[-1].endswith(_END):
            if len(cells) > 1 or cells[0] != _END:
                torn_line = "".join(record)[: -len(_END)].encode("latin-1") + torn_line
            break
        _refuse_giants(record, cells, dialect, row=first_row + len(rows))
        rows.extend(_checked(record, cells, dialect))
    if torn_line and (is_last or len(torn_line) > MAX_CELL_BYTES):
        torn_rows, torn_line = _torn(torn_line, dialect, row=first_row + len(rows), is_last=is_last)
        return rows + torn_rows, torn_line
    if is_last and rows and not block.endswith((b"\n", b"\r")) and 0 < len(rows[-1].cells) < dialect.shortest:
        rows[-1].problem = rows[-1].problem or CUT_OFF
    return rows, torn_line


class _Lines(Iterator[str]):
    """Physical lines with their ends, remembering those taken for the current record."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._taken: list[str] = []
        self._ended = False

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            if self._ended:
                raise StopIteration
            self._ended, line = True, _END
        self._taken.append(line)
        return line

    def taken(self) -> list[str]:
        """Return the lines since the last call."""
        taken, self._taken = self._taken, []
        return taken


def _checked(record: list[str], cells: list[str], dialect: Dialect) -> list[Row]:
    """Return the record as rows: one, or several where an unclosed quote swallowed lines."""
    columns = len(dialect.header)
    wrong_width = len(cells) != dialect.width and len(cells) != columns
    if wrong_width and len(record) > 1 and (rows := _resplit(record, dialect)):
        return rows
    return [_row(cells, columns)]


def _row(cells: list[str], columns: int, problem: str | None = None) -> Row:
    """Return the cells as a row; what stands beyond the columns is a problem, unless it is blank."""
    if any(cell.strip() for cell in cells[columns:]):
        return Row(cells, problem or TOO_MANY_CELLS)
    return Row(cells[:columns], problem)


def _resplit(record: list[str], dialect: Dialect) -> list[Row]:
    """Return the lines of a record as rows of their own if each after the first is a whole row; else nothing."""
    columns = len(dialect.header)
    rows: list[Row] = []
    for line in record:
        cells = next(csv.reader([line], delimiter=dialect.delimiter), [])
        is_whole = len(cells) > 1 and len(cells) in (dialect.width, columns)
        if rows and not is_whole:
            return []
        rows.append(_row(cells, columns, None if rows else UNCLOSED_QUOTE))
    return rows if len(rows) > 1 else []


def _torn(torn: bytes, dialect: Dialect, *, row: int, is_last: bool) -> tuple[list[Row], bytes]:
    """Return rows and remaining bytes out of an unfinished record, or refuse one that grows without end."""
    lines = io.StringIO(torn.decode("latin-1"), newline="").readlines()
    waiting = "" if is_last else lines.pop()
    if rows := _resplit(lines, dialect):
        return rows, waiting.encode("latin-1")
    lines = [*lines, waiting] if waiting else lines
    cells = next(csv.reader(lines, delimiter=dialect.delimiter), [])
    _refuse_giants(lines, cells, dialect, row=row)
    return ([_row(cells, len(dialect.header), CUT_OFF)], b"") if is_last else ([], torn)


def _refuse_giants(record: list[str], cells: list[str], dialect: Dialect, *, row: int) -> None:
    size = sum(map(len, record))
    if size > MAX_CELL_BYTES:
        refuse_giant_cells(cells, dialect.header, row_number=row)
    if size > MAX_ROW_BYTES:
        raise LineIsTooLong(row=row, limit_mib=MAX_ROW_BYTES // MIB)


def refuse_giant_cells(cells: Sequence[str], header: tuple[str, ...], *, row_number: int) -> None:
    """Raise `CellIsTooLarge` for the first cell over the limit."""
    for at, cell in enumerate(cells):
        if len(cell) > MAX_CELL_BYTES:
            raise CellIsTooLarge(row=row_number, column=column_label(header, at), limit_kib=MAX_CELL_BYTES >> 10)


def column_label(header: Sequence[str], at: int) -> str:
    """Return the name of a column, or its number from 1 where it has none."""
    return header[at] if at < len(header) and header[at] else str(at + 1)
