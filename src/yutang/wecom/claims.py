"""How a worker takes callbacks: by one conditional UPDATE, for a while; what became of them counts only while that holds."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min, QuerySet

from yutang.wecom.models import Callback, CallbackState, Lane
from yutang.wecom.row_writing import update_each

#: Whoever took a callback so often and wrote nothing down has died of it, perhaps: it is taken alone from then on.
MOST_FALLS = 3


@dataclass(frozen=True)
class Lease:
    """The right to settle some callbacks, until another may take them.

    Attributes:
        token: what the rows must carry for the right to hold.
        rows: the callbacks.
    """

    token: str
    rows: Sequence[Callback]


class ClaimIsLost(Exception):
    """Somebody else has taken callbacks of the batch meanwhile; nothing of it may be written."""


def waiting(lane: Lane) -> QuerySet[Callback]:
    """Return the callbacks of a lane that are not settled."""
    return Callback.objects.filter(state=CallbackState.WAITING, lane=lane)


def claim(lane: Lane, *, most: int, length: timedelta, now: datetime) -> Lease:
    """Take the callbacks of a lane that are due, the longest due first; alone, where whoever took it died again and again.

    Args:
        lane: which.
        most: callbacks at most.
        length: how long they are taken for.
        now: when. Aware UTC.
    """
    token = secrets.token_hex(16)
    due = waiting(lane).filter(next_at__lte=now).order_by("next_at", "id")
    chosen = list(due.values_list("pk", "attempts", "error")[:most])
    if not chosen:
        return Lease(token, ())
    falling = [key for key, attempts, error in chosen if attempts >= MOST_FALLS and not error]
    keys = falling[:1] or [key for key, _attempts, _error in chosen]
    free = Callback.objects.filter(pk__in=keys, state=CallbackState.WAITING, next_at__lte=now)
    # Whoever else chose the same finds the time pushed forward.
    free.update(next_at=now + length, lease_token=token, attempts=F("attempts") + 1)
    return Lease(token, list(Callback.objects.filter(lease_token=token).order_by("told_at", "id")))


def settle(lease: Lease, *, now: datetime) -> None:
    """Write that all callbacks of a lease are done, in the caller's transaction.

    Raises:
        ClaimIsLost: somebody else has some of them.
    """
    held = Callback.objects.filter(lease_token=lease.token, state=CallbackState.WAITING)
    done = held.update(state=CallbackState.DONE, done_at=now, lease_token="", error="")
    if done != len(lease.rows):
        raise ClaimIsLost


def write_back(lease: Lease, rows: Sequence[Callback], fields: Collection[str]) -> None:
    """Write fields of those rows that the lease still holds."""
    with transaction.atomic():
        held = Callback.objects.filter(lease_token=lease.token).select_for_update()
        mine = set(held.values_list("pk", flat=True))
        update_each([one for one in rows if one.pk in mine], fields)


def next_due_at() -> datetime | None:
    """Return when something is to be looked at next; None where nothing waits."""
    found = Callback.objects.filter(state=CallbackState.WAITING).aggregate(first=Min("next_at"))
    first: datetime | None = found["first"]
    return first
