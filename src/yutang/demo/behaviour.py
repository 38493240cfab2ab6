"""What people of the demo shop did before they bought, or bought nothing: as a mini-programme, a till and a chat would tell it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count

from yutang.api.behaviour import Seen, take_events
from yutang.api.models import Behaviour
from yutang.customers import actions as people
from yutang.foundation.access import Actor
from yutang.insight.models import Score
from yutang.orders.models import Order, OrderStatus

#: Orders of the last days before which somebody looked at something, and people who looked and did not buy.
_DAYS, _ORDERS, _LOOKED_ON = 60, 2_000, 3_000
_ONE_CALL = 1_000
_BOUGHT = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)
#: The system that sees each kind.
_SOURCES = {
    "viewed": "mini_program",
    "added_to_cart": "mini_program",
    "visited": "door_counter",
    "chatted": "service_desk",
}
_DAY = timedelta(days=1)


def waits_for_behaviour() -> bool:
    """Return whether no other system has told anything yet."""
    return not Behaviour.objects.exists()


def play_behaviour(*, now: datetime, seed: int = 23) -> int:
    """Tell what people did in the last weeks, and return how many events that are.

    Args:
        now: aware UTC.
        seed: the same shop each time.
    """
    dice = random.Random(seed)  # noqa: S311 - the same shop each time.
    since = now - _DAYS * _DAY
    paid = Order.objects.filter(placed_at__gte=since, placed_at__lte=now, customer__isnull=False)
    paid = paid.filter(status__in=_BOUGHT).order_by("-placed_at", "pk")
    buyers = [
        (key, at, store_id)
        for key, at, store_id in paid.values_list("customer_id", "placed_at", "store_id")[:_ORDERS]
        if at
    ]
    known = list(Score.objects.order_by("customer_id").values_list("customer_id", flat=True))
    others = sorted(dice.sample(known, min(_LOOKED_ON, len(known))))
    steps = [*_before_orders(buyers, dice), *_of_others(others, since, now, dice)]
    numbers = _numbers(sorted({key for key, _kind, _at in steps}), now=now)
    serial = count(1)
    told: dict[str, list[Seen]] = {}
    for key, kind, at in steps:
        if key in numbers and since <= at <= now:
            event = Seen(f"demo-{next(serial)}", kind, at, identifiers=[("phone", numbers[key])])
            told.setdefault(_SOURCES[kind], []).append(event)
    system = Actor.system()
    return sum(
        take_events(actor=system, source=source, events=events[start : start + _ONE_CALL], now=now)
        for source, events in told.items()
        for start in range(0, len(events), _ONE_CALL)
    )


_Step = tuple[int, str, datetime]


def _before_orders(buyers: Sequence[tuple[int, datetime, int | None]], dice: random.Random) -> Iterator[_Step]:
    """Yield what buyers did before: in a store they came in, elsewhere they looked, and most put it into the cart."""
    for key, at, store_id in buyers:
        if store_id is not None:
            yield key, "visited", at - timedelta(minutes=dice.randint(5, 70))
            continue
        for _look in range(dice.randint(1, 3)):
            yield key, "viewed", at - timedelta(minutes=dice.randint(90, 5_000))
        if dice.random() < 0.8:
            yield key, "added_to_cart", at - timedelta(minutes=dice.randint(2, 80))
        if dice.random() < 0.2:
            yield key, "chatted", at - timedelta(minutes=dice.randint(60, 12_000))


def _of_others(keys: list[int], since: datetime, now: datetime, dice: random.Random) -> Iterator[_Step]:
    """Yield what people did who bought nothing then."""
    for key in keys:
        at = since + dice.random() * (now - since)
        if dice.random() < 0.25:
            yield key, "visited", at
            continue
        yield key, "viewed", at
        if dice.random() < 0.3:
            yield key, "added_to_cart", at + timedelta(minutes=dice.randint(1, 600))
        if dice.random() < 0.1:
            yield key, "chatted", at + timedelta(minutes=dice.randint(1, 2_000))


def _numbers(keys: list[int], *, now: datetime) -> dict[int, str]:
    """Return numbers of people by which the other systems know them."""
    found: dict[int, str] = {}
    for start in range(0, len(keys), _ONE_CALL):
        some = keys[start : start + _ONE_CALL]
        shown = people.unmask_customers(
            actor=Actor.system(), customer_ids=some, reason="request: behaviour of the demo shop", now=now
        )
        found |= {one.id: one.phones[0] for one in shown if one.phones and "*" not in one.phones[0]}
    return found
