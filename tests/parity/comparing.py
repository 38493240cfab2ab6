"""When two answers are the same: the same columns and types, the same rows, and in the same order where the question asks for one."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import sqlglot

#: Sums of floating point numbers depend on the order in which they are added.
_NEAR = 1e-9


def has_order(sql: str) -> bool:
    """Return whether a query asks for an order of its rows."""
    return sqlglot.parse_one(sql, read="duckdb").args.get("order") is not None


def differences(expected: pa.Table, found: pa.Table, *, in_order: bool) -> list[Any]:
    """Return what differs; empty where both are the same."""
    if expected.schema != found.schema:
        return [("columns", expected.schema, found.schema)]
    first, second = _rows(expected, in_order), _rows(found, in_order)
    if len(first) != len(second):
        return [("rows", len(first), len(second))]
    return [(one, other) for one, other in zip(first, second, strict=True) if not _alike(one, other)][:5]


def _rows(table: pa.Table, in_order: bool) -> list[tuple[Any, ...]]:
    rows = [tuple(row.values()) for row in table.to_pylist()]
    return rows if in_order else sorted(rows, key=_place)


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((value is None, round(value, 6) if isinstance(value, float) else value) if value is not None else (True, 0) for value in row)  # fmt: skip


def _alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(
        math.isclose(a, b, rel_tol=_NEAR, abs_tol=_NEAR) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(one, other, strict=True)
    )
