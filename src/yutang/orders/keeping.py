"""Orders whose time of keeping is over, where a setting says so: they go whole, with their lines and refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings

from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.months import month_of, months_on
from yutang.ingest import journal
from yutang.orders.arrivals import orders_by_key, today_of

#: Orders of one transaction.
_AT_ONCE = 5_000
_MONTH = "COALESCE(substr(CAST(business_date AS TEXT), 1, 7), 'none')"
#: An order is over when its day is, and that of each of its refunds.
_IS_OVER = """
o.business_date < %s AND NOT EXISTS (SELECT 1 FROM orders_refund r WHERE r.order_id = o.id AND r.business_date >= %s)
"""
#: In the order of keys, so that what was looked at is passed over.
_OVER = f"SELECT o.id FROM orders_order o WHERE o.id > %s AND {_IS_OVER} ORDER BY o.id LIMIT {_AT_ONCE}"
_STILL_OVER = f"SELECT o.id, {_MONTH} FROM {{keys}} k {{orders}} WHERE {_IS_OVER}"
_OF_ORDERS = f"SELECT id, {_MONTH} FROM orders_refund WHERE order_id IN (SELECT id FROM {{keys}})"
#: Refunds whose order never came.
_ALONE = (
    f"SELECT id, {_MONTH} FROM orders_refund WHERE order_id IS NULL AND business_date < %s ORDER BY id LIMIT {_AT_ONCE}"
)


@dataclass(frozen=True)
class Gone:
    """What was let go of.

    Attributes:
        last: key of the last order that was looked at; None: no order is left that is over.
        orders: count.
        refunds: count.
    """

    last: int | None
    orders: int = 0
    refunds: int = 0


def oldest_kept(*, now: datetime) -> date | None:
    """Return the first day whose orders are kept: the present month and so many before it; None: all are."""
    kept = int(settings.YUTANG_KEEP_ORDERS_MONTHS)
    return months_on(month_of(today_of(now)), -kept) if kept else None


def has_end() -> bool:
    """Return whether a setting says that older orders are not kept."""
    return bool(settings.YUTANG_KEEP_ORDERS_MONTHS)


def forget_older_orders(*, actor: Actor, after: int, now: datetime) -> Gone:
    """Let go of some orders of before the months that are kept, with their lines and refunds.

    Called with the key that it returns until there is none. Orders of which only lines are known have no day, and stay. Without the
    setting nothing ever goes.

    Args:
        actor: needs ``privacy.erase``.
        after: orders of greater keys are looked at; 0 for all.
        now: when. Aware UTC.
    """
    actor.require("privacy.erase")
    before = oldest_kept(now=now)
    if before is None:
        return Gone(None)
    bounds = [before.isoformat()] * 2
    # Read while others write; only what was found is asked again.
    found = bulk.fetch(_OVER, [after, *bounds])
    if not found:
        return Gone(None)
    with journal.marked_transaction():
        # An import might bring a refund of one of them, or move its day.
        bulk.one_at_a_time("import")
        with bulk.key_table([("id", "int")], found) as keys:
            orders = bulk.fetch(_STILL_OVER.format(keys=keys, orders=orders_by_key("k.id")), bounds)
        with bulk.key_table([("id", "int")], [(key,) for key, _month in orders]) as keys:
            refunds = bulk.fetch(_OF_ORDERS.format(keys=keys))
            bulk.execute(f"DELETE FROM orders_refund WHERE order_id IN (SELECT id FROM {keys})")
            bulk.execute(f"DELETE FROM orders_orderline WHERE order_id IN (SELECT id FROM {keys})")
        bulk.delete_rows("orders_order", [key for key, _month in orders])
        for table in ("orders_order", "orders_line"):
            journal.touch(table, {month for _key, month in orders}, now=now)
        journal.touch("orders_refund", {month for _key, month in refunds}, now=now)
        if orders:
            _audit(actor, orders=orders, refunds=refunds, before=before, now=now)
    return Gone(found[-1][0], len(orders), len(refunds))


def forget_older_refunds(*, actor: Actor, now: datetime) -> int:
    """Let go of some refunds of before the months that are kept whose order never came, and return how many went.

    Called until it returns 0.

    Args:
        actor: needs ``privacy.erase``.
        now: when. Aware UTC.
    """
    actor.require("privacy.erase")
    before = oldest_kept(now=now)
    if before is None:
        return 0
    with journal.marked_transaction():
        bulk.one_at_a_time("import")
        refunds = bulk.fetch(_ALONE, [before.isoformat()])
        if refunds:
            bulk.delete_rows("orders_refund", [key for key, _month in refunds])
            journal.touch("orders_refund", {month for _key, month in refunds}, now=now)
            _audit(actor, orders=[], refunds=refunds, before=before, now=now)
    return len(refunds)


def forget_what_was(*, actor: Actor) -> int:
    """Forget what imports remember of orders and refunds that are gone, which an undo would find no more; return how many entries.

    Args:
        actor: needs ``privacy.erase``.
    """
    actor.require("privacy.erase")
    return sum(journal.forget_images_of_gone_rows(table) for table in ("orders_order", "orders_refund"))


def _audit(
    actor: Actor,
    *,
    orders: Sequence[tuple[Any, ...]],
    refunds: Sequence[tuple[Any, ...]],
    before: date,
    now: datetime,
) -> None:
    months = sorted({month for _key, month in (*orders, *refunds)})
    audit(
        actor=actor,
        action="orders.forget_months",
        subject_type="orders",
        detail={"months": months, "orders": len(orders), "refunds": len(refunds), "kept_from": before.isoformat()},
        now=now,
    )
