"""Group-buying of the demo shop: an offer that has run for weeks, with groups that filled, that did not, and some that are filling."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.groupbuy import actions, queries
from yutang.groupbuy.actions import Terms, Wish
from yutang.groupbuy.leading_on import note_paid
from yutang.groupbuy.refusals import (
    GroupIsFull,
    GroupIsOver,
    PersonHasEnoughSeats,
    PersonIsIn,
    SeatWasStopped,
    SlowDown,
    StockIsGone,
)
from yutang.payments import actions as payments
from yutang.payments.organisation import SANDBOX_IS_OPEN

CODE = "demo-hook"
_DAYS, _GROUPS, _LIVING = 18, 90, 7
_OFFER = Terms(
    name="丝巾搭配体验：到店造型一次",
    code=CODE,
    tiers=((2, 9_900), (3, 7_900)),
    list_minor=39_900,
    cost_minor=4_500,
    hours=24,
    stock=600,
    # Replaced when the offer is made.
    ends_at=datetime(2100, 1, 1, tzinfo=UTC),
    about="造型顾问一对一，送真丝小方巾一条；两人或三人成团，到任一门店使用。",
    per_person=2,
    worth_minor=18_000,
    budget_minor=500_000,
)


def waits_for_groups() -> bool:
    """Return whether the demo shop's offer is not there yet."""
    return all(one.code != CODE for one in queries.campaigns(access=Actor.system()))


def make_demo_groups(*, now: datetime, seed: int = 20) -> int:
    """Make the offer, let groups of the past weeks fill or expire and some be filling now, and return how many groups those are."""
    system, begun = Actor.system(), now - timedelta(days=_DAYS)
    change_setting(actor=system, key=SANDBOX_IS_OPEN, value=True, now=begun)
    terms = replace(_OFFER, ends_at=now + timedelta(days=20))
    made = actions.create_campaign(actor=system, terms=terms, now=begun)
    actions.open_campaign(actor=system, campaign_id=made, now=begun)
    chance = random.Random(seed)  # noqa: S311 - the same shop each time.
    people = list(Customer.objects.filter(merged_into=None).order_by("-id").values_list("pk", flat=True)[: 4 * _GROUPS])
    moments = sorted(begun + (now - begun - timedelta(hours=26)) * chance.random() for _ in range(_GROUPS))
    for number, at in enumerate(moments):
        _play(number, people[4 * number : 4 * number + 4], at, chance, until=now)
    _end(now)
    for number in range(_LIVING):
        some = people[4 * number + 1 : 4 * number + 3]
        _play(_GROUPS + number, some, now - timedelta(hours=1 + 3 * number), chance, until=now, is_living=True)
    return _GROUPS + _LIVING


def _play(
    number: int, people: Sequence[int], at: datetime, chance: random.Random, *, until: datetime, is_living: bool = False
) -> None:
    """Let a group start, and people join it within its hours; two in three groups have enough friends."""
    if not people:
        return
    system, size = Actor.system(), 2 + (number % 3 == 0)
    try:
        token = actions.start_group(actor=system, campaign=CODE, size=size, wish=_wish(number, people[0]), now=at)
        _pay(token, at)
        code = queries.seat_at_link(token=token, now=at).group.code
        friends = 0 if is_living and size == 2 else size - 1 if not is_living and chance.random() < 0.68 else size - 2
        for person in people[1 : 1 + friends]:
            later = min(at + timedelta(hours=20) * chance.random(), until)
            token = actions.join_group(actor=system, code=code, wish=_wish(number, person), now=later)
            _pay(token, later)
    except (GroupIsFull, GroupIsOver, PersonHasEnoughSeats, PersonIsIn, SeatWasStopped, SlowDown, StockIsGone):
        return


def _wish(number: int, person: int) -> Wish:
    return Wish(f"demo:{number}:{person}", person, "王李张刘陈杨赵黄周吴"[person % 10] + "**")


def _pay(token: str, now: datetime) -> None:
    system, view = Actor.system(), queries.seat_at_link(token=token, now=now)
    payments.pay_in_sandbox(actor=system, number=view.payment_number, now=now)
    actions.take_paid_seat(actor=system, seat_id=view.id, now=now)
    # The event would tell it at the time at which it is delivered; who booked afterwards had paid before.
    note_paid(seat_id=view.id, now=now)


def _end(now: datetime) -> None:
    system = Actor.system()
    actions.lapse_holds(actor=system, now=now)
    actions.end_groups(actor=system, now=now)
    actions.count_courses(actor=system, now=now)
    while payments.send_refunds(actor=system, now=now):
        pass
