"""Freeing places held for too long, and those whose payment was given up. Groups are locked before their seats, everywhere.

A group that loses its last place ends in the same transaction and returns its places: an empty one would keep them from everybody
else. Campaigns are locked after groups, in the order of their keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from yutang.foundation import bulk
from yutang.groupbuy.marking import mark_groups, mark_seats
from yutang.groupbuy.models import Campaign, Group, GroupState, Seat, SeatState

__all__ = ["end_empty", "free_overdue", "free_seats", "locked_groups", "move_counters", "return_to_stock"]


def free_overdue(*, group_id: int, now: datetime) -> int:
    """Free the places of a group whose time to pay is over, for who wants one of them, and return how many those were.

    The group goes on, also where that emptied it; where nobody comes after all, the task that follows groups ends it.
    """
    overdue = Seat.objects.filter(group_id=group_id, state=SeatState.HELD, hold_until__lte=now)
    seat_ids = list(overdue.values_list("pk", flat=True))
    if not seat_ids:
        return 0
    with transaction.atomic():
        return free_seats(seat_ids, is_wanted=True, now=now)


def free_seats(seat_ids: list[int], *, is_wanted: bool = False, now: datetime) -> int:
    """Free held seats in the caller's transaction, and return how many still were held: what was paid meanwhile stays.

    Args:
        seat_ids: which.
        is_wanted: whether somebody is about to take a place of theirs; else groups that lose their last place end.
        now: when. Aware UTC.
    """
    groups = Seat.objects.filter(pk__in=seat_ids).order_by().values_list("group_id", flat=True).distinct()
    locked_groups(groups)
    held = Seat.objects.filter(pk__in=seat_ids, state=SeatState.HELD)
    going = list(held.order_by().values_list("pk", "group_id", "is_newcomer", "joined_date"))
    Seat.objects.filter(pk__in=[pk for pk, *_rest in going]).update(state=SeatState.LAPSED, ended_at=now)
    mark_seats((joined for *_rest, joined in going), now=now)
    taken = Counter(group_id for _pk, group_id, *_rest in going)
    regulars = Counter(group_id for _pk, group_id, is_newcomer, _joined in going if not is_newcomer)
    move_counters({group_id: (-n, 0, -regulars[group_id]) for group_id, n in taken.items()})
    if not is_wanted:
        end_empty(taken, now=now)
    return len(going)


def end_empty(group_ids: Iterable[int], *, now: datetime) -> None:
    """End those of these groups, which the caller has locked, in which nobody holds or paid a place; they return their places."""
    empty = list(Group.objects.filter(pk__in=list(group_ids), state=GroupState.OPEN, taken=0))
    if not empty:
        return
    Group.objects.filter(pk__in=[one.pk for one in empty]).update(state=GroupState.LAPSED, ended_at=now)
    mark_groups((one.started_date for one in empty), now=now)
    return_to_stock(empty)


def return_to_stock(groups: Sequence[Group]) -> None:
    """Return the places of groups that ended without being filled to their campaigns, in the caller's transaction."""
    back: Counter[int] = Counter()
    for one in groups:
        back[one.campaign_id] += one.size
    if back:
        # Not their keys: who joins a group of one meanwhile, and refers to it, does not wait.
        locked = Campaign.objects.select_for_update(no_key=True).filter(pk__in=back).order_by("pk")
        list(locked.values_list("pk", flat=True))
        with bulk.key_table([("id", "int"), ("places", "int")], sorted(back.items())) as keys:
            bulk.execute(_RETURN.replace("places_back", keys))


_RETURN = """
    UPDATE groupbuy_campaign SET set_aside = set_aside - places_back.places
    FROM places_back WHERE groupbuy_campaign.id = places_back.id
"""


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
