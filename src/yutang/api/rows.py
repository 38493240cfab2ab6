"""Rows of a bulk call: JSON becomes the cells of a table that the import engine takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from yutang.api.answers import Given
from yutang.api.faults import first_fault
from yutang.api.refusals import BodyIsTooLarge, BodyIsUnreadable, InputIsWrong
from yutang.api.speech import spoken
from yutang.ingest.targets import Target
from yutang.kit.text import N_, Sentence

MOST_ROWS = 10_000
MOST_LINES = 50_000
MOST_BYTES = 32_000_000
_LONGEST_CELL = 2_000
_NOT_AN_OBJECT = N_("is no object")
_NOT_KNOWN = N_("is not known here")
_NOT_A_CELL = N_("is no text, number, true, false or null")
_TOO_LONG = N_("is too long")
_EMPTY = N_("must hold one row at least")

#: What a cell may be, for the description.
CELL = {"type": ["string", "number", "boolean", "null"]}

Row = Mapping[str, Any]


class Handed(Given):
    """A bulk call without its rows.

    Attributes:
        rows: read by hand: ten thousand of them are many.
    """

    rows: list[Any] = Field(min_length=0)
    platform: str = Field("", max_length=40, pattern=r"^[a-z0-9_]*$")
    shop_name: str = Field("", max_length=120)
    currency: str = Field("CNY", min_length=3, max_length=3)
    time_zone: str = Field("Asia/Shanghai", max_length=60)
    name: str = Field("", max_length=120)


_HANDED = TypeAdapter(Handed)


def handed_in(body: bytes) -> Handed:
    """Return what a body hands over.

    Raises:
        BodyIsUnreadable: it is no JSON.
        InputIsWrong: it is not what a bulk call takes.
        BodyIsTooLarge: it holds too many rows.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyIsUnreadable from error
    try:
        handed = _HANDED.validate_python(given)
    except ValidationError as error:
        raise first_fault(error) from error
    if not handed.rows:
        raise InputIsWrong(where="rows", what=spoken(_EMPTY))
    if len(handed.rows) > MOST_ROWS:
        raise BodyIsTooLarge(most=Sentence(N_("%(n)s rows"), {"n": MOST_ROWS}))
    return handed


def flat(rows: Sequence[Any], *, inner: str) -> Iterator[tuple[str, Row]]:
    """Yield (where, row) of each row; a row that holds a list under `inner` becomes one for each of its entries."""
    for place, row in enumerate(rows):
        where = f"rows.{place}"
        if not isinstance(row, dict):
            raise InputIsWrong(where=where, what=spoken(_NOT_AN_OBJECT))
        entries = row.get(inner) if inner else None
        if entries is None:
            yield where, {name: value for name, value in row.items() if name != inner} if inner in row else row
            continue
        if not (isinstance(entries, list) and entries and all(isinstance(one, dict) for one in entries)):
            raise InputIsWrong(where=f"{where}.{inner}", what=spoken(_NOT_AN_OBJECT))
        outer = {name: value for name, value in row.items() if name != inner}
        for number, entry in enumerate(entries):
            yield f"{where}.{inner}.{number}", {**outer, **entry}


def cells_of(
    rows: Sequence[tuple[str, Row]], target: Target, *, always: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Return columns and cells of flat rows.

    Args:
        rows: (where, row).
        target: whose fields the rows may say.
        always: columns that are there though no row says anything in them.

    Raises:
        InputIsWrong: a row says what the target does not know, or no plain value.
    """
    known = [field.name for field in target.fields]
    said = set().union(*(row.keys() for _, row in rows))
    if unknown := said - set(known):
        where, name = next((where, name) for where, row in rows for name in row if name in unknown)
        raise InputIsWrong(where=f"{where}.{name}", what=spoken(_NOT_KNOWN))
    columns = [name for name in known if name in said or name in always]
    # Nearly all cells are short texts; a call of a function for each would take half of the time.
    return columns, [
        [
            cell if type(cell := row.get(name, "")) is str and len(cell) <= _LONGEST_CELL else _cell(cell, where, name)
            for name in columns
        ]
        for where, row in rows
    ]


def _cell(value: Any, where: str, name: str) -> str:
    if isinstance(value, str):
        raise InputIsWrong(where=f"{where}.{name}", what=spoken(_TOO_LONG))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return str(value)
    raise InputIsWrong(where=f"{where}.{name}", what=spoken(_NOT_A_CELL))
