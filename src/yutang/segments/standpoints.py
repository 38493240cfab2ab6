"""From where rules look: the day up to which orders are known, the main currency, the stores within reach."""

from __future__ import annotations

from datetime import date, timedelta

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import horizon
from yutang.insight.queries import latest_run
from yutang.lake.engines.base import Engine
from yutang.segments.rules.compiling import Standpoint


def standpoint(engine: Engine, *, access: Actor, today: date, as_of: date | None = None) -> Standpoint:
    """Return the standpoint of an actor.

    Args:
        engine: over the lake.
        access: whose reach bounds the people.
        today: the business day.
        as_of: first day that is not known; None: that of the scores, else the day after the last sale, because silence
            can be told only as far as orders are known.
    """
    run = latest_run()
    if run is not None:
        return Standpoint(as_of or run.as_of, run.currency, access.store_ids)
    known = horizon(engine, today=today)
    return Standpoint(as_of or (known.known_until or today) + timedelta(days=1), known.currency, access.store_ids)
