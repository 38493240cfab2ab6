"""Who came by a code before it was kept here, from another tool's list: attributed once, never greeted or tagged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.db import transaction
from django.db.models import Count, Q, Sum

from yutang.codes import guards
from yutang.codes.coming import touch
from yutang.codes.finding import code_by_id
from yutang.codes.greeting import zone_of
from yutang.codes.models import Code, Newcomer, ScanDay, Spot
from yutang.codes.refusals import NoSuchSpot
from yutang.codes.terms import require
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.text import N_


@dataclass(frozen=True)
class Earlier:
    """Somebody who came by a code earlier.

    Attributes:
        customer_id: who.
        spot_id: at which place of the code.
        account_id: the member of staff whom they added.
        added_at: when. Aware UTC.
        left_at: when they left; None: they are still there. Aware UTC, not before `added_at`.
        was_known: whether the shop knew them before.
    """

    customer_id: int
    spot_id: int
    account_id: int
    added_at: datetime
    left_at: datetime | None = None
    was_known: bool = False


@dataclass(frozen=True)
class EarlierScans:
    """How often a code was scanned at a place on one business day."""

    spot_id: int
    business_date: date
    scans: int


@transaction.atomic
def note_earlier(
    *, actor: Actor, code_id: int, people: Sequence[Earlier], scans: Sequence[EarlierScans] = (), now: datetime
) -> int:
    """Write down who came by a code before it was kept here, and return how many were new; who stands there already stays.

    Args:
        actor: needs ``codes.change``.
        code_id: by which code.
        people: who came; nobody of them is greeted, tagged or told to others.
        scans: how often it was scanned; a day that is known already stays.
        now: when it is written down. Aware UTC.

    Raises:
        NoSuchCode: there is none within reach.
        NoSuchSpot: it is not printed there.
        CodeIsWrong: somebody came after now, or left before coming.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    spots = {one.pk: one for one in code.spots.select_related("store")}
    strange = {one.spot_id for one in people} | {one.spot_id for one in scans}
    strange -= set(spots)
    if strange:
        raise NoSuchSpot(spot_id=min(strange))
    for one in people:
        is_right = one.added_at <= now and (one.left_at is None or one.added_at <= one.left_at <= now)
        require("first_date", one.added_at, is_right, N_("a moment that has been, and no end before it"))
    before = _counted(code.pk)
    rows = [_row(code, spots[one.spot_id], one) for one in people]
    Newcomer.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    ScanDay.objects.bulk_create(
        [ScanDay(spot_id=one.spot_id, business_date=one.business_date, scans=one.scans) for one in scans],
        ignore_conflicts=True,
        batch_size=500,
    )
    touch((row.added_date for row in rows), now=now)
    after = _counted(code.pk)
    written = after.people - before.people
    guards.note_earlier(
        code=code, people=after.new - before.new, cost_minor=after.cost_minor - before.cost_minor, now=now
    )
    audit(
        actor=actor,
        action="codes.earlier",
        subject_type="channel_code",
        subject_id=code.pk,
        detail={"rows": written},
        now=now,
    )
    return written


@dataclass(frozen=True)
class _Counted:
    """Who came by a code, how many of them the shop did not know before, and what all of them cost."""

    people: int
    new: int
    cost_minor: int


def _counted(code_id: int) -> _Counted:
    told = Newcomer.objects.filter(code_id=code_id).order_by()
    counts = told.aggregate(
        people=Count("pk"), new=Count("pk", filter=Q(was_known=False)), cost_minor=Sum("cost_minor", default=0)
    )
    return _Counted(**counts)


def _row(code: Code, spot: Spot, one: Earlier) -> Newcomer:
    zone: tzinfo = zone_of(spot)
    return Newcomer(
        code=code,
        spot_id=spot.pk,
        customer_id=one.customer_id,
        account_id=one.account_id,
        store_id=spot.store_id,
        was_known=one.was_known,
        added_at=one.added_at,
        added_date=one.added_at.astimezone(zone).date(),
        left_at=one.left_at,
        left_date=one.left_at.astimezone(zone).date() if one.left_at else None,
        cost_minor=code.unit_cost_minor,
        verdict="allow",
        is_remarked=True,
        noted="past",
    )
