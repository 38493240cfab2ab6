"""How far the figures know orders, and when they were brought up to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import lake_seen
from yutang.insight.queries.dashboard import known_horizon, last_day_over


@dataclass(frozen=True)
class OrdersKnown:
    """How far orders are known; None where there is none yet.

    Attributes:
        since: first day with a sale.
        until: last day with a sale; it may be the running one.
        until_over: last day with which a period ends that names none.
        written_at: when the lake was written last.
    """

    since: date | None
    until: date | None
    until_over: date | None
    written_at: datetime | None


def orders_known(*, access: Actor, today: date) -> OrdersKnown:
    """Return how far orders are known in the whole house.

    Args:
        access: needs ``insight.view``.
        today: the business day.
    """
    access.require("insight.view")
    snapshot = lake_seen()
    known = known_horizon(snapshot, today=today)
    written_at = datetime.fromisoformat(snapshot.written_at) if snapshot.written_at else None
    return OrdersKnown(known.known_since, known.known_until, last_day_over(known, today=today), written_at)
