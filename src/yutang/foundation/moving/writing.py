"""Values as PostgreSQL writes them, where SQLite has no words for it: functions that statements on the source call."""

from __future__ import annotations

import ipaddress
import json
import sqlite3
import struct
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

#: Families of addresses in PostgreSQL's binary form.
_FAMILIES = {4: 2, 6: 3}


def teach(source: sqlite3.Connection) -> None:
    """Let statements of a connection call the functions of this file; each returns NULL for NULL."""
    for function in (instant_written, float_written, float_bytes, json_written, address_bytes):
        source.create_function(function.__name__, 1, function, deterministic=True)


def instant_written(text: str | None) -> str | None:
    """Return an instant of any other form that Django reads, as ``YYYY-MM-DD HH:MM:SS`` with its fraction, in UTC."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC).replace(tzinfo=None)
    written = instant.isoformat(sep=" ")
    return written.rstrip("0") if instant.microsecond else written


def float_written(number: float | None) -> str | None:
    """Return the shortest text that is read as the same number."""
    return None if number is None else repr(float(number))


def float_bytes(number: float | None) -> str | None:
    """Return the eight bytes of a number, in hexadecimal digits."""
    return None if number is None else struct.pack(">d", number).hex()


def address_bytes(text: str | None) -> str | None:
    """Return an address of the internet as PostgreSQL sends it: family, bits, no network, length, address."""
    if text is None:
        return None
    address = ipaddress.ip_address(text)
    return bytes([_FAMILIES[address.version], address.max_prefixlen, 0, len(address.packed), *address.packed]).hex()


def json_written(text: str | None) -> str | None:
    """Return a JSON text as PostgreSQL's jsonb writes it; one that it refuses comes back as it is."""
    return None if text is None else _normal(text) if len(text) < 200 else _normal.__wrapped__(text)


@lru_cache(maxsize=8192)
def _normal(text: str) -> str:
    try:
        written = _written(json.loads(text, parse_float=Decimal, parse_constant=_refused))
        written.encode()
    except (ValueError, RecursionError):
        return text
    return written


def _written(value: Any) -> str:
    if isinstance(value, dict):
        pairs = sorted((len(key.encode()), key.encode(), key) for key in value)
        return f"{{{', '.join(f'{_quoted(key)}: {_written(value[key])}' for _length, _bytes, key in pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Decimal):
        # There is no negative zero.
        return format(value if value else abs(value), "f")
    return json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _refused(constant: str) -> Any:
    raise ValueError(constant)
