"""Text and identifiers, freed of what platforms and Excel wrap around them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.values.outcome import (
    EXCEL_LOST_DIGITS,
    TOO_LONG,
    Parsed,
    one_array,
    positions_where,
    without_problems,
)

_SPACES = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"
_EMPTY = pa.array(
    ["", "null", "Null", "NULL", "-", "--", "–", "—", "——", "\\N", "#N/A", "#VALUE!", "#REF!", "NaN", "nan", "None"]
)
#: First and last bytes at which a cell may need cleaning: spaces (also of UTF-8), quotes, dashes, =, n, N, #, \.
_ODD_FIRST = np.zeros(256, np.bool_)
_ODD_FIRST[[*b" \t\r\n\v\f'\"=-nN#\\", 0xC2, 0xE2, 0xE3, 0xEF]] = True
_ODD_LAST = np.zeros(256, np.bool_)
_ODD_LAST[[*b" \t\r\n\v\f", 0x80, 0xA0, 0xBF, 0x8B]] = True
#: Characters of the longest identifier; the store keeps no longer ones.
LONGEST_ID = 80
_LOST_DIGITS = r"^[+-]?\d(\.\d+[eE]\+?|[eE]\+)\d{1,3}$"


def text(array: pa.StringArray) -> Parsed:
    """Return texts trimmed, unwrapped, and null where they only stand for nothing."""
    return without_problems(cleaned(array))


def identifier(array: pa.StringArray) -> Parsed:
    """Return ids verbatim but for wrapping and the ``.0`` of a number; refuse those that lost digits in Excel."""
    ids = cleaned(array)
    whole = positions_where(pc.ends_with(ids, ".0"))
    if whole.size:
        numeric = pc.match_substring_regex(ids.take(whole), r"^[+-]?\d+\.0$")
        ids = _replaced_at(ids, whole[positions_where(numeric)], lambda part: pc.utf8_slice_codeunits(part, 0, -2))
    problems = pa.nulls(len(ids), pa.string())
    if _holds_letter_e(ids):
        problems = pc.if_else(pc.match_substring_regex(ids, _LOST_DIGITS), EXCEL_LOST_DIGITS, problems)
    if (pc.max(pc.binary_length(ids)).as_py() or 0) > LONGEST_ID:
        problems = pc.if_else(pc.greater(pc.utf8_length(ids), LONGEST_ID), TOO_LONG, problems)
    if problems.null_count == len(problems):
        return without_problems(ids)
    return Parsed(pc.if_else(pc.is_null(problems), ids, pa.scalar(None, pa.string())), problems)


def cleaned(array: pa.StringArray) -> pa.StringArray:
    """Return the cells without surrounding spaces, tabs, ``="..."`` and a leading apostrophe; nothing-words as null.

    Cells are judged by their first and last byte, so that clean columns cost next to nothing.
    """
    array = one_array(array)
    if not len(array):
        return array
    odd = np.flatnonzero(_odd_cells(array))
    if not odd.size:
        return array
    return _replaced_at(array, odd, _unwrapped)


def _unwrapped(cells: pa.StringArray) -> pa.StringArray:
    cells = pc.utf8_trim(cells, _SPACES)
    dressed = positions_where(pc.and_(pc.starts_with(cells, '="'), pc.ends_with(cells, '"')))
    cells = _replaced_at(cells, dressed, lambda part: pc.utf8_slice_codeunits(part, 2, -1))
    quoted = positions_where(pc.starts_with(cells, "'"))
    cells = _replaced_at(cells, quoted, lambda part: pc.utf8_slice_codeunits(part, 1, 2**31 - 1))
    if dressed.size or quoted.size:
        cells = pc.utf8_trim(cells, _SPACES)
    return pc.if_else(pc.is_in(cells, _EMPTY), pa.scalar(None, pa.string()), cells)


def _replaced_at(
    array: pa.StringArray, positions: npt.NDArray[np.int64], change: Callable[[pa.StringArray], pa.StringArray]
) -> pa.StringArray:
    """Return the array with the cells at `positions` changed."""
    if not positions.size:
        return array
    if positions.size == len(array):
        return change(array)
    mask = np.zeros(len(array), np.bool_)
    mask[positions] = True
    return pc.replace_with_mask(array, pa.array(mask), change(array.take(positions)))


def _holds_letter_e(array: pa.StringArray) -> bool:
    content = np.frombuffer(array.buffers()[2] or b"", np.uint8)
    return bool(((content | 0x20) == ord("e")).any())


def _odd_cells(array: pa.StringArray) -> npt.NDArray[np.bool_]:
    first, last, sizes = _edges(array)
    return np.asarray((sizes == 0) | _ODD_FIRST[first] | _ODD_LAST[last], np.bool_)


def _edges(array: pa.StringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Return the first byte, the last byte (0 where empty or null) and the size of every cell."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    content = np.frombuffer(array.buffers()[2] or b"", np.uint8)
    content = content if content.size else np.zeros(1, np.uint8)
    sizes = np.diff(offsets)
    highest = len(content) - 1
    first = content[np.minimum(offsets[:-1], highest)]
    last = content[np.maximum(offsets[1:] - 1, 0)]
    if array.null_count:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        return np.where(valid, first, 0), np.where(valid, last, 0), np.where(valid, sizes, 1)
    return first, last, sizes
