"""Calling off what was booked with places of which the money goes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yutang.customers.models import Customer
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.visits.actions.places import give_places_back
from yutang.visits.events import Cancelled
from yutang.visits.finding import BOOKINGS, GIVEN_BACK, batches, touch
from yutang.visits.models import Booking, BookingState
from yutang.visits.views import PlaceBack


@transaction.atomic
def call_off_given_back(*, actor: Actor, places: Sequence[PlaceBack], now: datetime) -> int:
    """Call off the visits to come that were booked with places, and return how many those were; asked again, there are none.

    A visit that counts as missed may still be checked in on its day: it is called off too.

    Args:
        actor: needs ``visits.book``; whoever gives the money back is asked for the right to that before.
        places: of which the money goes back.
        now: when. Aware UTC.
    """
    actor.require("visits.book")
    called_off = 0
    for some in batches(places):
        called_off += _called_off(actor, some, now)
    return called_off


def _called_off(actor: Actor, places: Sequence[PlaceBack], now: datetime) -> int:
    merged = Customer.objects.filter(pk__in=[one.customer_id for one in places], merged_into__isnull=False)
    person_now = dict(merged.values_list("pk", "merged_into_id"))
    by_person: dict[int | None, list[PlaceBack]] = defaultdict(list)
    for place in places:
        by_person[person_now.get(place.customer_id, place.customer_id)].append(place)
    # What was missed on an earlier day stays told as missed; of today it could still be checked in.
    today = timezone.localtime(now).date()
    waiting = Q(state=BookingState.BOOKED) | Q(state=BookingState.MISSED, business_date__gte=today)
    found = Booking.objects.select_for_update().filter(waiting, customer_id__in=list(by_person)).order_by("id")
    rows = [one for one in found if any(_is_of(place, one) for place in by_person[one.customer_id])]
    give_places_back(rows)
    Booking.objects.filter(pk__in=[one.pk for one in rows]).update(
        state=BookingState.CANCELLED, holds_place=False, ended_at=now, ended_why=GIVEN_BACK
    )
    touch(BOOKINGS, {one.business_date for one in rows}, now=now)
    outbox.record_all([Cancelled(one.pk, one.customer_id or 0, one.store_id, one.source) for one in rows], now=now)
    for one in rows:
        audit(actor=actor, action="visits.cancel", subject_type="booking", subject_id=one.pk, now=now)
    return len(rows)


def _is_of(place: PlaceBack, one: Booking) -> bool:
    return one.key.startswith(place.key_starts) or bool(place.source and one.source == place.source)
