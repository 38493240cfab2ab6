"""What the environment says: where everything is kept and how it is reached."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import dj_database_url

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_MOST_DAYS = 36_500
_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


class DatabaseUrlIsUnreadable(DomainError):
    """DATABASE_URL is no address of a database that Yutang knows."""

    code: ClassVar[str] = "database_url_is_unreadable"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "DATABASE_URL is no address of a database: write it as postgresql://user:password@host:5432/name, with special "
        "characters in URL encoding, or leave it out to use SQLite in YUTANG_HOME."
    )


class ReplicaNeedsPostgresql(DomainError):
    """A replica is named beside a store that has none, or by an address that leads to none."""

    code: ClassVar[str] = "replica_needs_postgresql"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "YUTANG_REPLICA_URL is the address of a PostgreSQL server that follows the one of DATABASE_URL, such as "
        "postgresql://user:password@host:5432/name. SQLite has no replica: leave it out there."
    )


class HomeCannotBeUsed(DomainError):
    """The folder that holds everything cannot be made, read or written."""

    code: ClassVar[str] = "home_cannot_be_used"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The folder %(folder)s cannot be used (%(detail)s). Set YUTANG_HOME to a folder that this user may write."
    )


class DaysAreNoNumber(DomainError):
    """A setting that counts days does not hold a number of them."""

    code: ClassVar[str] = "days_are_no_number"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("%(name)s is “%(value)s”, which is no whole number of days, such as 30.")


class NumberIsUnreadable(DomainError):
    """A setting does not hold a whole number that makes sense."""

    code: ClassVar[str] = "number_is_unreadable"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("%(name)s is “%(value)s”, which is no whole number from %(least)s to %(most)s.")


class OrdersGoTooSoon(DomainError):
    """The months for which orders are kept are fewer than the law wants, or no number."""

    code: ClassVar[str] = "orders_go_too_soon"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "%(name)s is “%(value)s”. Leave it out, or give 0, to keep all orders; or give a whole number of months from %(least)s to "
        "%(most)s: records of trade are to be kept for three years by law."
    )


class NetworksAreUnreadable(DomainError):
    """A setting that names networks holds something else."""

    code: ClassVar[str] = "networks_are_unreadable"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "%(name)s holds “%(value)s”, which is no network, such as 10.0.0.0/8; write commas between several."
    )


def home() -> Path:
    """Return the folder that holds everything the embedded default writes (`YUTANG_HOME`, default ``~/.yutang``)."""
    return Path(os.environ.get("YUTANG_HOME") or Path.home() / ".yutang").expanduser()


def number_of_days(name: str, *, default: int) -> int:
    """Return a setting that is a whole number of days.

    Raises:
        DaysAreNoNumber: it is something else.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and int(value) <= _MOST_DAYS):
        raise DaysAreNoNumber(name=name, value=value[:40])
    return int(value)


def whole_number(name: str, *, default: int, most: int, least: int = 1) -> int:
    """Return a setting that is a whole number from ``least`` to ``most``, or the default.

    Raises:
        NumberIsUnreadable: it is something else.
    """
    value = os.environ.get(name, "").strip()
    if value in ("", str(default)):
        return default
    if not (value.isascii() and value.isdigit() and least <= int(value[:12]) <= most):
        raise NumberIsUnreadable(name=name, value=value[:40], least=least, most=most)
    return int(value)


def months_of_orders(name: str) -> int:
    """Return for how many months orders are kept; 0: for ever. The least is what 电子商务法, article 31, wants.

    Raises:
        OrdersGoTooSoon: it is something else.
    """
    least, most = 36, 1_200
    try:
        return whole_number(name, default=0, least=least, most=most)
    except NumberIsUnreadable as refusal:
        value = os.environ[name].strip()[:40]
        raise OrdersGoTooSoon(name=name, value=value, least=least, most=most) from refusal


def networks(name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return the networks that a setting names, with commas between them.

    Raises:
        NetworksAreUnreadable: one of them is none.
    """
    found = []
    for text in filter(None, (one.strip() for one in os.environ.get(name, "").split(","))):
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise NetworksAreUnreadable(name=name, value=text[:60]) from error
    return tuple(found)


def flag(name: str, *, default: bool = False) -> bool:
    """Return whether the environment switches a setting on (1, true, yes, on)."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def database() -> dict[str, Any]:
    """Return Django's settings of the operational store: `DATABASE_URL`, else SQLite in the home.

    Raises:
        DatabaseUrlIsUnreadable: it is no address of PostgreSQL or SQLite. The address is not repeated: it may hold a password.
    """
    embedded = "sqlite:///" + quote(str(home() / "yutang.sqlite3"))
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(os.environ.get("DATABASE_URL") or embedded))
    except (ValueError, KeyError) as error:
        raise DatabaseUrlIsUnreadable from error
    if parsed.get("ENGINE") not in _ENGINES:
        raise DatabaseUrlIsUnreadable
    return parsed


def replica(*, of: dict[str, Any]) -> dict[str, Any] | None:
    """Return Django's settings of the server that reports are read from (`YUTANG_REPLICA_URL`); None where none is named.

    Args:
        of: settings of the operational store.

    Raises:
        ReplicaNeedsPostgresql: the store is SQLite, or the address is none of PostgreSQL. The address is not repeated.
    """
    address = os.environ.get("YUTANG_REPLICA_URL", "").strip()
    if not address:
        return None
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(address))
    except (ValueError, KeyError) as error:
        raise ReplicaNeedsPostgresql from error
    if {of["ENGINE"], parsed.get("ENGINE")} != {_ENGINES[1]}:
        raise ReplicaNeedsPostgresql
    options = parsed.get("OPTIONS", {})
    # Whatever the address leads to, nothing is written there; and nobody waits for long for a server that is away.
    only_read = f"{options.get('options', '')} -c default_transaction_read_only=on".strip()
    return {**parsed, "OPTIONS": {"connect_timeout": 2, **options, "options": only_read}}
