"""What goes out to friends, noted where the friendship is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.wecom.models import Friendship


@transaction.atomic
def note_touches(*, actor: Actor, touched: Mapping[int, datetime], now: datetime) -> int:
    """Note when messages reached friends, and return of how many that is the latest; in one statement, however many.

    Args:
        actor: the system.
        touched: when each friendship was touched, by its key. Aware UTC; what WeCom dates later than `now` was now.
        now: aware UTC.
    """
    actor.require("channels.send")
    if not touched:
        return 0
    rows = [(key, bulk.db_instant(min(at, now))) for key, at in sorted(touched.items())]
    table = Friendship._meta.db_table
    with bulk.key_table([("friendship", "int"), ("at", "instant")], rows) as keys:
        return bulk.execute(
            f"UPDATE {table} SET last_touch_at = {keys}.at FROM {keys} WHERE {table}.id = {keys}.friendship "  # noqa: S608
            f"AND ({table}.last_touch_at IS NULL OR {table}.last_touch_at < {keys}.at)"
        )
