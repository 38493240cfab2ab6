"""Starting and joining groups: a place is claimed by one conditional update, and held until it is paid or its time is over.

The way of a joining is short on purpose: one question, then in one transaction the claim, the seat and its payment; nobody else's
row is touched. The stock is set aside when a group starts, so that joiners of one campaign never wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from yutang.customers.dealings import dealt_sql
from yutang.customers.identity import Origin, resolve
from yutang.customers.rules import seen_name
from yutang.customers.search import mobile_in
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.groupbuy import neighbours
from yutang.groupbuy.actions.campaigns import stores_of
from yutang.groupbuy.actions.freeing import free_overdue
from yutang.groupbuy.finding import campaign_by_code, campaign_by_id, new_code, payment_key
from yutang.groupbuy.marking import mark_groups, mark_seats
from yutang.groupbuy.models import Campaign, CampaignState, Group, GroupState, Seat
from yutang.groupbuy.refusals import (
    CampaignIsNotOpen,
    GroupIsFull,
    GroupIsOver,
    JoinKeyIsTaken,
    NoSuchGroup,
    NumberIsShared,
    OnlyNewcomers,
    PersonHasEnoughSeats,
    PersonIsIn,
    PhoneIsWrong,
    PlaceIsMissing,
    SizeIsNotOffered,
    StockIsGone,
    TooFarAway,
)
from yutang.groupbuy.views import shortened
from yutang.ingest import journal
from yutang.kit.geography import Place, distance_km
from yutang.payments import actions as payments

_GROUP_CODE, _TOKEN = 12, 24
#: Nearest store, and how far away it is in whole kilometres; nothing where the campaign is for everybody.
_Near = tuple[int | None, int | None]
#: Scope of accounts that are seen here: there are none, people are told by their numbers.
_SCOPE = "groupbuy"


@dataclass(frozen=True)
class Wish:
    """Somebody who wants a place.

    Attributes:
        key: idempotency key: one key is one seat. 1 to 80 characters.
        customer_id: who.
        shown: what others in the group see, such as ``张**``.
        place: where the person is, where the campaign is local.
        device: keyed hash of the device; empty: not known.
        address: network address; empty: not known.
        payer: paying account in the clear; empty: not known.
        inviter: seat by whose link the person came; one of another group counts as none.
    """

    key: str
    customer_id: int
    shown: str = ""
    place: Place | None = None
    device: str = ""
    address: str = ""
    payer: str = ""
    inviter: int | None = None


@dataclass(frozen=True)
class _Facts:
    """What one question tells of a group and of who wants to join it."""

    group_id: int
    campaign_id: int
    size: int
    price_minor: int
    state: str
    is_running: bool
    full: bool
    newcomers_only: bool
    campaign_state: str
    name: str
    list_minor: int
    per_person: int
    radius_km: int
    hold_minutes: int
    living: int
    last_nth: int
    mine: str | None
    by_key: str | None
    has_dealt: bool


def join_group(*, actor: Actor, code: str, wish: Wish, now: datetime) -> str:
    """Take a place in a group, held until it is paid, and return the token of the seat; the same key again gives the same seat.

    Args:
        actor: needs ``groupbuy.join``.
        code: of the group.
        wish: who wants it.
        now: when. Aware UTC.

    Raises:
        NoSuchGroup: there is none.
        GroupIsOver, GroupIsFull, OnlyNewcomers: no place is to be had.
        CampaignIsNotOpen: it is paused. A closed one takes nobody into new groups, but into running ones.
        PersonIsIn, PersonHasEnoughSeats: the person has a place, or as many as one may have.
        PlaceIsMissing, TooFarAway: the campaign is local.
        SeatWasStopped, SlowDown: the guard does not let the person in.
        JoinKeyIsTaken: the key is another seat's.
        NoWayToPay: nobody can pay.
    """
    actor.require("groupbuy.join")
    for _attempt in range(3):
        facts = _facts(code, wish, now)
        if facts.by_key is not None:
            return _same_seat(facts.by_key, wish, facts.group_id)
        _refuse(facts, wish, now)
        near = _look_at_place(facts.campaign_id, facts.radius_km, wish)
        # Before the transaction that gives: a refusal does not take the guard's memory with it.
        _ask_guard(facts.campaign_id, facts.list_minor - facts.price_minor, wish, near, now, group_id=facts.group_id)
        token = _taken(facts, wish, near, now)
        if token is not None:
            return token
        # Somebody was faster by a moment: what is true now is said, or a place that was held for too long is freed.
        free_overdue(group_id=facts.group_id, now=now)
    raise GroupIsFull


def start_group(*, actor: Actor, campaign: str, size: int, wish: Wish, now: datetime) -> str:
    """Start a group with its captain's seat, held until it is paid, and return the seat's token; the same key gives the same seat.

    Args:
        actor: needs ``groupbuy.join``.
        campaign: short name of the campaign.
        size: members, one of the campaign's tiers.
        wish: who starts it.
        now: when. Aware UTC.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsNotOpen: it is a draft, paused, closed or over.
        SizeIsNotOffered: it has no such tier.
        StockIsGone: no group of this size fits into what is left.
        DomainError: as `join_group` refuses.
    """
    actor.require("groupbuy.join")
    row = campaign_by_code(campaign)
    for _attempt in range(3):
        known = bulk.fetch(_KNOWN, (wish.key,), often=True)
        if known:
            if known[0][1:] != (wish.customer_id, row.pk):
                raise JoinKeyIsTaken(key=wish.key)
            return str(known[0][0])
        if row.state != CampaignState.OPEN or row.ends_at <= now:
            raise CampaignIsNotOpen(name=row.name)
        near = _look_at_place(row.pk, row.radius_km, wish)
        _ask_guard(row.pk, row.list_minor - _price(row, size), wish, near, now)
        token = _started(row, size, wish, near, now)
        if token is not None:
            return token
    raise PersonHasEnoughSeats(name=row.name, most=row.per_person)


def _started(campaign: Campaign, size: int, wish: Wish, near: _Near, now: datetime) -> str | None:
    """Make a group with its captain's seat, and return the token; None where the same person, or key, was faster by a moment."""
    try:
        with journal.marked_transaction():
            group = new_group(campaign=campaign, size=size, now=now)
            facts = _facts(group.code, wish, now)
            _refuse(facts, wish, now)
            return _claimed(facts, wish, near, now)
    except _Faster:
        return None


def new_group(*, campaign: Campaign, size: int, now: datetime) -> Group:
    """Set places aside for a group and make it, in the caller's transaction.

    Raises:
        SizeIsNotOffered: the campaign has no such tier.
        StockIsGone: no group of this size fits into what is left.
    """
    price = _price(campaign, size)
    if not bulk.execute(_SET_ASIDE, (size, campaign.pk, size), often=True):
        raise StockIsGone(name=campaign.name, size=size)
    today = timezone.localtime(now).date()
    mark_groups([today], now=now)
    group = Group(
        campaign=campaign,
        code=new_code(_GROUP_CODE),
        size=size,
        price_minor=price,
        most_regulars=size - campaign.newcomer_places,
        started_at=now,
        started_date=today,
        ends_at=now + timedelta(hours=campaign.hours),
    )
    values = (*(getattr(group, name) for name in _GROUP_FIELDS), bulk.db_instant(now), bulk.db_instant(group.ends_at))
    (group.pk,) = bulk.insert_few(Group._meta.db_table, (*_GROUP_FIELDS, "started_at", "ends_at"), [values])
    return group


_GROUP_FIELDS = (
    "campaign_id", "code", "size", "price_minor", "state", "taken", "paid", "regulars", "most_regulars", "started_date", "is_counted",
)  # fmt: skip


@transaction.atomic
def known_person(*, actor: Actor, phone: str, name: str = "", now: datetime) -> tuple[int, str]:
    """Return who has a number, made where nobody has it, and how the person is shown to others.

    Args:
        actor: needs ``groupbuy.join``.
        phone: as it was typed.
        name: as it was typed; empty: not said.
        now: aware UTC.

    Raises:
        PhoneIsWrong: it is no mobile number.
        NumberIsShared: too many people share it.
    """
    actor.require("groupbuy.join")
    number = mobile_in(phone)
    if not number:
        raise PhoneIsWrong
    columns = {
        "phone": pa.array([number], pa.string()),
        "seen_at": pa.array([now.replace(tzinfo=None)], pa.timestamp("us")),
    }
    if seen_name(name).clear:
        # One character, or a title in place of a given name, tells others how to call somebody, and not who it is.
        columns["name"] = pa.array([name.strip()[:40]], pa.string())
    (person,) = resolve(observed=pa.table(columns), origin=Origin(None, _SCOPE), now=now).customer_ids.to_pylist()
    if person is None:
        raise NumberIsShared
    return int(person), shortened(name)


def _price(campaign: Campaign, size: int) -> int:
    """Return the price of a size of group.

    Raises:
        SizeIsNotOffered: the campaign has no such tier.
    """
    for members, price in campaign.tiers:
        if members == size:
            return int(price)
    raise SizeIsNotOffered(name=campaign.name, size=size)


def _facts(code: str, wish: Wish, now: datetime) -> _Facts:
    who = wish.customer_id
    rows = bulk.fetch(_facts_sql(), (bulk.db_instant(now), who, who, who, wish.key, who, code[:16]), often=True)
    if not rows:
        raise NoSuchGroup(group=code[:16])
    return _Facts(*rows[0])


@cache
def _facts_sql() -> str:
    return _FACTS.replace("{dealt}", dealt_sql("w.id"))


def _refuse(facts: _Facts, wish: Wish, now: datetime) -> None:
    """Say why there is no place, as far as it can be known without claiming one."""
    if facts.state != GroupState.OPEN or not facts.is_running:
        raise GroupIsOver
    if facts.campaign_state not in {CampaignState.OPEN, CampaignState.CLOSED}:
        raise CampaignIsNotOpen(name=facts.name)
    if facts.mine is not None:
        raise PersonIsIn
    if facts.living >= facts.per_person:
        raise PersonHasEnoughSeats(name=facts.name, most=facts.per_person)
    if facts.full and not free_overdue(group_id=facts.group_id, now=now):
        raise GroupIsFull
    if facts.newcomers_only and facts.has_dealt:
        raise OnlyNewcomers


def _taken(facts: _Facts, wish: Wish, near: _Near, now: datetime) -> str | None:
    """Claim a place and write seat and payment, in one transaction; return the token, or None where somebody was faster."""
    try:
        with journal.marked_transaction():
            return _claimed(facts, wish, near, now)
    except _Faster:
        return None


def _claimed(facts: _Facts, wish: Wish, near: _Near, now: datetime) -> str:
    """Claim a place and write seat and payment in the caller's transaction, and return the token.

    Raises:
        _Faster: somebody else has the place, or the same person or key was written a moment ago.
    """
    regular, token, today = int(bool(facts.has_dealt)), new_code(_TOKEN), timezone.localtime(now).date()
    at, until = bulk.db_instant(now), now + timedelta(minutes=facts.hold_minutes)
    values = (
        facts.group_id, facts.campaign_id, wish.customer_id, wish.key, token, facts.last_nth + 1, not facts.has_dealt, facts.price_minor,
        wish.shown[:12], at, today, bulk.db_instant(until), *near, wish.inviter, facts.group_id,
    )  # fmt: skip
    if not bulk.execute(_CLAIM, (regular, facts.group_id, at, regular), often=True):
        raise _Faster
    made = bulk.fetch(_SEAT, values, often=True)
    if not made:
        raise _Faster
    mark_seats([today], now=now)
    _ask_for_money(int(made[0][0]), token, facts, wish, until, now)
    return token


def _ask_for_money(seat_id: int, token: str, facts: _Facts, wish: Wish, until: datetime, now: datetime) -> None:
    request = payments.PaymentRequest(
        key=payment_key(seat_id),
        purpose=payment_key(seat_id),
        amount_fen=facts.price_minor,
        subject=facts.name,
        payer=wish.payer,
        return_path=f"/g/seat/{token}/",
        ends_at=until,
    )
    payments.ask(actor=Actor.system(), request=request, now=now)


class _Faster(Exception):
    """Another joining of the same person, or under the same key, was written a moment ago: this one is undone."""


def _same_seat(token: str, wish: Wish, group_id: int) -> str:
    there = Seat.objects.filter(key=wish.key).values_list("customer_id", "group_id").get()
    if there != (wish.customer_id, group_id):
        raise JoinKeyIsTaken(key=wish.key)
    return token


def _look_at_place(campaign_id: int, radius_km: int, wish: Wish) -> _Near:
    """Return the nearest store and how far away it is, in whole kilometres; nothing where the campaign is for everybody.

    Raises:
        PlaceIsMissing: nobody said where the person is.
        TooFarAway: no store is near enough.
    """
    if not radius_km:
        return None, None
    if wish.place is None or not wish.place.is_on_earth:
        raise PlaceIsMissing(radius_km=radius_km)
    here = wish.place
    away = [
        (distance_km(one=here, other=Place(store.latitude or 0.0, store.longitude or 0.0)), store)
        for store in stores_of(campaign_by_id(campaign_id))
    ]
    if not away:
        raise PlaceIsMissing(radius_km=radius_km)
    nearest, store = min(away, key=lambda one: (one[0], one[1].pk))
    if nearest > radius_km:
        raise TooFarAway(distance_km=round(nearest), store=store.name, radius_km=radius_km)
    return store.pk, round(nearest)


def _ask_guard(
    campaign_id: int,
    saved_minor: int,
    wish: Wish,
    near: _Near,
    now: datetime,
    *,
    group_id: int = 0,
) -> None:
    inviter = None
    if wish.inviter is not None:
        known = Seat.objects.filter(pk=wish.inviter, group_id=group_id)
        inviter = known.values_list("customer_id", flat=True).first()
    ask = neighbours.SeatAsk(
        key=f"groupbuy:{wish.key}",
        person_id=wish.customer_id,
        programme=neighbours.programme_of(campaign_id),
        device=wish.device,
        address=wish.address,
        inviter_id=inviter,
        payer=wish.payer,
        store_id=near[0],
        value_fen=max(0, saved_minor),
    )
    neighbours.let_in(ask, now=now)


_KNOWN = "SELECT token, customer_id, campaign_id FROM groupbuy_seat WHERE key = %s"
_SET_ASIDE = """
    UPDATE groupbuy_campaign SET set_aside = set_aside + %s WHERE id = %s AND set_aside + %s <= stock AND state = 'open'
"""
_FACTS = """
    SELECT g.id, g.campaign_id, g.size, g.price_minor, g.state, g.ends_at > %s, g.taken >= g.size,
        g.regulars >= g.most_regulars, c.state, c.name, c.list_minor, c.per_person, c.radius_km, c.hold_minutes,
        (SELECT COUNT(*) FROM groupbuy_seat AS s
            WHERE s.campaign_id = c.id AND s.customer_id = %s AND s.state IN ('held', 'paid')),
        (SELECT COALESCE(MAX(s.nth), 0) FROM groupbuy_seat AS s
            WHERE s.campaign_id = c.id AND s.customer_id = %s AND s.state IN ('held', 'paid')),
        (SELECT MIN(s.token) FROM groupbuy_seat AS s
            WHERE s.group_id = g.id AND s.customer_id = %s AND s.state IN ('held', 'paid')),
        (SELECT s.token FROM groupbuy_seat AS s WHERE s.key = %s),
        (SELECT {dealt} FROM customers_customer AS w WHERE w.id = %s)
    FROM groupbuy_group AS g
    JOIN groupbuy_campaign AS c ON c.id = g.campaign_id
    WHERE g.code = %s
"""
_CLAIM = """
    UPDATE groupbuy_group SET taken = taken + 1, regulars = regulars + %s
    WHERE id = %s AND state = 'open' AND ends_at > %s AND taken < size AND regulars + %s <= most_regulars
"""
_SEAT = """
    INSERT INTO groupbuy_seat (group_id, campaign_id, customer_id, key, token, state, nth, is_newcomer, price_minor, shown,
        joined_at, joined_date, hold_until, paid_at, ended_at, store_id, distance_km, invited_by_id)
    VALUES (%s, %s, %s, %s, %s, 'held', %s, %s, %s, %s, %s, %s, %s, NULL, NULL, %s, %s,
        (SELECT s.id FROM groupbuy_seat AS s WHERE s.id = %s AND s.group_id = %s))
    ON CONFLICT DO NOTHING RETURNING id
"""
