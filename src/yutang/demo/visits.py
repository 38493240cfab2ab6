"""Visits and balances of the demo shop: who of the groups booked, came, bought more and topped up, who comes in the next days.

Everything goes through the doors that a shop has, at the instants of the past weeks; the larger orders come in as a file of the till.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from yutang.customers import actions as people
from yutang.customers.queries import customer_rows
from yutang.demo.filling import start_imports
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.foundation.queries import stores
from yutang.groupbuy.models import GroupState, Seat, SeatState
from yutang.groupbuy.neighbours import programme_of
from yutang.insight.models import Score
from yutang.kit.errors import DomainError
from yutang.membership import actions as membership
from yutang.membership import queries as balances
from yutang.visits import actions, queries
from yutang.visits.views import Hours, Terms

_OPENS, _CLOSES, _SLOT = 10, 21, 60
_TERMS = Terms(
    slot_minutes=_SLOT, capacity=4, lead_minutes=30, days_ahead=14,
    hours=tuple(Hours(weekday, time(_OPENS), time(_CLOSES)) for weekday in range(7)),
)  # fmt: skip
_PLANS = ((500_000, 50_000), (800_000, 100_000), (1_000_000, 150_000))
#: Of those who paid so many book; of these the last come in the next days; of those who could have come so many did, and so on.
_BOOK, _COMING, _CAME, _OFFERED, _MORE, _TOP_UP = 0.74, 16, 0.82, 0.8, 0.45, 0.33
#: Regular customers who top up at the till, and of how many days.
_REGULARS, _DAYS = 24, 60
#: The file of the till with what was bought during visits.
FILE = "到店加购.csv"


@dataclass(frozen=True)
class _Visit:
    """Somebody who came."""

    customer_id: int
    booking_id: int
    store: Store
    at: datetime


@dataclass(frozen=True)
class _Move:
    """A movement of somebody's balance that is to be written."""

    at: datetime
    write: Callable[[], None]
    is_top_up: bool


def waits_for_visits() -> bool:
    """Return whether no store of the demo shop takes bookings yet."""
    return not queries.bookable_stores(access=Actor.system(), today=date(2000, 1, 1))


def play_visits(*, folder: Path, now: datetime, seed: int = 22) -> dict[str, int]:
    """Let stores take bookings, those who paid for a group book and come, and some top up; return how many of each.

    Args:
        folder: where the file of larger orders is written.
        now: aware UTC.
        seed: the same shop each time.
    """
    system, chance = Actor.system(), random.Random(seed)  # noqa: S311 - the same shop each time.
    open_stores = _take_bookings(now)
    membership.change_plans(actor=system, plans=_PLANS, now=now - timedelta(days=_DAYS))
    paid = _paid_seats()
    booking = [one for one in paid if chance.random() < _BOOK]
    coming, earlier = booking[:_COMING], booking[_COMING:]
    came = [one for seat in earlier if (one := _come(seat, open_stores, chance, now)) is not None]
    came_now = sum(_will_come(seat, open_stores, chance, now) for seat in coming)
    actions.follow_bookings(actor=system, now=now)
    moves = [move for one in came if chance.random() < _TOP_UP for move in _topping_up(one, chance)]
    _bring_orders(folder, [one for one in came if chance.random() < _MORE], chance, now=now)
    moves += _of_regulars([one.customer_id or 0 for one in paid], open_stores, chance, now)
    # The books of a shop stand in the order in which things happened.
    for move in sorted(moves, key=lambda one: one.at):
        move.write()
    return {"came": len(came), "coming": came_now, "topped_up": sum(one.is_top_up for one in moves)}


def _take_bookings(now: datetime) -> list[Store]:
    """Say of every store that it takes bookings, and return the stores."""
    system = Actor.system()
    for one in stores(access=system):
        actions.change_terms(actor=system, store_id=one.id, terms=_TERMS, now=now - timedelta(days=_DAYS))
    return list(Store.objects.filter(closed_on=None).order_by("code"))


def _paid_seats() -> list[Seat]:
    """Return one paid place of each person in a group that filled, the latest first."""
    rows = Seat.objects.filter(state=SeatState.PAID, group__state=GroupState.FILLED, customer__isnull=False)
    found: dict[int, Seat] = {}
    for one in rows.order_by("-paid_at", "-id"):
        found.setdefault(one.customer_id or 0, one)
    return list(found.values())


def _come(seat: Seat, open_stores: Sequence[Store], chance: random.Random, now: datetime) -> _Visit | None:
    """Let somebody have booked after they paid; return the visit of who came, None of who did not, or could not book."""
    store = _store_of(seat, open_stores)
    paid_at = seat.paid_at or seat.joined_at
    at = _slot(store, paid_at + timedelta(days=1 + 4 * chance.random()), chance)
    if at > now - timedelta(hours=3):
        return None
    made = _booked(seat, store, at, paid_at + timedelta(hours=1))
    if made is None or chance.random() > _CAME:
        return None
    came_at = at + timedelta(minutes=chance.randrange(-8, 12))
    actions.check_in_by_hand(actor=Actor.system(), booking_id=made, now=came_at)
    if chance.random() < _OFFERED:
        actions.note_offer(actor=Actor.system(), booking_id=made, now=came_at + timedelta(minutes=25))
    return _Visit(seat.customer_id or 0, made, store, came_at)


def _will_come(seat: Seat, open_stores: Sequence[Store], chance: random.Random, now: datetime) -> bool:
    """Let somebody have booked for the next days, and return whether a time was free."""
    store = _store_of(seat, open_stores)
    at = _slot(store, now + timedelta(days=5 * chance.random()), chance)
    if at <= now + timedelta(hours=1):
        at += timedelta(days=1)
    paid_at = seat.paid_at or seat.joined_at
    return _booked(seat, store, at, max(paid_at, now - timedelta(hours=1 + 20 * chance.random()))) is not None


def _booked(seat: Seat, store: Store, at: datetime, made_at: datetime) -> int | None:
    try:
        view = actions.book(
            actor=Actor.system(), key=f"demo:seat:{seat.pk}", customer_id=seat.customer_id or 0, store_id=store.pk, at=at,
            source=programme_of(seat.campaign_id), now=made_at,
        )  # fmt: skip
    except DomainError:
        # The slot is full, or the person was merged with somebody who has booked: there are others.
        return None
    return view.id


def _topping_up(visit: _Visit, chance: random.Random) -> list[_Move]:
    """Return what somebody does who tops up after the visit, and spends some of it."""
    at, plan = visit.at + timedelta(minutes=45), chance.choice(balances.plans())
    key, method = f"demo:visit:{visit.booking_id}", chance.choice(("card", "online"))
    spent = 100 * chance.randrange(300, 2_400)
    return [
        _top_up(at, key, visit.customer_id, visit.store.pk, plan.id, method),
        _spend(at + timedelta(minutes=10), f"demo:spent:{visit.booking_id}", visit.customer_id, visit.store.pk, spent),
    ]


def _of_regulars(
    others: Sequence[int], open_stores: Sequence[Store], chance: random.Random, now: datetime
) -> list[_Move]:
    """Return what regular customers do who topped up at the till in the past weeks, and come back to spend."""
    plans, by_key = balances.plans(), {one.pk: one for one in open_stores}
    best = Score.objects.filter(orders__gte=3).exclude(customer_id__in=others).order_by("-spend_minor", "customer_id")
    chosen = list(best.values_list("customer_id", flat=True)[:_REGULARS])
    places = {key: row.store_id for key, row in customer_rows(access=Actor.system(), ids=chosen).items()}
    moves: list[_Move] = []
    for number, person in enumerate(chosen):
        store = by_key.get(places.get(person) or 0, open_stores[number % len(open_stores)])
        at = _slot(store, now - timedelta(days=2 + (_DAYS - 2) * chance.random()), chance)
        moves.append(_top_up(at, f"demo:regular:{person}", person, store.pk, plans[number % len(plans)].id, "card"))
        for visit in range(chance.randrange(4)):
            later = _slot(store, at + (now - at) * chance.random(), chance) + timedelta(minutes=chance.randrange(55))
            amount = 100 * chance.randrange(200, 1_200)
            if at < later < now:
                moves.append(_spend(later, f"demo:regular:{person}:{visit}", person, store.pk, amount))
    return moves


def _top_up(at: datetime, key: str, person: int, store_id: int, plan_id: int, method: str) -> _Move:
    def write() -> None:
        membership.top_up_by_plan(
            actor=Actor.system(), key=key, customer_id=person, plan_id=plan_id, store_id=store_id, method=method, now=at
        )

    return _Move(at, write, is_top_up=True)


def _spend(at: datetime, key: str, person: int, store_id: int, amount_fen: int) -> _Move:
    def write() -> None:
        membership.spend(
            actor=Actor.system(), key=key, customer_id=person, amount_fen=amount_fen, store_id=store_id, now=at
        )

    return _Move(at, write, is_top_up=False)


def _bring_orders(folder: Path, visits: Sequence[_Visit], chance: random.Random, *, now: datetime) -> None:
    """Write what some bought during their visit as a file of the till, and ask for its import."""
    clear = people.unmask_customers(
        actor=Actor.system(), customer_ids=[one.customer_id for one in visits], reason="request: visits of the demo shop", now=now,
    )  # fmt: skip
    numbers = {one.id: one.phones[0].removeprefix("+86") for one in clear if one.phones and "*" not in one.phones[0]}
    path = folder / FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["订单号", "下单时间", "手机号", "实付金额", "门店编码"])
        for one in visits:
            if one.customer_id in numbers:
                at = (one.at + timedelta(minutes=35)).astimezone(ZoneInfo(one.store.time_zone))
                amount = f"{chance.randrange(480, 2_600)}.00"
                rows.writerow(
                    [f"DJ{one.booking_id:06}", f"{at:%Y-%m-%d %H:%M}", numbers[one.customer_id], amount, one.store.code]
                )
    start_imports([path], now=now)


def _store_of(seat: Seat, open_stores: Sequence[Store]) -> Store:
    """Return where somebody comes: some stores are nearer to more people than others."""
    return open_stores[(seat.customer_id or 0) % max(1, min(len(open_stores), 5))]


def _slot(store: Store, about: datetime, chance: random.Random) -> datetime:
    """Return a beginning of a slot on the store's clock on the day of an instant. Aware UTC."""
    day = about.astimezone(ZoneInfo(store.time_zone)).date()
    hour = chance.randrange(_OPENS, _CLOSES - 1)
    return datetime.combine(day, time(hour), ZoneInfo(store.time_zone)).astimezone(UTC)
