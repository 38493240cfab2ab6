"""Freeing places held for too long, and those whose payment was given up. Groups are locked before their seats, everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from yutang.foundation import bulk
from yutang.groupbuy.marking import mark_seats
from yutang.groupbuy.models import Group, Seat, SeatState

__all__ = ["free_overdue", "free_seats", "locked_groups", "move_counters"]


def free_overdue(*, group_id: int, now: datetime) -> int:
    """Free the places of a group whose time to pay is over, and return how many those were."""
    overdue = Seat.objects.filter(group_id=group_id, state=SeatState.HELD, hold_until__lte=now)
    seat_ids = list(overdue.values_list("pk", flat=True))
    if not seat_ids:
        return 0
    with transaction.atomic():
        return free_seats(seat_ids, now=now)


def free_seats(seat_ids: list[int], *, now: datetime) -> int:
    """Free held seats in the caller's transaction, and return how many still were held: what was paid meanwhile stays."""
    groups = Seat.objects.filter(pk__in=seat_ids).order_by().values_list("group_id", flat=True).distinct()
    locked_groups(groups)
    held = Seat.objects.filter(pk__in=seat_ids, state=SeatState.HELD)
    going = list(held.order_by().values_list("pk", "group_id", "is_newcomer", "joined_date"))
    Seat.objects.filter(pk__in=[pk for pk, *_rest in going]).update(state=SeatState.LAPSED, ended_at=now)
    mark_seats((joined for *_rest, joined in going), now=now)
    taken = Counter(group_id for _pk, group_id, *_rest in going)
    regulars = Counter(group_id for _pk, group_id, is_newcomer, _joined in going if not is_newcomer)
    move_counters({group_id: (-n, 0, -regulars[group_id]) for group_id, n in taken.items()})
    return len(going)


def locked_groups(group_ids: Iterable[int]) -> dict[int, Group]:
    """Return groups, locked to the end of the transaction, in the order of their keys."""
    rows = Group.objects.select_for_update().filter(pk__in=list(group_ids)).order_by("pk")
    return {one.pk: one for one in rows}


def move_counters(moves: Mapping[int, tuple[int, int, int]]) -> None:
    """Add to what groups count: (taken, paid, regulars) by group, in one statement; the lake holds but the paid ones."""
    if not moves:
        return
    columns = [("id", "int"), ("taken", "int"), ("paid", "int"), ("regulars", "int")]
    with bulk.key_table(columns, [(key, *by) for key, by in moves.items()]) as keys:
        bulk.execute(_MOVE.replace("moves", keys))


_MOVE = """
    UPDATE groupbuy_group SET taken = groupbuy_group.taken + moves.taken, paid = groupbuy_group.paid + moves.paid,
        regulars = groupbuy_group.regulars + moves.regulars
    FROM moves WHERE groupbuy_group.id = moves.id
"""
