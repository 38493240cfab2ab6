"""A list of messages from another system, as a table of text: read for a replay."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import ClassVar
from zoneinfo import ZoneInfo

from yutang.channels.policy import CHANNELS, INTENTS, Policy
from yutang.channels.replaying import Past, Said, Sending
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

COLUMNS = ("receiver", "at", "channel", "intent")
_EXTRA = ("content", "worth_minor", "cost_minor")
_LONG_AGO = timedelta(days=365)


class SendingsAreUnreadable(DomainError):
    """A line of the list says something that cannot be."""

    code: ClassVar[str] = "sendings_are_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Line %(line)s of the list: “%(value)s” cannot be %(column)s. The list needs the columns %(columns)s, may have "
        "%(extra)s, and writes instants like 2026-03-11T10:00+08:00."
    )


def read_sendings(*, text: str, time_zone: str) -> tuple[Sending, ...]:
    """Return the messages of a comma-separated list.

    Args:
        text: with a first line that names the columns.
        time_zone: zone of instants that name none.

    Raises:
        SendingsAreUnreadable: a column is missing or a value cannot be read.
    """
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise _unreadable(1, missing[0], "")
    return tuple(_sending(row, line, time_zone) for line, row in enumerate(rows, 2))


def friends_of(sendings: Sequence[Sending]) -> dict[int | str, Past]:
    """Return a past for each receiver in which they joined long ago, agreed to everything and had enough that is useful."""
    first: dict[int | str, datetime] = {}
    for one in sendings:
        first[one.receiver] = min(one.at, first.get(one.receiver, one.at))
    purposes = ("service", "research", "promotion")
    return {
        receiver: Past(
            joined_at=at - _LONG_AGO,
            said=tuple(Said(at - _LONG_AGO, purpose, "any", granted=True) for purpose in purposes),
            value_touches=Policy().value_touches + 50,
        )
        for receiver, at in first.items()
    }


def _sending(row: dict[str, str | None], line: int, time_zone: str) -> Sending:
    told = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *_EXTRA)}
    if not told["receiver"]:
        raise _unreadable(line, "receiver", "")
    for name, known in (("channel", CHANNELS), ("intent", INTENTS)):
        if told[name] not in known:
            raise _unreadable(line, name, told[name])
    return Sending(
        receiver=told["receiver"],
        at=_instant(told["at"], line, time_zone),
        channel=told["channel"],
        intent=told["intent"],
        content=told["content"],
        worth_minor=_number(told, "worth_minor", line) if told["worth_minor"] else None,
        cost_minor=_number(told, "cost_minor", line),
    )


def _instant(text: str, line: int, time_zone: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _unreadable(line, "at", text) from error
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)


def _number(told: dict[str, str], name: str, line: int) -> int:
    try:
        return int(told[name] or "0")
    except ValueError as error:
        raise _unreadable(line, name, told[name]) from error


def _unreadable(line: int, column: str, value: str) -> SendingsAreUnreadable:
    return SendingsAreUnreadable(
        line=line, column=column, value=value, columns=", ".join(COLUMNS), extra=", ".join(_EXTRA)
    )
