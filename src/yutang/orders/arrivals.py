"""Orders by the month in which they came, and by their numbers; PostgreSQL keeps them in parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from yutang.foundation import arrival_months, bulk
from yutang.foundation.months import month_of, months_on

ORDERS = arrival_months.ArrivingTable(
    name="orders_order", named_by=("shop_id", "number"), constraint="order_number_once"
)
#: Numbers of one question.
_AT_ONCE = 500


@dataclass(frozen=True)
class OrderMonths:
    """How orders are kept.

    Attributes:
        by_month: whether the store keeps them in parts.
        present: month in whose part new orders are put; None where they are not kept by month.
        ready_until: day after the last month that lies ready; None likewise.
    """

    by_month: bool
    present: date | None
    ready_until: date | None


def order_months() -> OrderMonths:
    """Return how orders are kept."""
    if not are_kept_by_month():
        return OrderMonths(by_month=False, present=None, ready_until=None)
    months = [part.month for part in arrival_months.parts_of(ORDERS) if part.month is not None]
    present = arrival_months.present_month(ORDERS)
    return OrderMonths(by_month=True, present=present, ready_until=months_on(max(months), 1) if months else None)


def are_kept_by_month() -> bool:
    """Return whether there are parts to be made."""
    return arrival_months.is_kept_by_arrival(ORDERS)


def make_order_months(*, now: datetime) -> list[str]:
    """Make the parts of the months ahead, let orders that come from now on have the present one, and return the new parts."""
    return arrival_months.make_arrival_months(ORDERS, today=today_of(now)) if are_kept_by_month() else []


def let_go_of_empty_months(*, now: datetime) -> list[str]:
    """Drop the parts that hold no order any more, but for those of the present month and the last one, whose orders may be under way."""
    if not are_kept_by_month():
        return []
    return arrival_months.let_go_of_empty_months(ORDERS, before=months_on(month_of(today_of(now)), -1))


def orders_by_key(key: str) -> str:
    """Return the join with the orders, as ``o``, whose key a statement has in a column."""
    return bulk.looked_up(ORDERS.name, "o", f"o.id = {key}")


def names_of_orders() -> str:
    """Return the table that finds orders by ``shop_id`` and ``number``; its `id` is that of the order."""
    return arrival_months.names_of(ORDERS)


def keys_by_number(numbers: Iterable[str]) -> list[tuple[str, int]]:
    """Return (number, order) for every order of some numbers; a number is unique within a shop only."""
    asked, found = sorted({one for one in numbers if "\0" not in one}), list[tuple[str, int]]()
    for first in range(0, len(asked), _AT_ONCE):
        some = asked[first : first + _AT_ONCE]
        places = ", ".join(["%s"] * len(some))
        # By shop and number, so that the unique index answers; there are few shops.
        found += bulk.fetch(
            f"SELECT number, id FROM {names_of_orders()} WHERE shop_id IN (SELECT id FROM orders_shop) AND number IN ({places})",
            some,
        )
    return found


def today_of(now: datetime) -> date:
    """Return the day of an instant, as the merchant counts days."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
