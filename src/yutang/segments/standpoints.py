"""From where rules look: the day up to which orders are known, the main currency, the stores within reach."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import Horizon, horizon
from yutang.insight.queries import latest_run
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.engines.base import Engine
from yutang.segments.rules.compiling import Standpoint


class DayIsNotKnown(DomainError):
    """People are asked for as of a day for which no orders are known."""

    code: ClassVar[str] = "day_is_not_known"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Nothing is known as of the end of %(asked)s: orders are known from %(since)s to %(until)s."
    )


def standpoint(engine: Engine, *, access: Actor, today: date, as_of: date | None = None) -> Standpoint:
    """Return the standpoint of an actor.

    Args:
        engine: over the lake.
        access: whose reach bounds the people.
        today: the business day.
        as_of: first day that is not known; None: that of the scores, else the day after the last sale, because silence
            can be told only as far as orders are known.
    """
    if as_of is not None:
        _require_known(as_of, horizon(engine, today=today))
    run = latest_run()
    if run is not None:
        return Standpoint(as_of or run.as_of, run.currency, access.store_ids)
    known = horizon(engine, today=today)
    return Standpoint(as_of or (known.known_until or today) + timedelta(days=1), known.currency, access.store_ids)


def _require_known(as_of: date, known: Horizon) -> None:
    since, until = known.known_since, known.known_until
    # Where no order is known, rules may still ask for what else is.
    if since is None or until is None:
        return
    if not since < as_of <= until + timedelta(days=1):
        raise DayIsNotKnown(asked=str(as_of - timedelta(days=1)), since=str(since), until=str(until))
