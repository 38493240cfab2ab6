"""Which row of a table is its header, and whether there is one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yutang.ingest.reading.limits import MAX_COLUMNS
from yutang.ingest.reading.refusals import FileHasNoHeader, FileIsNotATable, HeaderHasTooManyColumns

_TITLE_ROWS = 10
_LONGEST_NAME = 200
_VALUE = re.compile(
    r"""[¥￥$]?[-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?%?   # a number, an amount, a phone
      | \d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*            # a date
      | ="?[\d.E+]+"?                                   # an id dressed for Excel
      | [^@\s]+@[^@\s]+\.[a-zA-Z]{2,}                   # an e-mail address
    """,
    re.VERBOSE,
)
_TRIMMED = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """Return the index of the header among the first rows: the first row that is not blank and no title line.

    Raises:
        FileHasNoHeader: no row, or the first row holds values instead of names.
        FileIsNotATable: the first row is running text.
    """
    filled = [sum(1 for cell in row if cell.strip(_TRIMMED)) for row in rows]
    usual = max(filled[: _TITLE_ROWS + 10], default=0)
    if usual == 0:
        raise FileHasNoHeader
    at = next(i for i, cells in enumerate(filled) if cells and (i >= _TITLE_ROWS or cells > 1 or usual < 3))
    names = [cell.strip(_TRIMMED) for cell in rows[at] if cell.strip(_TRIMMED)]
    if sum(1 for name in names if _VALUE.fullmatch(name)) * 3 > len(names):
        raise FileHasNoHeader
    if all(len(name) > _LONGEST_NAME for name in names):
        raise FileIsNotATable
    return at


def column_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns, trimmed, without empty columns at the end.

    Raises:
        HeaderHasTooManyColumns: more than any real export has.
    """
    names = [cell.strip(_TRIMMED) for cell in cells]
    if len(names) > MAX_COLUMNS:
        raise HeaderHasTooManyColumns(columns=len(names), limit=MAX_COLUMNS)
    while names and not names[-1]:
        names.pop()
    return tuple(names)
