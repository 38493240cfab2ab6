"""Places of slots: taken in one conditional statement, given back, never one too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q

from yutang.foundation import bulk
from yutang.visits.models import Booking, Slot
from yutang.visits.refusals import SlotIsFull

_TABLE = Slot._meta.db_table


def take_place(*, store_id: int, starts_at: datetime, capacity: int) -> None:
    """Take a place of a slot in the caller's transaction.

    Raises:
        SlotIsFull: all are taken.
    """
    _open(store_id, starts_at)
    free = Slot.objects.filter(store_id=store_id, starts_at=starts_at, taken__lt=capacity)
    if not free.update(taken=F("taken") + 1):
        raise SlotIsFull


def exchange_place(
    *, store_id: int, starts_at: datetime, capacity: int, left_store_id: int, left_starts_at: datetime
) -> None:
    """Take a place of a slot and give one of another back, in the caller's transaction.

    Args:
        store_id: of the slot that is taken.
        starts_at: of the slot that is taken.
        capacity: places of it.
        left_store_id: of the slot that is left.
        left_starts_at: of the slot that is left.

    Raises:
        SlotIsFull: all are taken; nothing is given back.
    """
    _open(store_id, starts_at)
    # Both are locked in one order, so that two who change places with each other wait and do not stand in each other's way.
    both = Q(store_id=store_id, starts_at=starts_at) | Q(store_id=left_store_id, starts_at=left_starts_at)
    list(Slot.objects.select_for_update().filter(both).order_by("pk").values_list("pk"))
    take_place(store_id=store_id, starts_at=starts_at, capacity=capacity)
    give_place_back(store_id=left_store_id, starts_at=left_starts_at)


def give_place_back(*, store_id: int, starts_at: datetime) -> None:
    """Give a place of a slot back in the caller's transaction."""
    Slot.objects.filter(store_id=store_id, starts_at=starts_at, taken__gt=0).update(taken=F("taken") - 1)


def give_places_back(rows: Sequence[Booking]) -> None:
    """Give the places of bookings that their slots count back, those of one slot at once, in the caller's transaction."""
    held = Counter((one.store_id, one.starts_at) for one in rows)
    slots = Slot.objects.select_for_update().filter(
        store_id__in={store for store, _at in held}, starts_at__in={starts_at for _store, starts_at in held}
    )
    given = [
        (taken - held[store_id, starts_at], pk)
        for pk, store_id, starts_at, taken in slots.order_by("pk").values_list("pk", "store_id", "starts_at", "taken")
        if held[store_id, starts_at]
    ]
    bulk.update_rows(_TABLE, ("taken",), given)


def _open(store_id: int, starts_at: datetime) -> None:
    """Let there be a row that counts the slot."""
    row = (store_id, bulk.db_instant(starts_at), 0)
    bulk.insert_new_rows(_TABLE, ("store_id", "starts_at", "taken"), [row])
