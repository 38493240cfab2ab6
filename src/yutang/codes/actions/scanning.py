"""The page behind a printed code: it is counted, and shown whom to add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from yutang.channels.visiting import visitor_of
from yutang.codes.finding import is_open, spot_by_token
from yutang.codes.greeting import zone_of
from yutang.codes.groups import fitting_groups, groups_for, living_groups
from yutang.codes.guards import HELD_BACK, ask_of
from yutang.codes.leading import is_just_greeted, led, newcomer_of
from yutang.codes.models import Code, Group, Kind, Newcomer, OwnWay, Spot
from yutang.codes.personal import person_of
from yutang.codes.running import ask_for_own_way, duties
from yutang.codes.tasks import ask_to_keep
from yutang.customers.models import Customer
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.kit.geography import Place, distance_km
from yutang.wecom.actions import ask_for_join_ways
from yutang.wecom.models import Account, GroupMember
from yutang.wecom.models import Group as WeComGroup
from yutang.wecom.way_book import WayPicture, join_pictures, way_pictures

_COUNTED = """
INSERT INTO codes_scanday (spot_id, business_date, scans, known) VALUES (%s, %s, 1, %s)
ON CONFLICT (spot_id, business_date) DO UPDATE SET scans = codes_scanday.scans + 1, known = codes_scanday.known + excluded.known
"""


@dataclass(frozen=True)
class StoreChoice:
    """A store that somebody can choose; `away_km` is None where nobody knows where they are."""

    token: str
    name: str
    city: str
    away_km: float | None = None


@dataclass(frozen=True)
class Landing:
    """What the page behind a printed code shows.

    Attributes:
        standing: ``open``: the picture; ``waiting``: WeCom makes it, or is being told that somebody has enough for today; ``full``:
            everybody has; ``over``: the code is out of use; ``choose``: a store first.
        name: of the code.
        place: of the place; empty where it is called as the code is.
        picture: what is to be scanned; None unless open.
        staff: who is added, where that is one alone.
        stores: to choose among, nearest first.
        has_group: whether newcomers are led into a group.
    """

    standing: str
    name: str
    place: str = ""
    picture: WayPicture | None = None
    staff: str = ""
    stores: tuple[StoreChoice, ...] = ()
    has_group: bool = False


@dataclass(frozen=True)
class GroupBehind:
    """What the page with the code of a group shows.

    Attributes:
        standing: ``open``: the picture; ``waiting``: it is being made, the guard is being asked, or whose link it is was greeted a
            moment ago; ``stopped``: the guard holds them back; ``full``: no group has a place; ``none``: no group fits whose link it is;
            ``inside``: whose link it is has come into the group, and it is for nobody else; ``unknown``: which group depends on who
            somebody is; ``over``: no group is meant any more.
        name: of the group; empty where none is shown.
        picture: of its code; None unless open.
        is_kept: whether a place there is kept for whose link it is.
        ask: key under which the guard was asked about whose link it is; empty unless stopped.
        is_in_use: whether newcomers can still come by the code, so that somebody else has a way of their own.
    """

    standing: str
    name: str = ""
    picture: WayPicture | None = None
    is_kept: bool = False
    ask: str = ""
    is_in_use: bool = False


@transaction.atomic
def open_printed(
    *,
    actor: Actor,
    token: str,
    person: str = "",
    here: Place | None = None,
    method: str,
    headers: Mapping[str, str],
    now: datetime,
) -> Landing:
    """Return what who scanned a printed code sees, and count that they did; programs are not counted.

    Args:
        actor: the system: whoever holds the code needs no log-in.
        token: of the printed address.
        person: signed name of who holds it, of a personal link; empty: nobody knows.
        here: where they are, as their phone said; kept nowhere.
        method: of the request.
        headers: of the request, looked up without regard to case.
        now: when. Aware UTC.

    Raises:
        PrintedCodeIsUnknown: nothing was printed so.
    """
    actor.require("codes.change")
    spot = spot_by_token(token)
    customer_id = person_of(person, spot=spot, now=now)
    if visitor_of(method=method, headers=headers, handed_at=None, earlier_at=None, now=now) == "person":
        day = now.astimezone(zone_of(spot)).date()
        bulk.execute(_COUNTED, [spot.pk, day.isoformat(), int(customer_id is not None)])
    place = "" if spot.name == spot.code.name else spot.name
    if not spot.is_on or not is_open(spot.code, now=now):
        return Landing("over", spot.code.name, place)
    stores = _stores(spot, here)
    if stores:
        return Landing("choose", spot.code.name, place, stores=stores)
    return _shown(spot, place, customer_id, now=now)


@transaction.atomic
def group_behind(*, actor: Actor, token: str, person: str = "", now: datetime) -> GroupBehind:
    """Return the group into which a printed code leads now.

    Whoever comes by the link of their greeting sees the group in which a place is kept for them, also when the code, or its place, is
    out of use meanwhile: they were promised it. Whom the guard holds back sees none. Once they have come in, the link leads nobody
    else in: who was sent it comes by the code itself, as a newcomer of their own. Who is named by no link comes by a code in use only.

    Args:
        actor: needs ``codes.change``.
        token: of the place.
        person: what the link of a greeting says of whose it is; empty: whoever it is.
        now: aware UTC.

    Raises:
        PrintedCodeIsUnknown: nothing was printed so.
    """
    actor.require("codes.change")
    spot = spot_by_token(token)
    is_in_use = spot.is_on and is_open(spot.code, now=now)
    if spot.code.group == Group.NONE:
        return GroupBehind("over", is_in_use=is_in_use)
    newcomer = newcomer_of(person, spot=spot, now=now)
    if newcomer is None and is_just_greeted(person, spot=spot, now=now):
        return GroupBehind("waiting", is_in_use=is_in_use)
    own = None if newcomer is None else _own_group(actor, newcomer, now=now)
    if own is None and newcomer is None and not is_in_use:
        return GroupBehind("over")
    found = own or _any_group(actor, spot, now=now)
    if newcomer is not None and found.standing == "unknown":
        # Who they are is known, and nothing fits them.
        found = GroupBehind("none")
    return replace(found, is_in_use=is_in_use)


def _any_group(actor: Actor, spot: Spot, *, now: datetime) -> GroupBehind:
    """Return the oldest group with room that fits a place."""
    everywhere = living_groups()
    if not fitting_groups(spot.code, store_id=spot.store_id, all_groups=everywhere):
        # A batch of parcels has no store: only who has come by it is known to belong to one.
        return GroupBehind("unknown")
    with_room = groups_for(spot.code, store_id=spot.store_id, all_groups=everywhere)
    if not with_room:
        return GroupBehind("full")
    pictures = join_pictures(chat_ids={one.chat_id for one in with_room})
    ready = next((one for one in with_room if one.chat_id in pictures), None)
    if ready is not None:
        return GroupBehind("open", ready.name, pictures[ready.chat_id])
    ask_for_join_ways(actor=actor, chat_ids={with_room[0].chat_id}, now=now)
    return GroupBehind("waiting", with_room[0].name)


def _own_group(actor: Actor, newcomer: Newcomer, *, now: datetime) -> GroupBehind | None:
    """Return the group in which a place is kept for a newcomer; None where no group fits."""
    if not newcomer.noted:
        # The guard is asked in a moment.
        return GroupBehind("waiting", newcomer.code.name)
    if newcomer.verdict in HELD_BACK:
        return GroupBehind("stopped", newcomer.code.name, ask=ask_of(newcomer.pk))
    found = led(newcomer=newcomer, now=now)
    if found is None or not (found.group_key or found.is_waiting):
        return None
    chat_id = found.group_key
    group = WeComGroup.objects.filter(chat_id=chat_id, dismissed_at=None).first()
    if group is None:
        return GroupBehind("full")
    inside = GroupMember.objects.filter(group=group, left_at=None, contact__customer=newcomer.customer_id)
    if inside.exists():
        return GroupBehind("inside", group.name)
    picture = join_pictures(chat_ids={chat_id}).get(chat_id)
    if picture is None:
        ask_for_join_ways(actor=actor, chat_ids={chat_id}, now=now)
    return GroupBehind("open" if picture else "waiting", group.name, picture, is_kept=True)


def _shown(spot: Spot, place: str, customer_id: int | None, *, now: datetime) -> Landing:
    """Return the picture of the way of who looks after the person, else that of the place."""
    code, own = spot.code, _own_way(spot.code, customer_id, now=now)
    pictures = way_pictures(way_ids={key for key in (own and own.way_id, spot.way_id) if key})
    has_group = code.group != Group.NONE
    ready = None if own is None else pictures.get(own.way_id or 0)
    if own is not None and ready is not None and _is_there(ready):
        staff = own.account.staff.display_name if own.account.staff else ""
        return Landing("open", code.name, place, ready, staff=staff, has_group=has_group)
    if code.shifts.filter(daily_cap__isnull=False).exists():
        duty = next(one for one in duties(code_ids=[code.pk], now=now) if one.spot.pk == spot.pk)
        if duty.duty.standing == "full":
            return Landing("full", code.name, place)
        if duty.may_add_the_full and not spot.fault:
            # Only just did somebody come whom WeCom has not been told of: nobody is added beyond a cap meanwhile.
            ask_to_keep(now=now)
            return Landing("waiting", code.name, place)
    shown = pictures.get(spot.way_id or 0)
    if shown is None or not _is_there(shown):
        return Landing("waiting", code.name, place)
    return Landing("open", code.name, place, shown, has_group=has_group)


def _is_there(picture: WayPicture) -> bool:
    return picture.state == "ready" and bool(picture.picture_url or picture.sandbox_url)


def _own_way(code: Code, customer_id: int | None, *, now: datetime) -> OwnWay | None:
    """Return the way to the member of staff who looks after a person; None where nobody does, or they have no customers in WeCom."""
    if customer_id is None or not code.leads_known:
        return None
    owner = Customer.objects.filter(pk=customer_id, merged_into=None).values_list("owner_id", flat=True).first()
    account = Account.objects.filter(staff_id=owner or 0, is_serving=True).first()
    return None if account is None else ask_for_own_way(code=code, account_id=account.pk, now=now)


def _stores(spot: Spot, here: Place | None) -> tuple[StoreChoice, ...]:
    """Return the stores among which who scanned a shop window that stands for several chooses, the nearest first."""
    if spot.code.kind != Kind.WINDOW or spot.store_id is not None:
        return ()
    rows = spot.code.spots.filter(is_on=True, store__isnull=False).select_related("store")
    found = [_choice(one, here) for one in rows]
    return tuple(sorted(found, key=lambda one: (one.away_km is None, one.away_km or 0, one.name)))


def _choice(spot: Spot, here: Place | None) -> StoreChoice:
    assert spot.store is not None
    store, away = spot.store, None
    if here is not None and store.latitude is not None and store.longitude is not None:
        away = distance_km(one=here, other=Place(store.latitude, store.longitude))
    return StoreChoice(spot.token, store.name, store.city, away)
