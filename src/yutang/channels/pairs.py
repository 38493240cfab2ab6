"""Comparison of an instant and a key as one pair: what an index over both answers at once, on either database.

``at < x OR (at = x AND id < y)`` says the same, and reads every row of one instant again on each page: a campaign gives a
million messages the same instant.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import BigIntegerField, BooleanField, DateTimeField, F, Func, Value

#: The instant of a row and its key.
Pair = tuple[datetime, int]


class _Pair(Func):
    template = "(%(expressions)s)"
    output_field = BooleanField()


class _Before(Func):
    template = "%(expressions)s"
    arg_joiner = " < "
    output_field = BooleanField()


class _From(_Before):
    arg_joiner = " >= "


class _Behind(_Before):
    arg_joiner = " > "


class _UpTo(_Before):
    arg_joiner = " <= "


def before(column: str, pair: Pair) -> Func:
    """Return the condition that a row's instant and key lie before a pair."""
    return _Before(_Pair(F(column), F("pk")), _written(pair))


def from_on(column: str, pair: Pair) -> Func:
    """Return the condition that a row's instant and key are those of a pair, or later."""
    return _From(_Pair(F(column), F("pk")), _written(pair))


def behind(column: str, pair: Pair) -> Func:
    """Return the condition that a row's instant and key lie behind a pair."""
    return _Behind(_Pair(F(column), F("pk")), _written(pair))


def up_to(column: str, pair: Pair) -> Func:
    """Return the condition that a row's instant and key are those of a pair, or earlier."""
    return _UpTo(_Pair(F(column), F("pk")), _written(pair))


def _written(pair: Pair) -> _Pair:
    return _Pair(Value(pair[0], DateTimeField()), Value(pair[1], BigIntegerField()))
