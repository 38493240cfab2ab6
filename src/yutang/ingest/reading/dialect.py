"""What a text file is made of, found out from its bytes: encoding, delimiter, line break, width."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from yutang.ingest.reading.limits import MAX_ROW_BYTES
from yutang.ingest.reading.refusals import FileIsAWebPage, FileIsNotATable

UTF8, UTF8_BOM, GB18030, UTF16 = "utf-8", "utf-8-sig", "gb18030", "utf-16"

#: Delimiters by how often exports use them; the order breaks ties.
DELIMITERS = (",", "\t", ";", "|", "^", "~", "\x01", "\x1f")
_RARE_DELIMITERS = ("!", "#", "$", "%", "&", "*", "+", ":", "@", "`")
_JUDGED_ROWS = 60
_JUDGED_BYTES = 256 * 1024
_WEB_PAGE = re.compile(rb"\s*(?:<\?xml|<!doctype|<html|<head|<body|<meta|<table|<style|mime-version:)", re.IGNORECASE)
#: Bytes that text does not hold; NUL has a refusal of its own.
_CONTROL_BYTES = bytes(set(range(1, 32)) - set(b"\t\n\r\x01\x1f\x1a"))
#: Words that merchants' headers hold; they decide when a short GB18030 text also happens to be valid UTF-8.
_HEADER_CHARACTERS = frozenset("订单编号名称时间手机金额商品数量买家会员付款收货地址状态店铺日期客户门店")


@dataclass(frozen=True)
class Dialect:
    """How to cut the text into rows and cells.

    Attributes:
        encoding: codec of the cells: utf-8 or gb18030.
        delimiter: one ASCII character.
        newline: the byte that ends rows; a line feed also where a carriage return stands before it.
        header_row: row number of the header as a spreadsheet program shows it, from 1.
        header: trimmed names of the columns.
        width: cells a row usually has; `header` may be shorter or longer.
        shortest: fewest cells of a whole row among the first rows.
    """

    encoding: str
    delimiter: str
    newline: bytes
    header_row: int
    header: tuple[str, ...]
    width: int
    shortest: int


def is_utf16(start: bytes) -> bool:
    """Return whether a text says by its first two bytes that it is UTF-16 (Excel's "Unicode text")."""
    return start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def refuse_what_is_not_text(start: bytes) -> None:
    """Refuse web pages and binary files.

    Raises:
        FileIsAWebPage: HTML or XML.
        FileIsNotATable: binary bytes.
    """
    if _WEB_PAGE.match(start.removeprefix(codecs.BOM_UTF8)):
        raise FileIsAWebPage
    controls = len(start) - len(start.translate(None, _CONTROL_BYTES))
    if controls > max(8, len(start) // 100):
        raise FileIsNotATable


def encoding_of(chunks: Iterator[bytes]) -> str:
    """Return the encoding of a text, reading on while it is pure ASCII.

    Raises:
        FileIsNotATable: the bytes are text in none of the known encodings.
    """
    head = next(chunks, b"")
    if head.startswith(codecs.BOM_UTF8):
        return UTF8_BOM
    chunk = next((c for c in itertools.chain([head], chunks) if not c.isascii()), None)
    return UTF8 if chunk is None else _encoding_of_chunk(chunk)


def delimiter_of(text: str) -> str:
    """Return the delimiter that cuts the rows of `text` most evenly; a comma where there is one column only."""
    best = max(DELIMITERS, key=lambda d: (_evenness(text, d), -DELIMITERS.index(d)))
    if _evenness(text, best) > 0:
        return best
    rare = max(_RARE_DELIMITERS, key=lambda d: _evenness(text, d))
    return rare if _evenness(text, rare) >= 0.99 and text.count(rare) >= 5 else ","


def first_rows(text: str, delimiter: str, limit: int = _JUDGED_ROWS) -> list[list[str]]:
    """Return the first rows of a text, blank rows as empty lists."""
    csv.field_size_limit(4 * MAX_ROW_BYTES)
    reader = csv.reader(_lines(text), delimiter=delimiter)
    return list(itertools.islice(reader, limit))


def _encoding_of_chunk(chunk: bytes) -> str:
    first = next(at for at, byte in enumerate(chunk) if byte > 127)
    piece = chunk[first : first + _JUDGED_BYTES]
    utf8_broken, utf8_whole = _broken_and_whole(piece, "utf-8")
    gb_broken, gb_whole = _broken_and_whole(piece, GB18030)
    if utf8_broken == 0:
        return GB18030 if gb_broken == 0 and _reads_as_header_only_in_gb18030(piece) else UTF8
    if utf8_whole > 10 * utf8_broken:
        return UTF8
    if gb_broken > 8 and gb_broken * 4 > gb_whole:
        raise FileIsNotATable
    return GB18030


def _broken_and_whole(piece: bytes, codec: str) -> tuple[int, int]:
    """Return how many characters of a piece are broken, but for its cut end, and how many are whole."""
    text = codecs.getincrementaldecoder(codec)(errors="replace").decode(piece)
    broken = text.count("\ufffd")
    return broken, sum(1 for c in text if c > "\x7f") - broken


def _reads_as_header_only_in_gb18030(piece: bytes) -> bool:
    if any(c >= "\u0800" for c in piece.decode("utf-8", "ignore")):
        return False
    return any(c in _HEADER_CHARACTERS for c in piece.decode(GB18030, "ignore"))


def _evenness(text: str, delimiter: str) -> float:
    """Return the share of rows of the usual width, plus a little for width; 0 where rows are not cut at all."""
    try:
        widths = Counter(len(row) for row in first_rows(text, delimiter) if row)
    except csv.Error:  # a bare carriage return inside a cell under this delimiter
        return 0.0
    if not widths:
        return 0.0
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width < 2:
        header_alone = next(iter(widths)) >= 2
        return 0.01 if header_alone else 0.0
    return rows / sum(widths.values()) + min(width, 100) / 1000


def _lines(text: str) -> Iterator[str]:
    return iter(io.StringIO(text, newline=""))
