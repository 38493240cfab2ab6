"""What the room does when it hears of others: a no stops at once what was planned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from yutang.channels.actions.stops import stop_planned
from yutang.customers.events import ConsentChanged
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles


@handles(ConsentChanged)
def stop_what_nobody_wants(event: Any, *, event_id: int, now: datetime) -> None:
    """Refuse planned messages of somebody who said no; a second time there are none."""
    if not event.granted:
        stop_planned(actor=Actor.system(), customer_id=event.customer_id, now=now)
