"""Writing down how far messages have come: conditional, for many at once, with a history that is never rewritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from yutang.channels.marking import mark_days
from yutang.channels.models import (
    BarredAddress,
    Delivery,
    DeliveryState,
    DeliveryStep,
    MassTask,
    TaskState,
    Touch,
    TouchState,
)
from yutang.channels.quota import give_places_back
from yutang.foundation import bulk
from yutang.foundation.sealing import digest16_many

S = DeliveryState
#: Nothing follows them, but that an operator's late word is believed.
ENDS = (S.DELIVERED, S.QUOTA_REFUSED, S.NOT_A_FRIEND, S.FAILED)
#: The platform has it, or may have it.
WITH_THE_PLATFORM = (S.HANDING, S.CREATED, S.NOTIFIED, S.CONFIRMED, S.UNKNOWN)
#: From where each state may be reached. What is not here does not happen, whoever says so.
BEFORE: Mapping[str, tuple[str, ...]] = {
    S.HANDING: (S.CLAIMED,),
    S.CREATED: (S.HANDING, S.UNKNOWN),
    S.NOTIFIED: (S.CREATED,),
    S.CONFIRMED: (S.CREATED, S.NOTIFIED),
    S.DELIVERED: WITH_THE_PLATFORM,
    S.QUOTA_REFUSED: WITH_THE_PLATFORM,
    S.NOT_A_FRIEND: (S.CLAIMED, *WITH_THE_PLATFORM),
    S.FAILED: (S.CLAIMED, *WITH_THE_PLATFORM),
    S.PUT_OFF: (S.CLAIMED, S.HANDING, S.CREATED, S.NOTIFIED, S.CONFIRMED, S.UNKNOWN),
    S.UNKNOWN: (S.HANDING,),
}
#: A mail may come back after it was taken for delivered.
_COMES_BACK = (S.DELIVERED,)
_AT_ONCE = 5_000


def move(
    ids: Collection[int],
    *,
    to: str,
    now: datetime,
    at: datetime | None = None,
    at_each: Mapping[int, datetime] | None = None,
    fault: str = "",
    lease_token: str = "",
    comes_back: bool = False,
    **columns: Any,
) -> list[int]:
    """Write down that messages came to a state, in the caller's transaction; return those that did.

    Conditional: a message that is not where it could come from stays as it is. What failed no longer counts under the caps
    and gives its place of the quota back; the place of what the platform's quota refused stays taken.

    Args:
        ids: keys of the messages.
        to: a `DeliveryState`.
        now: when it is written down. Aware UTC.
        at: when it happened; None: now.
        at_each: the same by message, where the platform tells it.
        fault: code of what went wrong.
        lease_token: only messages that are held under it; empty: whoever holds them.
        comes_back: also what was taken for delivered.
        columns: further columns of the delivery.
    """
    moved: list[int] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Delivery.objects.select_for_update().filter(pk__in=wanted[start : start + _AT_ONCE])
        rows = rows.filter(state__in=BEFORE[to] + (_COMES_BACK if comes_back else ()))
        if lease_token:
            rows = rows.filter(lease_token=lease_token)
        moved += rows.order_by("pk").values_list("pk", flat=True)
    for start in range(0, len(moved), _AT_ONCE):
        _write(moved[start : start + _AT_ONCE], to, now, at or now, at_each or {}, fault, columns)
    if moved and to in {S.QUOTA_REFUSED, S.NOT_A_FRIEND, S.FAILED}:
        _uncount(moved, gives_back=to != S.QUOTA_REFUSED, now=now)
    return moved


def put_off(ids: Collection[int], *, until: datetime, fault: str, now: datetime, lease_token: str = "") -> list[int]:
    """Let messages that were not sent be planned again, in the caller's transaction; return those that are.

    Only for what the platform has certainly not sent. They are decided about anew when their time comes.
    """
    moved = move(ids, to=S.PUT_OFF, now=now, fault=fault, lease_token=lease_token, task=None)
    touches = list(Touch.objects.select_for_update().filter(pk__in=moved, state=TouchState.SENT).order_by("pk"))
    give_places_back(touches)
    day = timezone.localtime(until).date()
    mine = Touch.objects.filter(pk__in=[one.pk for one in touches], state=TouchState.SENT)
    mine.update(state=TouchState.PLANNED, at=until, business_date=day, slot="", changed_at=now)
    if touches:
        mark_days({day, *(one.business_date for one in touches)}, now=now)
    return moved


def take_up(touches: Mapping[int, str], *, lease_token: str, lease: timedelta, now: datetime) -> None:
    """Write down that messages were let out and who works on them, in the transaction of the claim.

    Args:
        touches: what each message is known by outside, by its key.
        lease_token: of who works on them.
        lease: how long they are theirs.
        now: aware UTC.
    """
    held = {"state": S.CLAIMED, "state_at": now, "lease_token": lease_token, "lease_until": now + lease}
    known = set(Delivery.objects.filter(pk__in=list(touches)).values_list("pk", flat=True))
    fresh = [Delivery(touch_id=key, out_id=touches[key], **held) for key in touches if key not in known]
    Delivery.objects.bulk_create(fresh)
    # What was put off is let out again under the same name.
    again = Delivery.objects.filter(pk__in=known, state=S.PUT_OFF)
    again.update(**held, task=None, fault="", reference="")
    _add_steps(list(touches), S.CLAIMED, now, now, {}, "")


def end_tasks(keys: Collection[int], *, ends_as: str, now: datetime) -> int:
    """Let tasks be taken back at the next look.

    Args:
        keys: of tasks.
        ends_as: what becomes of what was not sent: ``over`` (failed) or ``released`` (planned anew).
        now: aware UTC.
    """
    open_ones = MassTask.objects.filter(pk__in=list(keys), state=TaskState.OPEN)
    return open_ones.update(state=TaskState.ENDING, ends_as=ends_as, next_at=now)


def bar_addresses(addresses: Collection[str], *, channel: str, reason: str, now: datetime) -> None:
    """Send nothing to these addresses any more; what belongs to a contract excepted."""
    digests = digest16_many(channel, "barred", sorted(addresses))
    rows = [BarredAddress(channel=channel, digest=one, reason=reason, barred_at=now) for one in digests]
    BarredAddress.objects.bulk_create(rows, ignore_conflicts=True)


def set_targets(digests: Mapping[int, bytes]) -> None:
    """Write down to whom messages go, as keyed hashes, in one statement."""
    with bulk.key_table([("touch", "int"), ("digest", "bytes")], digests.items()) as keys:
        bulk.execute(
            f"UPDATE channels_delivery SET target = {keys}.digest FROM {keys} WHERE touch_id = {keys}.touch"  # noqa: S608
        )


def _write(
    ids: Sequence[int],
    to: str,
    now: datetime,
    at: datetime,
    at_each: Mapping[int, datetime],
    fault: str,
    columns: Mapping[str, Any],
) -> None:
    held = {} if to in {S.HANDING, S.UNKNOWN} else {"lease_token": "", "lease_until": None}
    Delivery.objects.filter(pk__in=ids).update(state=to, state_at=at, fault=fault[:60], **held, **columns)
    by_instant: dict[datetime, list[int]] = {}
    for key in ids:
        if key in at_each:
            by_instant.setdefault(at_each[key], []).append(key)
    for instant, mine in by_instant.items():
        Delivery.objects.filter(pk__in=mine).update(state_at=instant)
    _add_steps(ids, to, now, at, at_each, fault)


def _add_steps(
    ids: Sequence[int], to: str, now: datetime, at: datetime, at_each: Mapping[int, datetime], fault: str
) -> None:
    DeliveryStep.objects.bulk_create(
        [DeliveryStep(touch_id=key, state=to, fault=fault[:60], at=at_each.get(key, at), noted_at=now) for key in ids],
        batch_size=1_000,
    )


def _uncount(ids: Sequence[int], *, gives_back: bool, now: datetime) -> None:
    """Let messages that did not arrive count no longer."""
    for start in range(0, len(ids), _AT_ONCE):
        some = Touch.objects.select_for_update().filter(pk__in=ids[start : start + _AT_ONCE], state=TouchState.SENT)
        touches = list(some.order_by("pk"))
        if gives_back:
            give_places_back(touches)
        failed = Touch.objects.filter(pk__in=[one.pk for one in touches], state=TouchState.SENT)
        failed.update(state=TouchState.FAILED, changed_at=now)
        if touches:
            mark_days({one.business_date for one in touches}, now=now)
