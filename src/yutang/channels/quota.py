"""The platform's own quota as a ledger: places are taken by a conditional update, so that it is never exceeded."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from yutang.channels.models import QuotaUse
from yutang.channels.slots import Slot


def is_used_up(slot: Slot, *, customer_id: int | None, group_key: str) -> bool:
    """Return whether a receiver has no place left in a period."""
    if slot.most == 0:
        return True
    rows = _rows(customer_id, group_key, slot.name)
    return rows.filter(used__gte=slot.most).exists()


def take_place(slot: Slot, *, customer_id: int | None, group_key: str) -> bool:
    """Take one place of a receiver in a period, and return whether there was one.

    One conditional update: however many workers ask at once, no more get one than there are.
    """
    row = QuotaUse(customer_id=customer_id, group_key=group_key, slot=slot.name)
    QuotaUse.objects.bulk_create([row], ignore_conflicts=True)
    rows = _rows(customer_id, group_key, slot.name)
    return rows.filter(used__lt=slot.most).update(used=F("used") + 1) == 1


def give_place_back(slot_name: str, *, customer_id: int | None, group_key: str) -> None:
    """Give a place back that was taken for a message that did not go out."""
    rows = _rows(customer_id, group_key, slot_name).filter(used__gt=0)
    rows.update(used=F("used") - 1)


def note_use(slot: Slot, *, customer_id: int | None, group_key: str, used: int) -> None:
    """Write down that a receiver has used at least so many places, as the platform tells."""
    row = QuotaUse(customer_id=customer_id, group_key=group_key, slot=slot.name)
    QuotaUse.objects.bulk_create([row], ignore_conflicts=True)
    rows = _rows(customer_id, group_key, slot.name)
    rows.filter(used__lt=used).update(used=used)


def _rows(customer_id: int | None, group_key: str, slot_name: str) -> QuerySet[QuotaUse]:
    receiver: dict[str, Any] = {"customer_id": customer_id, "group_key": group_key}
    return QuotaUse.objects.filter(**receiver, slot=slot_name)
