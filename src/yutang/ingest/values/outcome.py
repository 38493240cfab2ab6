"""What parsing a column gives: values and problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yutang.kit.text import N_

EXCEL_LOST_DIGITS = "excel_lost_digits"
NOT_A_NUMBER = "not_a_number"
NUMBER_TOO_LARGE = "number_too_large"
OTHER_CURRENCY = "other_currency"
UNKNOWN_CURRENCY = "unknown_currency"
NOT_A_WHOLE_NUMBER = "not_a_whole_number"
NOT_A_DATE = "not_a_date"
AMBIGUOUS_DATE = "ambiguous_date"
NOT_A_YES_OR_NO = "not_a_yes_or_no"
TOO_LONG = "too_long"

#: Problem code to the sentence that explains it, given the row, the column and the cell.
PROBLEMS: dict[str, str] = {
    EXCEL_LOST_DIGITS: N_(
        "Row %(row)s, column “%(column)s”: a spreadsheet program has rounded the number %(value)s and lost its last digits. "
        "Export the file again and import it without opening it in between."
    ),
    NOT_A_NUMBER: N_(
        "Row %(row)s, column “%(column)s”: “%(value)s” is not a number. Write digits only, such as 199.00."
    ),
    NUMBER_TOO_LARGE: N_(
        "Row %(row)s, column “%(column)s”: %(value)s is larger than any real number of this kind. Correct the cell."
    ),
    OTHER_CURRENCY: N_(
        "Row %(row)s, column “%(column)s”: “%(value)s” names another currency than the rest of the file. "
        "Put such rows into a file of their own and import it with that currency."
    ),
    UNKNOWN_CURRENCY: N_(
        "Row %(row)s, column “%(column)s”: there is no currency “%(value)s”. Write its code of three letters, such as CNY or USD."
    ),
    NOT_A_WHOLE_NUMBER: N_("Row %(row)s, column “%(column)s”: “%(value)s” is not a whole number. Correct the cell."),
    NOT_A_DATE: N_(
        "Row %(row)s, column “%(column)s”: “%(value)s” is not a date between the years 1900 and 2100. Write it as 2026-03-08."
    ),
    AMBIGUOUS_DATE: N_(
        "Row %(row)s, column “%(column)s”: in “%(value)s” day and month cannot be told apart. Write the date as year-month-day."
    ),
    TOO_LONG: N_(
        "Row %(row)s, column “%(column)s”: “%(value)s” is longer than 80 characters and so no number or code. Correct the cell."
    ),
    NOT_A_YES_OR_NO: N_("Row %(row)s, column “%(column)s”: “%(value)s” is neither yes nor no. Correct the cell."),
}


_TRIED_FIRST = 8


@dataclass(frozen=True)
class Parsed:
    """A parsed column.

    Attributes:
        values: typed values, null where the cell is empty or has a problem; shape (n,).
        problems: problem codes of `PROBLEMS`, null where there is none; shape (n,).
    """

    values: pa.Array
    problems: pa.StringArray


def without_problems(values: pa.Array) -> Parsed:
    """Return values of a column in which every cell could be read."""
    return Parsed(values, pa.nulls(len(values), pa.string()))


def each_distinct(
    cells: pa.StringArray, parse_one: Callable[[str], tuple[Any, str | None]], value_type: pa.DataType
) -> Parsed:
    """Parse odd cells one by one, but each distinct text only once.

    Args:
        cells: texts, null for an empty cell.
        parse_one: returns the value and the problem of one text.
        value_type: Arrow type of the values.
    """
    encoded = cells.dictionary_encode()
    pairs = [parse_one(text) for text in encoded.dictionary.to_pylist()]
    values = pa.array([value for value, _ in pairs], value_type)
    problems = pa.array([problem for _, problem in pairs], pa.string())
    return Parsed(values.take(encoded.indices), problems.take(encoded.indices))


def spliced(size: int, pieces: list[tuple[npt.NDArray[np.int64], Parsed]], value_type: pa.DataType) -> Parsed:
    """Put parsed parts of a column together again.

    Args:
        size: length of the column.
        pieces: positions in the column and what was parsed there; positions that no piece has are empty.
        value_type: Arrow type of the values.
    """
    order = np.full(size, -1, np.int64)
    at = 0
    for positions, _ in pieces:
        order[positions] = np.arange(at, at + len(positions))
        at += len(positions)
    indices = pa.array(order, mask=order < 0)
    values = pa.chunked_array([piece.values for _, piece in pieces], value_type)
    problems = pa.chunked_array([piece.problems for _, piece in pieces], pa.string())
    return Parsed(_one(values.take(indices)), _one(problems.take(indices)))


def cast_whole(cells: pa.StringArray, value_type: pa.DataType) -> pa.Array | None:
    """Return the cells cast by Arrow, or None where one cannot be; a column that fails at its start fails quickly.

    A cast that fails builds a message for each bad cell, which costs ten times the cast.
    """
    try:
        pc.cast(cells.slice(0, _TRIED_FIRST), value_type)
        return pc.cast(cells, value_type)
    except pa.ArrowInvalid:
        return None


def positions_where(mask: pa.BooleanArray) -> npt.NDArray[np.int64]:
    """Return the positions at which a mask is true (not null)."""
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))


def one_array(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the same column in one piece."""
    return _one(array)


def _one(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
