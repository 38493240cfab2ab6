"""The platform's own quota as a ledger: places are taken by a conditional update, so that it is never exceeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import F, Q, QuerySet

from yutang.channels.models import QuotaUse, Touch
from yutang.channels.slots import Slot
from yutang.foundation import bulk


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


def note_sent(customer_ids: Collection[int]) -> None:
    """Write down for people that they have used at least as many places as messages went out to them, in every period."""
    people = list(customer_ids)
    bulk.execute(_NOTE_SENT.replace("people", ", ".join(["%s"] * len(people))), people)


_NOTE_SENT = """
    INSERT INTO channels_quotause (customer_id, group_key, slot, used)
    SELECT customer_id, '', slot, COUNT(*) FROM channels_touch
    WHERE customer_id IN (people) AND slot <> '' AND state = 'sent' GROUP BY customer_id, slot
    ON CONFLICT (customer_id, slot) DO UPDATE SET used = excluded.used WHERE channels_quotause.used < excluded.used
"""


def _rows(customer_id: int | None, group_key: str, slot_name: str) -> QuerySet[QuotaUse]:
    receiver: dict[str, Any] = {"customer_id": customer_id, "group_key": group_key}
    return QuotaUse.objects.filter(**receiver, slot=slot_name)


def held_rows(slot: Slot, *, people: Collection[int], groups: Collection[str]) -> dict[int | str, QuotaUse]:
    """Return what each receiver has used in a period, held to the end of the transaction; who has no row gets one."""
    mine = Q(customer_id__in=list(people)) | Q(customer_id=None, group_key__in=list(groups))
    known = {_receiver(row) for row in QuotaUse.objects.filter(mine, slot=slot.name)}
    fresh = [
        QuotaUse(
            customer_id=None if isinstance(one, str) else one,
            group_key=one if isinstance(one, str) else "",
            slot=slot.name,
        )
        for one in sorted(people) + sorted(groups)
        if one not in known
    ]
    QuotaUse.objects.bulk_create(fresh, ignore_conflicts=True)
    rows = QuotaUse.objects.select_for_update().filter(mine, slot=slot.name).order_by("pk")
    return {_receiver(row): row for row in rows}


def give_places_back(touches: Iterable[Touch]) -> None:
    """Give the places of several messages back, as `give_place_back` does for one; a handful of statements."""
    times: dict[tuple[str, int], list[int | str]] = {}
    counted = Counter((touch.slot, touch.customer_id, touch.group_key) for touch in touches if touch.slot)
    for (slot, customer_id, group_key), count in counted.items():
        times.setdefault((slot, count), []).append(group_key if customer_id is None else customer_id)
    for (slot, count), receivers in times.items():
        people = [one for one in receivers if isinstance(one, int)]
        groups = [one for one in receivers if isinstance(one, str)]
        mine = Q(customer_id__in=people) | Q(customer_id=None, group_key__in=groups)
        QuotaUse.objects.filter(mine, slot=slot, used__gte=count).update(used=F("used") - count)


def _receiver(row: QuotaUse) -> int | str:
    return row.group_key if row.customer_id is None else row.customer_id
