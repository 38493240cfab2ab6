"""Cells as merchants' files hold them into typed values, a whole column at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from yutang.ingest.values import contacts, currencies, numbers, phones, texts, times, truths
from yutang.ingest.values.outcome import PROBLEMS, Parsed

__all__ = ["PROBLEMS", "Parsed", "ValueKind", "parse"]


class ValueKind(StrEnum):
    """What a field holds, and so how its cells are read."""

    TEXT = "text"
    ID = "id"
    MONEY = "money"
    INTEGER = "integer"
    DATETIME = "datetime"
    DATE = "date"
    PHONE = "phone"
    EMAIL = "email"
    BOOLEAN = "boolean"
    CURRENCY = "currency"


@dataclass(frozen=True)
class _Circumstances:
    """What a cell does not say itself."""

    currency: str
    time_zone: str
    day_first: bool | None


def parse(
    kind: ValueKind,
    array: pa.StringArray,
    *,
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    day_first: bool | None = None,
) -> Parsed:
    """Return the typed values of a column of cells.

    Args:
        kind: what the column holds.
        array: cells as read, null for an empty cell; shape (n,).
        currency: ISO 4217 code that amounts are in; an amount that names another is a problem.
        time_zone: zone of the wall clock when a cell counts seconds since 1970.
        day_first: whether 03/04/2024 is the 3rd of April; None where unknown: then such a cell is a problem unless
            other cells of the column settle it.

    Returns:
        Values of the kind's Arrow type and problem codes, both of shape (n,), aligned by position. A cell has a value,
        or a problem, or neither (empty). The types: text, id, email string; money decimal128(20, 6) in major units;
        integer int64; datetime struct of ``local`` timestamp(us) and ``offset_minutes`` int32 (null when the cell
        names none); date date32; currency string; phone struct of ``e164`` and ``masked`` strings; boolean bool.
    """
    return _PARSERS[ValueKind(kind)](array, _Circumstances(currency, time_zone, day_first))


_PARSERS: dict[ValueKind, Callable[[pa.StringArray, _Circumstances], Parsed]] = {
    ValueKind.TEXT: lambda array, _: texts.text(array),
    ValueKind.ID: lambda array, _: texts.identifier(array),
    ValueKind.MONEY: lambda array, given: numbers.money(array, currency=given.currency),
    ValueKind.INTEGER: lambda array, _: numbers.integer(array),
    ValueKind.DATETIME: lambda array, given: times.instant(array, time_zone=given.time_zone, day_first=given.day_first),
    ValueKind.DATE: lambda array, given: times.day(array, time_zone=given.time_zone, day_first=given.day_first),
    ValueKind.PHONE: lambda array, _: phones.phone(array),
    ValueKind.EMAIL: lambda array, _: contacts.email(array),
    ValueKind.BOOLEAN: lambda array, _: truths.yes_or_no(array),
    ValueKind.CURRENCY: lambda array, _: currencies.currency(array),
}
