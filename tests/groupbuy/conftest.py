"""A campaign that is open, people who join it, and a cashier where they pay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.payments.conftest import open_cashier
from yutang.foundation.access import Actor
from yutang.groupbuy import actions
from yutang.groupbuy.actions import Terms, Wish
from yutang.groupbuy.finding import payment_key
from yutang.groupbuy.models import Campaign, Group, Seat
from yutang.payments import actions as payments
from yutang.payments.models import Payment

SYSTEM = Actor.system()
HOOK = Terms(
    name="儿童摄影体验",
    code="hook99",
    tiers=((2, 9_900), (3, 8_900)),
    list_minor=59_900,
    cost_minor=6_000,
    hours=24,
    stock=100,
    ends_at=NOW + timedelta(days=30),
)


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


def campaign(*, is_open: bool = True, **parts: Any) -> Campaign:
    """Make a campaign, changed in some parts, and open it."""
    open_cashier()
    made = actions.create_campaign(actor=SYSTEM, terms=replace(HOOK, **parts), now=NOW)
    if is_open:
        actions.open_campaign(actor=SYSTEM, campaign_id=made, now=NOW)
    return Campaign.objects.get(pk=made)


def people(n: int, *, store: Any = None) -> list[int]:
    """Make people and return their keys."""
    from yutang.customers.models import Customer
    from yutang.foundation.sealing import seal

    sealed = seal({"name": "张三"})
    rows = [Customer(sealed_profile=sealed, store=store, first_seen_at=NOW) for _ in range(n)]
    return [one.pk for one in Customer.objects.bulk_create(rows)]


def start(person: int, *, code: str = "hook99", size: int = 2, now: datetime = NOW, key: str = "", **more: Any) -> Seat:
    """Start a group and return the captain's seat."""
    wish = Wish(key or f"s{person}:{now.timestamp()}", person, "张**", **more)
    return Seat.objects.get(token=actions.start_group(actor=SYSTEM, campaign=code, size=size, wish=wish, now=now))


def join(group: Group, person: int, *, now: datetime = NOW, key: str = "", **more: Any) -> Seat:
    """Join a group and return the seat."""
    wish = Wish(key or f"j{group.pk}:{person}:{now.timestamp()}", person, "李**", **more)
    return Seat.objects.get(token=actions.join_group(actor=SYSTEM, code=group.code, wish=wish, now=now))


def payment_of(seat: Seat) -> Payment:
    """Return the payment of a seat."""
    return Payment.objects.get(key=payment_key(seat.pk))


def pay(seat: Seat, *, now: datetime = NOW) -> Seat:
    """Pay for a seat at the cashier, take the place, and return the seat as it is then."""
    payments.pay_in_sandbox(actor=SYSTEM, number=payment_of(seat).number, now=now)
    actions.take_paid_seat(actor=SYSTEM, seat_id=seat.pk, now=now)
    return fresh(seat)


def pay_late(seat: Seat, *, now: datetime = NOW) -> Seat:
    """Let the provider tell of a payment after the place was given up, and return the seat as it is then."""
    from yutang.payments.actions.settling import _settle
    from yutang.payments.adapters import Notice

    payment = payment_of(seat)
    _settle(payment, Notice(payment.number, "paid", payment.amount_minor, "CNY", at=now), now)
    actions.take_paid_seat(actor=SYSTEM, seat_id=seat.pk, now=now)
    return fresh(seat)


def fresh(seat: Seat) -> Seat:
    """Return a seat as it is in the store."""
    return Seat.objects.select_related("group", "campaign").get(pk=seat.pk)


def wrong_counters() -> list[str]:
    """Return what the counters of groups and campaigns tell otherwise than their seats: empty where all is right."""
    wrong = []
    for group in Group.objects.prefetch_related("seats"):
        living = [one for one in group.seats.all() if one.state in {"held", "paid"}]
        counted = (
            len(living) if group.state in {"open", "filled"} else group.taken,
            sum(one.state == "paid" for one in living) if group.state in {"open", "filled"} else group.paid,
        )
        if counted != (group.taken, group.paid) or (group.state == "filled" and group.paid != group.size):
            wrong.append(f"group {group.pk}: {counted} {group.state} {group.taken} {group.paid}")
    for one in Campaign.objects.all():
        aside = sum(Group.objects.filter(campaign=one, state__in=("open", "filled")).values_list("size", flat=True))
        if aside != one.set_aside:
            wrong.append(f"campaign {one.pk}: {aside} {one.set_aside}")
    return wrong
