"""What happens by the clock: places that were not paid are freed, groups that did not fill expire and pay back, and are counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.groupbuy import odds
from yutang.groupbuy.actions.freeing import end_empty, free_seats, locked_groups, return_to_stock
from yutang.groupbuy.events import GroupExpired
from yutang.groupbuy.finding import payment_key
from yutang.groupbuy.leading_on import call_off_visits
from yutang.groupbuy.marking import mark_groups, mark_seats
from yutang.groupbuy.models import Course, Group, GroupState, Seat, SeatState
from yutang.payments.actions import Back, refund_many

REASON = "group_expired"
#: A payment that was begun in time and is told of a moment later is not late.
GRACE = timedelta(minutes=2)
_AT_ONCE = 500


def lapse_holds(*, actor: Actor, now: datetime) -> int:
    """Free the places whose time to pay is over for a moment, and return how many those were."""
    actor.require("groupbuy.join")
    overdue = Seat.objects.filter(state=SeatState.HELD, hold_until__lte=now - GRACE).order_by("hold_until", "pk")
    freed = 0
    while some := list(overdue.values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            freed += free_seats(some, now=now)
    return freed


def end_groups(*, actor: Actor, now: datetime) -> int:
    """End the groups whose time is over and that wait for no payment, and return how many those were.

    Whoever paid gets the money back, and the places return to the stock. A group with a place that is still held waits for it.
    """
    actor.require("groupbuy.join")
    ended = 0
    while some := _ending(now):
        ended += _end(some, now)
    return ended


def count_courses(*, actor: Actor, now: datetime) -> int:
    """Count the courses of groups that have ended since, for the odds, and return how many groups those were."""
    actor.require("groupbuy.join")
    counted = 0
    ended = Group.objects.filter(is_counted=False, ended_at__lte=now).exclude(state=GroupState.OPEN).order_by("pk")
    while some := list(ended.values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            bulk.one_at_a_time("groupbuy.courses")
            counted += _count(some)
    return counted


@transaction.atomic
def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take the names of people off their seats, and return how many seats those were; what was paid stays.

    Args:
        actor: needs ``customers.merge``.
        customer_ids: who.
        now: when. Aware UTC.
    """
    actor.require("customers.merge")
    seats = Seat.objects.filter(customer_id__in=list(customer_ids))
    mark_seats(list(seats.order_by().values_list("joined_date", flat=True).distinct()), now=now)
    return seats.update(customer=None, shown="")


def _ending(now: datetime) -> list[int]:
    over = Group.objects.filter(state=GroupState.OPEN).filter(
        # One that was emptied for somebody who wanted a place and then took none.
        Q(ends_at__lte=now, taken=F("paid")) | Q(taken=0)
    )
    return list(over.order_by("ends_at", "pk").values_list("pk", flat=True)[:_AT_ONCE])


@transaction.atomic
def _end(group_ids: Sequence[int], now: datetime) -> int:
    groups = [
        one
        for one in locked_groups(group_ids).values()
        if one.state == GroupState.OPEN and one.taken == one.paid and (one.ends_at <= now or not one.taken)
    ]
    end_empty([one.pk for one in groups if not one.paid], now=now)
    going = [one for one in groups if one.paid]
    Group.objects.filter(pk__in=[one.pk for one in going]).update(state=GroupState.EXPIRED, ended_at=now)
    mark_groups((one.started_date for one in going), now=now)
    _give_back([one.pk for one in going], now)
    return_to_stock(going)
    outbox.record_all([GroupExpired(one.pk, one.campaign_id, one.size, one.paid) for one in going], now=now)
    return len(groups)


def _give_back(group_ids: Sequence[int], now: datetime) -> None:
    given = list(Seat.objects.filter(group_id__in=group_ids, state=SeatState.PAID).order_by("pk"))
    keys = [payment_key(one.pk) for one in given]
    Seat.objects.filter(group_id__in=group_ids, state=SeatState.PAID).update(state=SeatState.REFUNDED, ended_at=now)
    mark_seats((one.joined_date for one in given), now=now)
    call_off_visits(given, now=now)
    refund_many(actor=Actor.system(), wanted=[Back(f"{key}:expired", key, None, REASON) for key in keys], now=now)


def _count(group_ids: Sequence[int]) -> int:
    claimed = Group.objects.filter(pk__in=group_ids, is_counted=False)
    groups = list(claimed.exclude(state=GroupState.LAPSED))
    claimed.update(is_counted=True)
    paid_at: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    seats = Seat.objects.filter(group_id__in=[one.pk for one in groups], paid_at__isnull=False).exclude(
        state=SeatState.LATE
    )
    for group_id, at, ended_at in seats.order_by().values_list("group_id", "paid_at", "ended_at"):
        if at is not None:
            paid_at[group_id].append((at, ended_at))
    counts: Counter[tuple[int, int, int, int]] = Counter()
    filled: Counter[tuple[int, int, int, int]] = Counter()
    for group in groups:
        for minutes, members in odds.course_of(group.started_at, group.ends_at, group.ended_at, paid_at[group.pk]):
            for campaign_id in (0, group.campaign_id):
                place = (campaign_id, group.size, members, minutes)
                counts[place] += 1
                filled[place] += group.state == GroupState.FILLED
    _add(counts, filled)
    return len(group_ids)


def _add(counts: Counter[tuple[int, int, int, int]], filled: Counter[tuple[int, int, int, int]]) -> None:
    rows = [
        Course(campaign_id=c, size=s, members=m, minutes_left=t, groups=n, filled=filled[c, s, m, t])
        for (c, s, m, t), n in sorted(counts.items())
    ]
    if not rows:
        return
    Course.objects.bulk_create(
        [Course(campaign_id=r.campaign_id, size=r.size, members=r.members, minutes_left=r.minutes_left) for r in rows],
        ignore_conflicts=True,
        batch_size=500,
    )
    columns = [(name, "int") for name in ("campaign_id", "size", "members", "minutes_left", "groups", "filled")]
    values = [tuple(getattr(row, name) for name, _kind in columns) for row in rows]
    with bulk.key_table(columns, values) as keys:
        bulk.execute(_ADD.replace("more", keys))


_ADD = """
    UPDATE groupbuy_course SET groups = groupbuy_course.groups + more.groups, filled = groupbuy_course.filled + more.filled
    FROM more WHERE groupbuy_course.campaign_id = more.campaign_id AND groupbuy_course.size = more.size
        AND groupbuy_course.members = more.members AND groupbuy_course.minutes_left = more.minutes_left
"""
