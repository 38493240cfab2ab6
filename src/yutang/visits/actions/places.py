"""Places of slots: taken in one conditional statement, given back, never one too many."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from yutang.foundation import bulk
from yutang.visits.models import Slot
from yutang.visits.refusals import SlotIsFull

_TABLE = Slot._meta.db_table


def take_place(*, store_id: int, starts_at: datetime, capacity: int) -> None:
    """Take a place of a slot in the caller's transaction.

    Raises:
        SlotIsFull: all are taken.
    """
    row = (store_id, bulk.db_instant(starts_at), 0)
    bulk.insert_new_rows(_TABLE, ("store_id", "starts_at", "taken"), [row])
    free = Slot.objects.filter(store_id=store_id, starts_at=starts_at, taken__lt=capacity)
    if not free.update(taken=F("taken") + 1):
        raise SlotIsFull


def give_place_back(*, store_id: int, starts_at: datetime) -> None:
    """Give a place of a slot back in the caller's transaction."""
    Slot.objects.filter(store_id=store_id, starts_at=starts_at, taken__gt=0).update(taken=F("taken") - 1)
