"""Reading what gateways push: JSON lists of receipts and replies, checked before anybody believes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import phonenumbers

from yutang.connectors.sms.errors import PushIsUnreadable

#: Gateways tell times of China without saying so.
_CHINA = ZoneInfo("Asia/Shanghai")
#: More rows a push has none; larger bodies are refused before they are read.
LONGEST_BODY = 2_000_000


def rows_of(body: bytes) -> Iterator[Mapping[str, Any]]:
    """Return the objects of a push.

    Raises:
        PushIsUnreadable: it is no JSON list of objects.
    """
    if len(body) > LONGEST_BODY:
        raise PushIsUnreadable(said=f"{len(body)} B")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PushIsUnreadable(said="JSON") from error
    rows = told if isinstance(told, list) else [told]
    if not all(isinstance(row, dict) for row in rows):
        raise PushIsUnreadable(said="JSON")
    return iter(rows)


def text_of(row: Mapping[str, Any], name: str) -> str:
    """Return a text of a row; empty where it lacks it."""
    found = row.get(name)
    return "" if found is None else str(found)


def phone_of(row: Mapping[str, Any], name: str, *, country: str = "") -> str:
    """Return a phone as E.164.

    Args:
        row: of the push.
        name: of the phone.
        country: calling code where the row tells it apart, such as ``86``.

    Raises:
        PushIsUnreadable: it is no phone.
    """
    written = text_of(row, name).strip().removeprefix("00")
    if country and not written.startswith("+"):
        written = f"+{country.lstrip('+')}{written}"
    try:
        number = phonenumbers.parse(written, "CN")
    except phonenumbers.NumberParseException as error:
        raise PushIsUnreadable(said=name) from error
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def moment_of(row: Mapping[str, Any], name: str) -> datetime:
    """Return an instant: ``2026-03-01 10:24:00`` of China, or seconds since 1970.

    Raises:
        PushIsUnreadable: it is none.
    """
    written = row.get(name)
    try:
        if isinstance(written, int):
            return datetime.fromtimestamp(written, _CHINA)
        return datetime.strptime(str(written), "%Y-%m-%d %H:%M:%S").replace(tzinfo=_CHINA)
    except (ValueError, OverflowError, OSError) as error:
        raise PushIsUnreadable(said=name) from error
