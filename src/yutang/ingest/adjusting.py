"""Small tools for the `adjust` of a format: columns of a typed table that may or may not be there."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MONEY = pa.decimal128(20, 6)
INSTANT = pa.timestamp("us")
_CIPHER = r"^(##|\$\$|~)"


def column(table: pa.Table, name: str, kind: pa.DataType | None = None) -> pa.Array:
    """Return a column in one piece; nulls of type `kind` (text by default) where the table has none."""
    if name not in table.column_names:
        return pa.nulls(table.num_rows, kind or pa.string())
    return table.column(name).combine_chunks()


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """Return the table with a column added or replaced."""
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)


def filled(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """Return the table with the empty cells of a column filled."""
    return with_column(table, name, pc.coalesce(column(table, name, values.type), values))


def emptied(table: pa.Table, name: str, where: pa.BooleanArray) -> pa.Table:
    """Return the table with the cells of a column empty where `where` is true."""
    if name not in table.column_names:
        return table
    values = column(table, name)
    return with_column(table, name, pc.if_else(pc.fill_null(where, False), pa.scalar(None, values.type), values))


def without_ciphertext(table: pa.Table, names: Iterable[str]) -> pa.Table:
    """Return the table with ciphertext (``##…``, ``$$…``) of names and addresses emptied."""
    for name in names:
        if name in table.column_names:
            table = emptied(table, name, pc.match_substring_regex(column(table, name), _CIPHER))
    return table


def holds(array: pa.StringArray, pattern: str) -> pa.BooleanArray:
    """Return where a text matches a regular expression; false where it is empty."""
    return pc.fill_null(pc.match_substring_regex(array, pattern, ignore_case=True), False)


def is_positive(amounts: pa.Array) -> pa.BooleanArray:
    """Return where an amount is above zero; false where it is empty."""
    return pc.fill_null(pc.greater(amounts, pa.scalar(0, pa.decimal128(1, 0))), False)


def all_of(*conditions: pa.BooleanArray) -> pa.BooleanArray:
    """Return where every condition holds."""
    result = conditions[0]
    for condition in conditions[1:]:
        result = pc.and_(result, condition)
    return result


def any_of(*conditions: pa.BooleanArray) -> pa.BooleanArray:
    """Return where at least one condition holds."""
    result = conditions[0]
    for condition in conditions[1:]:
        result = pc.or_(result, condition)
    return result


def divided(amounts: pa.Array, counts: pa.Array) -> pa.Array:
    """Return amounts a piece, to a millionth, half away from zero; empty where the count is zero or empty."""
    stated = pc.fill_null(amounts, Decimal(0))
    # A decimal128 is two words, the low one first; amounts of money fit into it.
    millionths = np.frombuffer(stated.buffers()[1], np.int64)[::2][stated.offset : stated.offset + len(stated)]
    pieces = pc.fill_null(counts, 0).to_numpy()
    size = np.abs(np.where(pieces == 0, 1, pieces))
    each = (np.abs(millionths) + size // 2) // size * np.sign(millionths) * np.sign(pieces)
    words = np.stack([each, each >> 63], axis=1)
    quotients = pa.Array.from_buffers(MONEY, len(each), [None, pa.py_buffer(words.astype(np.int64).tobytes())])
    known = all_of(pc.is_valid(amounts), pa.array(pieces != 0))
    return pc.if_else(known, quotients, pa.scalar(None, MONEY))


def local_day(table: pa.Table, name: str, days: pa.Array, *, time_zone: str = "Asia/Shanghai") -> pa.Table:
    """Return the table with the empty instants of a field set to the start of a business day.

    Args:
        table: typed table, with the instant ``name`` in UTC and its day ``name_on``.
        name: field.
        days: date32, empty where the day is not known either.
        time_zone: zone whose midnight is meant.
    """
    midnight = pc.assume_timezone(pc.cast(days, INSTANT), time_zone)
    utc = pc.cast(pc.cast(midnight, pa.int64()), INSTANT)
    return filled(filled(table, name, utc), f"{name}_on", days)
