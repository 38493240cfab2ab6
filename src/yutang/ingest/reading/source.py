"""A merchant's file, opened: what it is made of, its sheets, and its rows as Arrow batches."""

from __future__ import annotations

import itertools
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa

from yutang.ingest.reading import careful, delimited, spreadsheets, workbooks
from yutang.ingest.reading.dialect import (
    GB18030,
    UTF8,
    UTF16,
    Dialect,
    delimiter_of,
    encoding_of,
    first_rows,
    is_utf16,
    refuse_what_is_not_text,
)
from yutang.ingest.reading.file_names import export_instant
from yutang.ingest.reading.headers import column_names, header_at
from yutang.ingest.reading.refusals import (
    ArchiveNeedsOneFile,
    FileHasNoHeader,
    FileIsAFolder,
    FileIsDamaged,
    FileIsEmpty,
    FileIsEncrypted,
    FileIsMissing,
    FileMayNotBeRead,
    SheetNotFound,
)
from yutang.ingest.reading.regrouping import regrouped
from yutang.ingest.reading.streams import ByteStream, StreamIsCutOff

_SAMPLE_ROWS = 20
_JUDGED_ROWS = 60
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Kind = Literal["csv", "xlsx", "xls"]


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    Attributes:
        name: name of the sheet in a workbook; empty for text.
        header: trimmed column names by position; names may repeat or be empty.
        sample: the first rows below the header, as many cells as columns, ``""`` for an empty cell.
        header_row: row number of the header as a spreadsheet program shows it.
    """

    name: str
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    header_row: int = 1


@dataclass(frozen=True)
class Source:
    """An opened file; `batches` may be called again and again.

    Attributes:
        path: where it lies.
        kind: text of any delimiter (``csv``) or a workbook.
        encoding: utf-8, utf-8-sig, gb18030 or utf-16 as found; empty for workbooks.
        delimiter: one character; empty for workbooks.
        sheets: its tables, at least one.
    """

    path: Path
    kind: Kind
    encoding: str
    delimiter: str
    sheets: tuple[Sheet, ...]
    _stream: ByteStream | None = field(default=None, repr=False)
    _dialect: Dialect | None = field(default=None, repr=False)

    def batches(
        self, sheet_index: int = 0, *, rows: int = 65_536, columns: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a sheet below its header.

        Args:
            sheet_index: position in `sheets`.
            rows: rows a batch; the last batch has fewer.
            columns: positions of the columns wanted; None for all.

        Yields:
            Batches with ``row_number`` (int64, as a spreadsheet program shows it), ``c<position>`` (string, null for
            an empty cell) for each wanted column, ``problem`` (string, null or a code of `PROBLEMS`) and ``surplus`` (list
            of strings, null but for rows with more cells than columns).

        Raises:
            SheetNotFound: there is no such sheet.
            DomainError: a refusal that only shows while reading, such as a giant cell.
        """
        if not 0 <= sheet_index < len(self.sheets):
            raise SheetNotFound(sheet=sheet_index)
        sheet = self.sheets[sheet_index]
        wanted = sorted(set(range(len(sheet.header)) if columns is None else columns))
        if self._stream is not None and self._dialect is not None:
            blocks = delimited.blocks(self._stream, self._dialect, wanted)
        else:
            blocks = workbooks.blocks(self.path, sheet.name, sheet.header, header_row=sheet.header_row, columns=wanted)
        yield from regrouped(blocks, rows)

    export_instant = staticmethod(export_instant)


def open_source(path: str | Path) -> Source:
    """Open a file of unknown making and find out everything needed to read it.

    Raises:
        DomainError: one of the refusals of `yutang.ingest.reading.refusals`.
    """
    path = Path(path)
    head = _first_bytes(path)
    if not head:
        raise FileIsEmpty
    if head.startswith(b"\x1f\x8b"):
        return _open_text(ByteStream(path, packing="gzip"))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _open_zip(path)
    if head.startswith(_OLE):
        if spreadsheets.is_encrypted_package(path):
            raise FileIsEncrypted
        return _open_workbook(path, "xls")
    return _open_text(ByteStream(path))


def _first_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise FileIsAFolder(file=path.name)
        with path.open("rb") as file:
            return file.read(65_536)
    except FileNotFoundError as error:
        raise FileIsMissing(file=path.name) from error
    except OSError as error:
        raise FileMayNotBeRead(file=path.name, detail=error.strerror or type(error).__name__) from error


def _open_zip(path: Path) -> Source:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    except zipfile.BadZipFile as error:
        raise FileIsDamaged(detail=str(error)) from error
    if any(member.filename == "xl/workbook.xml" for member in members):
        spreadsheets.refuse_bomb(path)
        return _open_workbook(path, "xlsx")
    if len(members) != 1:
        raise ArchiveNeedsOneFile(files=len(members))
    if members[0].flag_bits & 1:
        raise FileIsEncrypted
    return _open_text(ByteStream(path, packing="zip", member=members[0].filename))


def _open_workbook(path: Path, kind: Kind) -> Source:
    found = workbooks.first_rows_of_sheets(path, _JUDGED_ROWS)
    sheets = [_sheet(name, rows) for name, rows in found if any(any(row) for row in rows)]
    if not sheets:
        raise FileHasNoHeader
    return Source(path, kind, "", "", tuple(sheets))


def _open_text(stream: ByteStream) -> Source:
    start = stream.first_bytes()
    if is_utf16(start):
        stream, encoding = stream.transcoded(UTF16), UTF16
    else:
        refuse_what_is_not_text(start)
        encoding = encoding_of(_whole_chunks(stream))
    head, is_all = _head(stream)
    inner = GB18030 if encoding == GB18030 else UTF8
    text = head.removeprefix(b"\xef\xbb\xbf").decode(inner, "replace")
    delimiter = delimiter_of(text)
    if inner == GB18030 and delimiter >= "@":
        # Such a byte may be the second half of a character.
        stream, inner = stream.transcoded(GB18030), UTF8
    rows = first_rows(text, delimiter, _JUDGED_ROWS)
    if not is_all and len(rows) > 1 and len(rows) < _JUDGED_ROWS:
        rows.pop()
    sheet = _sheet("", rows)
    widths = Counter(len(row) for row in rows[sheet.header_row :] if row)
    whole = [len(row) for row in rows[sheet.header_row : -1 if is_all else None] if any(row)]
    dialect = Dialect(
        encoding=inner,
        delimiter=delimiter,
        newline=b"\n" if b"\n" in head else b"\r",
        header_row=sheet.header_row,
        header=sheet.header,
        width=max(widths, key=lambda w: (widths[w], w), default=len(rows[sheet.header_row - 1])),
        shortest=min(whole, default=len(sheet.header)),
    )
    return Source(stream.path, "csv", encoding, delimiter, (sheet,), stream, dialect)


def _sheet(name: str, rows: list[list[str]]) -> Sheet:
    at = header_at(rows)
    header = column_names(rows[at])
    below = [row for row in rows[at + 1 :] if any(row)][:_SAMPLE_ROWS]
    for number, row in enumerate(rows[at + 1 :], at + 2):
        careful.refuse_giant_cells(row, header, row_number=number)
    padded = [tuple(itertools.islice(itertools.chain(row, itertools.repeat("")), len(header))) for row in below]
    return Sheet(name, header, tuple(padded), at + 1)


def _head(stream: ByteStream) -> tuple[bytes, bool]:
    """Return the first chunk and whether it is the whole text."""
    chunks = _whole_chunks(stream)
    head = next(chunks, b"")
    if not head:
        raise FileIsEmpty
    return head, next(chunks, None) is None


def _whole_chunks(stream: ByteStream) -> Iterator[bytes]:
    try:
        yield from stream.chunks()
    except StreamIsCutOff:
        return
