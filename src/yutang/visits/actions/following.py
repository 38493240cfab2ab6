"""What time does to bookings: some are near, some were missed; and what stays of them when a person is erased."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.queries import organisation_setting
from yutang.foundation.sealing import seal
from yutang.visits.actions.places import give_places_back
from yutang.visits.events import Missed, VisitNeared
from yutang.visits.finding import AT_ONCE, BOOKINGS, HOOKS, batches, due, touch
from yutang.visits.models import Booking, BookingState, Hook
from yutang.visits.organisation import REMIND_HOURS, WAIT_HOURS


@transaction.atomic
def follow_bookings(*, actor: Actor, now: datetime) -> dict[str, int]:
    """Tell which visits are near, and write down which were missed; return how many of each.

    A visit that was booked later than the reminder would have come is not told as near: who books for tomorrow knows.

    Args:
        actor: needs ``visits.book``.
        now: when. Aware UTC.
    """
    actor.require("visits.book")
    return {"near": _tell_near(now), "missed": _write_missed(now)}


@transaction.atomic
def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off their bookings and offers, and return how many these were: for the erasure of a person.

    What is still to come is called off, and no code opens anything any more; that somebody came stays, without the person.

    Args:
        actor: needs ``visits.book``.
        customer_ids: who.
        now: when. Aware UTC.
    """
    actor.require("visits.book")
    forgotten, empty = 0, seal({})
    for some in batches(customer_ids):
        rows = list(Booking.objects.select_for_update().filter(customer_id__in=some).order_by("id"))
        give_places_back([one for one in rows if one.state == BookingState.BOOKED])
        Booking.objects.filter(pk__in=[one.pk for one in rows], state=BookingState.BOOKED).update(
            state=BookingState.CANCELLED, holds_place=False, ended_at=now
        )
        blank = [(None, secrets.token_bytes(16), empty, one.pk) for one in rows]
        bulk.update_rows(BOOKINGS, ("customer_id", "digest", "sealed_code"), blank)
        hooks = Hook.objects.filter(customer_id__in=some)
        touch(HOOKS, set(hooks.values_list("hooked_date", flat=True)), now=now)
        touch(BOOKINGS, {one.business_date for one in rows}, now=now)
        forgotten += len(rows) + hooks.update(customer=None)
    return forgotten


def _tell_near(now: datetime) -> int:
    ahead = timedelta(hours=int(organisation_setting(REMIND_HOURS)))
    near = Booking.objects.filter(
        state=BookingState.BOOKED,
        starts_at__gt=now,
        starts_at__lte=now + ahead,
        near_told_at=None,
        customer__isnull=False,
    )
    rows = list(near.exclude(made_at__gt=F("starts_at") - ahead).order_by("starts_at", "id")[:AT_ONCE])
    told = Booking.objects.filter(pk__in=[one.pk for one in rows], near_told_at=None)
    told.update(near_told_at=now)
    outbox.record_all(
        [VisitNeared(one.pk, one.customer_id or 0, one.store_id, one.source, one.starts_at) for one in rows], now=now
    )
    return len(rows)


def _write_missed(now: datetime) -> int:
    before = now - timedelta(hours=int(organisation_setting(WAIT_HOURS)))
    rows = list(Booking.objects.select_for_update().filter(due(before)).order_by("id")[:AT_ONCE])
    missed = Booking.objects.filter(pk__in=[one.pk for one in rows], state=BookingState.BOOKED)
    missed.update(state=BookingState.MISSED, holds_place=False, ended_at=now)
    touch(BOOKINGS, {one.business_date for one in rows}, now=now)
    told = [Missed(one.pk, one.customer_id, one.store_id, one.source) for one in rows if one.customer_id]
    outbox.record_all(told, now=now)
    return len(rows)
