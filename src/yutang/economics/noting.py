"""Noting in the ledger for many people at once, and what every note brings with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from yutang.economics.models import Entry, EntryKind, Newcomer, Programme
from yutang.economics.refusals import NoSuchProgramme
from yutang.foundation.access import Actor
from yutang.ingest import journal

#: People of one statement.
_AT_ONCE = 2_000


@transaction.atomic
def note_who_came(*, actor: Actor, programme: str, keys: Mapping[int, str], now: datetime) -> int:
    """Note that people came through a programme, as `note` does for one, and return how many were not noted under their key before.

    Args:
        actor: who tells; whoever runs the programme, whose own permission was asked before.
        programme: its key.
        keys: idempotency key by person, 1 to 140 characters; the people are there, merged into nobody.
        now: when they came. Aware UTC.

    Raises:
        NoSuchProgramme: nothing was stated of it.
    """
    row = Programme.objects.filter(key=programme).first()
    if row is None:
        raise NoSuchProgramme(programme=programme[:64])
    people = list(keys)
    came = sum(
        _note_some(row, {one: keys[one] for one in people[at : at + _AT_ONCE]}, now)
        for at in range(0, len(people), _AT_ONCE)
    )
    if came:
        journal.touch(Entry._meta.db_table, {f"{timezone.localtime(now):%Y-%m}"}, now=now)
        touch_newcomers([now], now)
        Programme.objects.filter(pk=row.pk, is_due=False).update(is_due=True)
        ask_for_a_look(now)
    return came


def touch_newcomers(joined: Sequence[datetime], now: datetime) -> None:
    """Mark the months in which newcomers came as changed, for the lake."""
    months = {f"{timezone.localtime(one):%Y-%m}" for one in joined}
    if months:
        journal.touch(Newcomer._meta.db_table, months, now=now)


def ask_for_a_look(now: datetime) -> None:
    """Let programmes be looked at soon, unless that is asked for already."""
    from yutang.economics.tasks import watch_programmes
    from yutang.foundation import jobs

    if not jobs.is_waiting(watch_programmes, by=now):
        jobs.enqueue(watch_programmes, {}, now=now)


def _note_some(row: Programme, keys: Mapping[int, str], now: datetime) -> int:
    known = set(
        Entry.objects.filter(programme=row, key__in=list(keys.values())).order_by().values_list("key", flat=True)
    )
    fresh = {person: key for person, key in keys.items() if key not in known}
    today = timezone.localtime(now).date()
    entries = [
        Entry(programme=row, kind=EntryKind.JOINED, key=key, customer_id=person, at=now, at_date=today)
        for person, key in fresh.items()
    ]
    Entry.objects.bulk_create(entries, batch_size=500, ignore_conflicts=True)
    # What was noted of a person before they came is theirs.
    own = Entry.objects.filter(programme=row, customer_id__in=list(fresh)).order_by().values("customer_id")
    sums = {
        one["customer_id"]: (one["cost"], one["sales"])
        for one in own.annotate(
            cost=Sum("amount_fen", filter=Q(kind=EntryKind.COST), default=0),
            sales=Sum("amount_fen", filter=Q(kind=EntryKind.REVENUE), default=0),
        )
    }
    newcomers = [
        Newcomer(
            programme=row, customer_id=person, joined_at=now, joined_date=today, cost_fen=sums.get(person, (0, 0))[0],
            revenue_fen=sums.get(person, (0, 0))[1],
        )
        for person in fresh
    ]  # fmt: skip
    Newcomer.objects.bulk_create(newcomers, batch_size=500, ignore_conflicts=True)
    return len(fresh)
