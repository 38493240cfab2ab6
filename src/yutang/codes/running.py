"""Codes kept as they are to be: who is on duty now, contact ways that are missing, staff of ways that must be moved.

Nothing is remembered but what WeCom was told last: what is to be is reckoned anew each time, so that a lost answer, a killed worker
or two at once lead to the same. Before WeCom is told, `told` is emptied; who finds it empty tells again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from yutang.codes.duty import Duty, OnShift, duty_at, is_full, is_ready
from yutang.codes.finding import is_open
from yutang.codes.greeting import zone_of
from yutang.codes.models import Code, Newcomer, OwnWay, Sharing, Shift, Spot
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import WeComError
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff
from yutang.wecom.actions import ask_for_contact_way
from yutang.wecom.models import WayState
from yutang.wecom.organisation import fits_a_message
from yutang.wecom.queries import has_connection
from yutang.wecom.way_moving import move_staff

#: Who moves the staff of a way has so long; then somebody else may.
_HOLD = timedelta(seconds=60)
#: What WeCom refused to make is asked for again after so long.
_AGAIN = timedelta(days=1)
_NAME_CHARACTERS = 30


@dataclass(frozen=True)
class SpotDuty:
    """A place of a code, and who is added there now; `full` are those of its staff who have enough for today, `ready` those on shift."""

    spot: Spot
    duty: Duty
    full: frozenset[int] = frozenset()
    ready: frozenset[int] = frozenset()

    @property
    def wanted(self) -> dict[str, object]:
        """What WeCom is to be told; compared with `Spot.told`."""
        return {"users": list(self.duty.account_ids), "exclusive": self.spot.code.leads_known}

    @property
    def may_add_the_full(self) -> bool:
        """Whether WeCom may still add somebody who has enough for today: it was not told yet, or nobody knows what it has."""
        told = self.spot.told
        return bool(self.full) and (told is None or not self.full.isdisjoint(told["users"]))


@dataclass
class _Known:
    """What the reckoning stands on, read at once for all codes."""

    shifts: dict[int, list[OnShift]] = field(default_factory=dict)
    came: dict[tuple[int, date], dict[int, int]] = field(default_factory=dict)


def duties(*, code_ids: Collection[int] | None = None, now: datetime) -> list[SpotDuty]:
    """Return who is added at each place that is in use, by key of the place.

    Args:
        code_ids: only of these codes; None: of all.
        now: aware UTC.
    """
    rows = Spot.objects.filter(is_on=True, code__is_on=True).select_related("code", "store", "way").order_by("pk")
    spots = [
        one
        for one in (rows if code_ids is None else rows.filter(code_id__in=list(code_ids)))
        if is_open(one.code, now=now)
    ]
    known = _known(spots, now=now)
    return [_spot_duty(one, known, now) for one in spots]


def ways_to_make(*, now: datetime) -> list[SpotDuty]:
    """Return the places without a contact way; one that WeCom refused to make, or that somebody deleted there, is none."""
    return [one for one in duties(now=now) if one.duty.account_ids and _lacks_way(one.spot, now)]


def ways_to_move(*, now: datetime) -> list[SpotDuty]:
    """Return the places whose staff WeCom does not have as they are to be."""
    return [one for one in duties(now=now) if _is_to_move(one)]


def make_missing_ways(*, now: datetime) -> int:
    """Let WeCom make the contact ways that are missing, and return how many."""
    if not has_connection():
        return 0
    wanting = ways_to_make(now=now)
    for one in wanting:
        with transaction.atomic():
            _make_way(one, now=now)
    return len(wanting)


def move_way(client: WeCom, *, spot_id: int, now: datetime) -> bool:
    """Tell WeCom who is added at a place, and return whether it was told; whoever else does so is not disturbed.

    Raises:
        WeComError: it was not told, or nobody knows; `Spot.told` stays empty, so that it is told again.
    """
    holder = secrets.token_hex(8)
    free = Spot.objects.filter(Q(held_until=None) | Q(held_until__lt=now), pk=spot_id)
    if not free.update(held_by=holder, held_until=now + _HOLD, told=None):
        return False
    held = Spot.objects.filter(pk=spot_id, held_by=holder)
    # Reckoned after it is held: whoever changed something since is seen, whoever changes it later asks again.
    found = [one for one in duties(code_ids=_code_of(spot_id), now=now) if one.spot.pk == spot_id]
    if not found or found[0].spot.way_id is None or not found[0].duty.account_ids:
        held.update(held_by="", held_until=None)
        return False
    (one,) = found
    assert one.spot.way_id is not None
    try:
        is_told = move_staff(
            client,
            way_id=one.spot.way_id,
            account_ids=one.duty.account_ids,
            is_exclusive=one.spot.code.leads_known,
        )
    except WeComError as error:
        held.update(held_by="", held_until=None, fault=error.code[:60])
        raise
    kept = one.wanted if is_told else None
    held.update(told=kept, told_at=now, held_by="", held_until=None, fault="")
    return is_told


def ask_for_own_way(*, code: Code, account_id: int, now: datetime) -> OwnWay:
    """Return the way by which known people come to one member of staff, asked for where it is missing; in the caller's transaction."""
    own, _made = OwnWay.objects.get_or_create(code=code, account_id=account_id)
    if own.way_id is None and has_connection():
        own.way_id = _asked_way(code.name, code, (account_id,), now=now)
        own.save(update_fields=["way"])
    return own


def _make_way(one: SpotDuty, *, now: datetime) -> None:
    spot = Spot.objects.select_for_update().get(pk=one.spot.pk)
    if not _lacks_way(spot, now):
        return
    name = one.spot.code.name if one.spot.name == one.spot.code.name else f"{one.spot.code.name} {one.spot.name}"
    spot.way_id = _asked_way(name, one.spot.code, one.duty.account_ids, now=now)
    spot.told, spot.fault = None, ""
    spot.save(update_fields=["way", "told", "fault"])


def _asked_way(name: str, code: Code, account_ids: Collection[int], *, now: datetime) -> int:
    # What a code says depends on the hour; its usual words stand with the way too, should this room not answer.
    words = code.words if fits_a_message(code.words) else ""
    return ask_for_contact_way(
        actor=Actor.system(), name=name[:_NAME_CHARACTERS], account_ids=account_ids, welcome_words=words, now=now
    )


def _lacks_way(spot: Spot, now: datetime) -> bool:
    if spot.way is None or spot.way.state == WayState.ENDED:
        return True
    return spot.way.state == WayState.FAILED and (spot.way.ended_at or now) <= now - _AGAIN


def _is_to_move(one: SpotDuty) -> bool:
    way = one.spot.way
    is_ready = way is not None and way.state == WayState.READY
    return is_ready and bool(one.duty.account_ids) and one.spot.told != one.wanted


def _code_of(spot_id: int) -> list[int]:
    return list(Spot.objects.filter(pk=spot_id).values_list("code_id", flat=True))


def _spot_duty(spot: Spot, known: _Known, now: datetime) -> SpotDuty:
    at = now.astimezone(zone_of(spot))
    shifts, came = known.shifts.get(spot.code_id, ()), known.came.get((spot.code_id, at.date()), {})
    duty = duty_at(shifts, at=at, came=came, store_id=spot.store_id, is_even=spot.code.sharing == Sharing.EVEN)
    full = frozenset(one.account_id for one in shifts if is_full(one, came))
    ready = frozenset(one.account_id for one in shifts if is_ready(one, at=at, came=came))
    return SpotDuty(spot, duty, full, ready)


def _known(spots: Collection[Spot], *, now: datetime) -> _Known:
    known = _Known()
    codes = {one.code_id for one in spots}
    stores: dict[int, set[int]] = {}
    rows = list(Shift.objects.filter(code_id__in=codes).select_related("account").order_by("pk"))
    places = Staff.stores.through.objects.filter(
        staff_id__in=[one.account.staff_id for one in rows if one.account.staff_id]
    )
    for staff_id, store_id in places.order_by().values_list("staff_id", "store_id"):
        stores.setdefault(staff_id, set()).add(store_id)
    for one in rows:
        known.shifts.setdefault(one.code_id, []).append(_on_shift(one, stores))
    days = {now.astimezone(zone_of(one)).date() for one in spots}
    counted = Newcomer.objects.filter(code_id__in=codes, added_date__in=days).order_by()
    for code_id, day, account_id, n in counted.values_list("code_id", "added_date", "account_id").annotate(Count("pk")):
        known.came.setdefault((code_id, day), {})[account_id] = n
    return known


def _on_shift(one: Shift, stores: Mapping[int, Collection[int]]) -> OnShift:
    return OnShift(
        account_id=one.account_id,
        store_ids=frozenset(stores.get(one.account.staff_id or 0, ())),
        is_backup=one.is_backup,
        daily_cap=one.daily_cap,
        weekdays=one.weekdays,
        since_minute=one.since_minute,
        until_minute=one.until_minute,
        is_away=one.is_away,
        is_serving=one.account.is_serving,
    )
