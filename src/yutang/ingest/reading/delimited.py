"""Delimited text into Arrow: whole blocks by PyArrow's parser, single blocks with oddities the careful way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from yutang.ingest.reading import careful
from yutang.ingest.reading.ahead import read_ahead
from yutang.ingest.reading.cells import decoded, widest
from yutang.ingest.reading.dialect import Dialect
from yutang.ingest.reading.limits import MAX_CELL_BYTES
from yutang.ingest.reading.problems import CUT_OFF, FILE_CUT_OFF, UNREADABLE_CHARACTERS
from yutang.ingest.reading.refusals import CellIsTooLarge
from yutang.ingest.reading.streams import ByteStream, StreamIsCutOff

_QUOTE = 34
_BREAKS = (b"\n", b"\r")


@dataclass
class RawBlock:
    """Rows cut into cells but not yet decoded. Aligned by position."""

    row_numbers: npt.NDArray[np.int64]
    problems: list[str | None] | None
    columns: dict[int, pa.BinaryArray]
    ends_torn: bool = False
    surplus: list[list[str] | None] | None = None


def blocks(stream: ByteStream, dialect: Dialect, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """Yield the rows after the header, in blocks of the reader's own size, parsing one block ahead.

    Args:
        stream: the text.
        dialect: how to cut it.
        columns: positions of the columns wanted.

    Raises:
        DomainError: one of the refusals of the stream, a giant cell or row.
    """
    for block in read_ahead(_RawBlocks(stream, dialect, columns).__iter__):
        if len(block.row_numbers):
            yield _as_batch(block, dialect)


class _RawBlocks:
    """Cuts the stream at row ends and cuts each piece into cells."""

    def __init__(self, stream: ByteStream, dialect: Dialect, columns: Sequence[int]) -> None:
        self._stream = stream
        self._dialect = dialect
        self._columns = list(columns)
        self._next_row = 1

    def __iter__(self) -> Iterator[RawBlock]:
        chunks = self._stream.chunks()
        waiting, was_cut_off = b"", False
        chunk = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
        while True:
            try:
                following = next(chunks, None)
            except StreamIsCutOff:
                following, was_cut_off = None, True
            block, waiting = self._cut(waiting + chunk, is_last=following is None)
            yield block
            if following is None:
                break
            chunk = following
        if was_cut_off:
            yield RawBlock(np.array([self._next_row]), [FILE_CUT_OFF], {c: _nulls(1) for c in self._columns})

    def _cut(self, content: bytes, *, is_last: bool) -> tuple[RawBlock, bytes]:
        end = len(content) if is_last else _row_end(content, self._dialect.newline)
        fast = self._fast(content[:end]) if end else None
        if fast is not None:
            fast.ends_torn = is_last and not content.endswith(_BREAKS)
            return self._without_blanks(fast, content[:end]), content[end:]
        return self._careful(content, is_last=is_last)

    def _fast(self, content: bytes) -> RawBlock | None:
        """Return the block as PyArrow's parser sees it; None where a row has not the usual width."""
        if not content:
            return None
        width, header = self._dialect.width, len(self._dialect.header)
        wanted = {*self._columns, *range(header, width), width - 1}
        table = _parsed(content, self._dialect, [c for c in sorted(wanted) if c < width])
        if table is None or _ends_inside_a_quote(table[f"c{width - 1}"], content):
            return None
        if any(table[f"c{c}"].null_count < len(table) for c in range(header, width)):
            return None
        found = {c: _one_array(table[f"c{c}"]) if c < width else _nulls(len(table)) for c in self._columns}
        skipped = max(self._dialect.header_row + 1 - self._next_row, 0)
        block = RawBlock(np.arange(self._next_row, self._next_row + len(table)), None, found)
        self._next_row += len(table)
        return _sliced(block, skipped)

    def _careful(self, content: bytes, *, is_last: bool) -> tuple[RawBlock, bytes]:
        rows, rest = careful.rows_of(content, self._dialect, first_row=self._next_row, is_last=is_last)
        numbered = [
            (number, row)
            for number, row in enumerate(rows, self._next_row)
            if number > self._dialect.header_row and not row.is_blank
        ]
        self._next_row += len(rows)
        found = {c: _column_of([row for _, row in numbered], c) for c in self._columns}
        numbers = np.array([number for number, _ in numbered], np.int64)
        surplus = [self._surplus(row) for _, row in numbered]
        return RawBlock(numbers, [row.problem for _, row in numbered], found, is_last, surplus), rest

    def _surplus(self, row: careful.Row) -> list[str] | None:
        """Return the cells of a row that stand under no column."""
        cells = row.cells[len(self._dialect.header) :]
        return [cell.encode("latin-1").decode(self._dialect.encoding, "replace") for cell in cells] or None

    def _without_blanks(self, block: RawBlock, content: bytes) -> RawBlock:
        """Drop rows with no cell at all; the whole width is looked at only where every wanted cell is empty."""
        if block.columns and not _all_null(block.columns.values(), len(block.row_numbers)).any():
            return block
        table = _parsed(content, self._dialect, list(range(self._dialect.width)))
        if table is None or not len(block.row_numbers):
            return block
        blank = _all_null([_one_array(c) for c in table.columns], len(table))[-len(block.row_numbers) :]
        keep = pa.array(~blank)
        kept = {c: column.filter(keep) for c, column in block.columns.items()}
        return RawBlock(block.row_numbers[~blank], None, kept, block.ends_torn)


def _row_end(content: bytes, newline: bytes) -> int:
    """Return where the last whole row ends by the parity of quotes; 0 where that cannot be told quickly.

    Stray quotes can mislead the parity; `_ends_inside_a_quote` and the width of rows catch what follows from it.
    """
    is_quote = np.frombuffer(content, np.uint8) == _QUOTE
    end, quotes = len(content), int(np.count_nonzero(is_quote))
    for _ in range(200):
        start = content.rfind(newline, 0, end) + 1
        quotes -= int(np.count_nonzero(is_quote[start:end]))
        if start == 0 or quotes % 2 == 0:
            return start
        end = start - 1
    return 0


def _parsed(content: bytes, dialect: Dialect, columns: list[int]) -> pa.Table | None:
    names = [f"c{c}" for c in range(dialect.width)]
    wanted = [f"c{c}" for c in columns]
    try:
        return pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=len(content) + 1, use_threads=False),
            parse_options=pa_csv.ParseOptions(
                delimiter=dialect.delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.binary()),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _ends_inside_a_quote(last_column: pa.ChunkedArray, content: bytes) -> bool:
    """Return whether the block was cut in a quoted cell: the parser then keeps the line break as part of it."""
    value = last_column[-1].as_py() if len(last_column) else None
    if not value:
        return False
    tail = content.rstrip(b"\r\n") if content.endswith(_BREAKS) else content
    if not content.endswith(_BREAKS):
        return not tail.endswith(b'"') and tail[-len(value) - 1 : -len(value)] == b'"'
    closed_after_break = tail.endswith((b'\n"', b'\r"'))
    return value.endswith(_BREAKS) and not closed_after_break


def _as_batch(block: RawBlock, dialect: Dialect) -> pa.RecordBatch:
    problems = block.problems or [None] * len(block.row_numbers)
    arrays: dict[str, pa.Array] = {"row_number": pa.array(block.row_numbers, pa.int64())}
    for at, raw in block.columns.items():
        _refuse_giant_cell(raw, block, dialect, at)
        arrays[f"c{at}"], broken = decoded(raw, dialect.encoding)
        for row in np.flatnonzero(broken) if broken is not None else ():
            is_torn = block.ends_torn and row == len(problems) - 1
            problems[row] = problems[row] or (CUT_OFF if is_torn else UNREADABLE_CHARACTERS)
    arrays["problem"] = pa.array(problems, pa.string())
    arrays["surplus"] = pa.array(block.surplus or [None] * len(problems), pa.list_(pa.string()))
    return pa.RecordBatch.from_pydict(arrays)


def _refuse_giant_cell(raw: pa.BinaryArray, block: RawBlock, dialect: Dialect, at: int) -> None:
    size, row = widest(raw)
    if size > MAX_CELL_BYTES:
        raise CellIsTooLarge(
            row=int(block.row_numbers[row]),
            column=careful.column_label(dialect.header, at),
            limit_kib=MAX_CELL_BYTES >> 10,
        )


def _column_of(rows: list[careful.Row], at: int) -> pa.BinaryArray:
    cells = (row.cells[at] if at < len(row.cells) else "" for row in rows)
    return pa.array([cell.encode("latin-1") or None for cell in cells], pa.binary())


def _sliced(block: RawBlock, skipped: int) -> RawBlock:
    if not skipped:
        return block
    columns = {c: column.slice(skipped) for c, column in block.columns.items()}
    return RawBlock(block.row_numbers[skipped:], None, columns, block.ends_torn)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _all_null(columns: Iterable[pa.Array], rows: int) -> npt.NDArray[np.bool_]:
    blank = np.ones(rows, np.bool_)
    for column in columns:
        if column.null_count == 0:
            return np.zeros(rows, np.bool_)
        blank &= pc.is_null(column).to_numpy(zero_copy_only=False)
    return blank


def _nulls(rows: int) -> pa.BinaryArray:
    return pa.nulls(rows, pa.binary())
