"""How this room asks the lake: its named queries, the horizon of what is known, the main currency."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
from django.utils import timezone

from yutang.ingest.lake_sync import the_lake
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.base import Engine, Narrowing
from yutang.lake.engines.choosing import chosen_engine
from yutang.lake.engines.words import require_words
from yutang.lake.manifest import Snapshot

#: Said of a shop without a sale.
_CURRENCY_WITHOUT_SALES = "CNY"


@dataclass(frozen=True)
class Horizon:
    """How far the orders are known, and in which money.

    Attributes:
        known_until: last business day with a sale, not after today; None without a sale.
        known_since: first business day with a sale; None without a sale.
        currency: the one with the most orders.
        other_currencies: the others, most orders first.
    """

    known_until: date | None
    known_since: date | None
    currency: str
    other_currencies: tuple[str, ...]


#: What is there of sales through one channel. A refund that names no order belongs to none.
_OF_CHANNEL = (
    "CREATE VIEW orders_order AS SELECT every_order.* FROM every_order "
    "JOIN orders_shop ON orders_shop.shop_id = every_order.shop_id "
    "JOIN asked_channel ON asked_channel.platform = orders_shop.platform "
    "AND asked_channel.channel = coalesce(every_order.channel, '')",
    "CREATE VIEW orders_refund AS SELECT every_refund.* FROM every_refund WHERE every_refund.order_id IS NOT NULL",
)
_OF_CHANNEL_TABLES = {"orders_order": "every_order", "orders_refund": "every_refund"}


_LOOK: ContextVar[Callable[[], Snapshot] | None] = ContextVar("look", default=None)


@contextmanager
def looking_at(take: Callable[[], Snapshot]) -> Iterator[None]:
    """Let all figures that are asked for within stand on one version of the lake, taken when the first needs it."""
    token = _LOOK.set(cache(take))
    try:
        yield
    finally:
        _LOOK.reset(token)


def lake_seen() -> Snapshot:
    """Return the version of the lake that figures stand on: that of `looking_at`, else the current one."""
    take = _LOOK.get()
    return take() if take else the_lake().snapshot()


def open_engine(snapshot: Snapshot | None = None, *, channel: str | None = None) -> Engine:
    """Return an engine over the pinned lake (now, if none is given); the caller closes it.

    Args:
        snapshot: pinned lake.
        channel: ``platform/channel``: queries see only what was sold through it; None: everything.
    """
    pinned = snapshot or lake_seen()
    narrowing = None
    if channel is not None and {*_OF_CHANNEL_TABLES, "orders_shop"} <= set(pinned.manifests):
        platform, _, name = channel.partition("/")
        asked = pa.table({"platform": pa.array([platform], pa.string()), "channel": pa.array([name], pa.string())})
        narrowing = Narrowing(_OF_CHANNEL_TABLES, _OF_CHANNEL, {"asked_channel": asked})
    return Engine(dialect=chosen_engine(), snapshot=pinned, narrowing=narrowing)


def answer(
    engine: Engine, name: str, params: Mapping[str, Any] | None = None, inputs: Mapping[str, pa.Table] | None = None
) -> pa.Table:
    """Return the rows of one of the named queries of the package."""
    return engine.run(catalogue_of("yutang")[name], params, inputs)


def require_answerable(*names: str) -> None:
    """Refuse named queries that the chosen engine cannot answer, before anything is built on them.

    Raises:
        EngineLacksWords: it cannot answer one of them.
    """
    engine = chosen_engine()
    for name in names:
        require_words(catalogue_of("yutang")[name].sql, engine)


def business_today(now: datetime) -> date:
    """Return the business day of an instant in the zone of the organisation."""
    return timezone.localtime(now).date()


def horizon(engine: Engine, *, today: date) -> Horizon:
    """Return how far the orders of the lake are known; sales dated after today do not count."""
    rows = answer(engine, "insight.currencies", {"end_date": today + timedelta(days=1)}).to_pylist()
    if not rows:
        return Horizon(None, None, _CURRENCY_WITHOUT_SALES, ())
    return Horizon(
        known_until=max(row["last_date"] for row in rows),
        known_since=min(row["first_date"] for row in rows),
        currency=rows[0]["currency"],
        other_currencies=tuple(row["currency"] for row in rows[1:]),
    )
