"""When stores take bookings: hours, length and places of a slot, days on which they take none."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.text import N_, Sentence
from yutang.visits.finding import store_within_reach
from yutang.visits.models import BookingTerms, ClosedDay, OpeningHours
from yutang.visits.refusals import HoursAreWrong
from yutang.visits.slots import MIDNIGHT
from yutang.visits.views import Terms

_FIELD_TITLES = {
    "slot_minutes": N_("Minutes of a visit"),
    "capacity": N_("Visits at the same time"),
    "lead_minutes": N_("Minutes before, at the latest"),
    "days_ahead": N_("Days ahead, at the most"),
    "hours": N_("Opening hours"),
    "closed_days": N_("Days on which it is closed"),
}
_BOUNDS = {"slot_minutes": (5, 480), "capacity": (1, 500), "lead_minutes": (0, 10_080), "days_ahead": (1, 90)}
_MOST_HOURS, _MOST_CLOSED = 42, 200


@transaction.atomic
def change_terms(*, actor: Actor, store_id: int, terms: Terms, now: datetime) -> None:
    """Say how a store takes bookings from now on. What is booked already stays.

    Args:
        actor: needs ``visits.change`` and the store within reach.
        store_id: which.
        terms: hours, slots, days without bookings.
        now: when. Aware UTC.

    Raises:
        NoSuchVisitStore: there is none within reach.
        HoursAreWrong: a part cannot be this.
    """
    actor.require("visits.change")
    store = store_within_reach(actor, store_id)
    _check(terms)
    columns = {name: getattr(terms, name) for name in ("takes_bookings", *_BOUNDS)}
    BookingTerms.objects.update_or_create(store=store, defaults={**columns, "changed_at": now})
    OpeningHours.objects.filter(store=store).delete()
    OpeningHours.objects.bulk_create(
        [OpeningHours(store=store, weekday=one.weekday, opens=one.opens, closes=one.closes) for one in terms.hours]
    )
    ClosedDay.objects.filter(store=store).delete()
    ClosedDay.objects.bulk_create([ClosedDay(store=store, day=day) for day in sorted(set(terms.closed_days))])
    audit(actor=actor, action="visits.hours", subject_type="store", subject_id=store.pk, now=now)


def _check(terms: Terms) -> None:
    for name, (least, most) in _BOUNDS.items():
        written = getattr(terms, name)
        if not least <= written <= most:
            expected = Sentence(N_("a whole number from %(least)s to %(most)s"), {"least": least, "most": most})
            raise _wrong(name, written, expected)
    if len(terms.closed_days) > _MOST_CLOSED:
        raise _wrong("closed_days", len(terms.closed_days), Sentence(N_("at most 200 days")))
    if len(terms.hours) > _MOST_HOURS:
        raise _wrong("hours", len(terms.hours), Sentence(N_("at most six a weekday")))
    before: dict[int, time] = {}
    for one in sorted(terms.hours, key=lambda each: (each.weekday, each.opens)):
        ends = one.closes == MIDNIGHT or one.closes > one.opens
        if not 0 <= one.weekday <= 6 or not ends:
            raise _wrong("hours", f"{one.opens:%H:%M}–{one.closes:%H:%M}", Sentence(N_("closing comes after opening")))
        last = before.get(one.weekday)
        if last is not None and (last == MIDNIGHT or last > one.opens):
            written = f"{one.opens:%H:%M}–{one.closes:%H:%M}"
            raise _wrong("hours", written, Sentence(N_("hours of one weekday do not overlap")))
        before[one.weekday] = one.closes


def _wrong(field: str, written: object, expected: Sentence) -> HoursAreWrong:
    title = Sentence(_FIELD_TITLES[field]).as_json()
    return HoursAreWrong(field=title, written=str(written)[:60], expected=expected.as_json())
