"""The page behind a printed code: it is counted, and shown whom to add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yutang.channels.visiting import visitor_of
from yutang.codes.finding import is_open, spot_by_token
from yutang.codes.greeting import zone_of
from yutang.codes.groups import groups_for, living_groups
from yutang.codes.guards import HELD_BACK
from yutang.codes.leading import led, newcomer_of
from yutang.codes.models import Code, Group, Kind, Newcomer, OwnWay, Spot
from yutang.codes.personal import person_of
from yutang.codes.running import ask_for_own_way
from yutang.customers.models import Customer
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.kit.geography import Place, distance_km
from yutang.wecom.actions import ask_for_join_ways
from yutang.wecom.models import Account
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
        standing: ``open``: the picture; ``waiting``: WeCom makes it; ``over``: the code is out of use; ``choose``: a store first.
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
def group_behind(*, actor: Actor, token: str, person: str = "", now: datetime) -> tuple[str, WayPicture | None]:
    """Return the group into which a printed code leads now, and the picture of its code; no name: none has room or is meant.

    Whoever comes by the link of their greeting sees the group in which a place is kept for them; whom the guard holds back sees none.

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
    if spot.code.group == Group.NONE or not is_open(spot.code, now=now):
        return "", None
    newcomer = newcomer_of(person, spot=spot, now=now)
    own = None if newcomer is None else _own_group(actor, newcomer, now=now)
    return own or _any_group(actor, spot, now=now)


def _any_group(actor: Actor, spot: Spot, *, now: datetime) -> tuple[str, WayPicture | None]:
    """Return the oldest group that fits a place, and the picture of its code."""
    fitting = groups_for(spot.code, store_id=spot.store_id, all_groups=living_groups())
    if not fitting:
        return "", None
    pictures = join_pictures(chat_ids={one.chat_id for one in fitting})
    ready = next((one for one in fitting if one.chat_id in pictures), None)
    if ready is not None:
        return ready.name, pictures[ready.chat_id]
    ask_for_join_ways(actor=actor, chat_ids={fitting[0].chat_id}, now=now)
    return fitting[0].name, None


def _own_group(actor: Actor, newcomer: Newcomer, *, now: datetime) -> tuple[str, WayPicture | None] | None:
    """Return the group in which a place is kept for a newcomer, and the picture of its code; None where no group fits."""
    if not newcomer.noted:
        # The guard is asked in a moment.
        return newcomer.code.name, None
    if newcomer.verdict in HELD_BACK:
        return "", None
    found = led(newcomer=newcomer, now=now)
    if found is None or not (found.group_key or found.is_waiting):
        return None
    chat_id = found.group_key
    name = WeComGroup.objects.filter(chat_id=chat_id, dismissed_at=None).values_list("name", flat=True).first()
    if name is None:
        return "", None
    pictures = join_pictures(chat_ids={chat_id})
    if chat_id not in pictures:
        ask_for_join_ways(actor=actor, chat_ids={chat_id}, now=now)
    return name, pictures.get(chat_id)


def _shown(spot: Spot, place: str, customer_id: int | None, *, now: datetime) -> Landing:
    """Return the picture of the way of who looks after the person, else that of the place."""
    code, own = spot.code, _own_way(spot.code, customer_id, now=now)
    pictures = way_pictures(way_ids={key for key in (own and own.way_id, spot.way_id) if key})
    has_group = code.group != Group.NONE
    ready = None if own is None else pictures.get(own.way_id or 0)
    if own is not None and ready is not None and _is_there(ready):
        staff = own.account.staff.display_name if own.account.staff else ""
        return Landing("open", code.name, place, ready, staff=staff, has_group=has_group)
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
