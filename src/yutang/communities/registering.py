"""Which groups there are: every living one of WeCom is known here, with its owner and store; a group that was waited for is tied."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from yutang.communities.marking import mark_members
from yutang.communities.models import Community, Deed, DeedKind, Life, Opening
from yutang.foundation import bulk, jobs
from yutang.wecom.facts import known_groups
from yutang.wecom.models import Group

_LONGEST_NAME, _LONGEST_COUNT = 200, 2
_NUMBER = re.compile(r"^(.*?)(\d*)$", re.DOTALL)


def living() -> QuerySet[Community]:
    """Return the groups that are not closed here nor dismissed in WeCom."""
    return Community.objects.filter(closed_at=None, group__dismissed_at=None)


def follow_groups(*, now: datetime) -> int:
    """Make known every living group, follow who owns it, and return how many were new; in the caller's transaction."""
    bulk.one_at_a_time("communities.follow")
    known = {one.chat_id: one for one in known_groups()}
    keys = dict(Group.objects.filter(dismissed_at=None).order_by().values_list("chat_id", "pk"))
    rows = {
        row.group_id: row
        for row in Community.objects.filter(group__dismissed_at=None).only("pk", "group_id", "owner_id", "store_id")
    }
    new, changed = [], []
    for chat_id, one in known.items():
        store = one.stores[0][0] if len(one.stores) == 1 else None
        row = rows.get(keys[chat_id])
        if row is None:
            new.append(
                Community(
                    group_id=keys[chat_id],
                    owner_id=one.staff_id,
                    store_id=store,
                    made_at=one.made_at or now,
                    members=one.members,
                    life=Life.FORMING,
                )
            )
        elif row.owner_id != one.staff_id or (row.store_id is None and store is not None):
            row.owner_id, row.store_id = one.staff_id, row.store_id or store
            changed.append(row)
    Community.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    bulk.update_rows(
        "communities_community", ("owner_id", "store_id"), [(row.owner_id, row.store_id, row.pk) for row in changed]
    )
    if new or changed:
        mark_members(now=now)
    if new:
        tie_openings(now=now)
    return len(new)


def tie_openings(*, now: datetime) -> int:
    """Tie groups that were made because another was full to what was wished: same owner, and the name that was asked for."""
    waiting = list(
        Opening.objects.filter(opened=None, follows__closed_at=None)
        .select_related("follows__group")
        .order_by("asked_at", "pk")
    )
    if not waiting:
        return 0
    fresh = Community.objects.filter(
        follows=None, closed_at=None, made_at__gte=min(one.asked_at for one in waiting), opening=None
    ).select_related("group")
    by_name = {(row.group.owner_id, row.group.name): row for row in fresh.order_by("-pk")}
    tied = 0
    for wish in waiting:
        row = by_name.pop((wish.follows.group.owner_id, wish.name), None)
        if row is None:
            continue
        before = wish.follows
        row.follows, row.purpose = before, before.purpose
        row.likeness = before.likeness if wish.likeness is None else wish.likeness
        row.capacity, row.playbook_id = before.capacity, before.playbook_id
        row.store_id = before.store_id or row.store_id
        wish.opened, wish.opened_at = row, now
        tied += 1
    made = [wish for wish in waiting if wish.opened is not None]
    Community.objects.bulk_update(
        [wish.opened for wish in made if wish.opened],
        ["follows", "purpose", "likeness", "capacity", "playbook_id", "store_id"],
        batch_size=200,
    )
    Opening.objects.bulk_update(made, ["opened", "opened_at"], batch_size=200)
    _ask_over([wish.follows_id for wish in made if wish.likeness is not None], now=now)
    if made:
        mark_members(now=now)
    return tied


def _ask_over(split_ids: Collection[int], *, now: datetime) -> None:
    """Let the part of a group for which another was made be asked over."""
    # Imported late: the task leads people, and so calls this module.
    from yutang.communities.tasks import ask_members_over

    deeds = Deed.objects.filter(community_id__in=list(split_ids), kind=DeedKind.SPLIT).order_by("at", "pk")
    latest = dict(deeds.values_list("community_id", "pk"))
    for deed_id in latest.values():
        jobs.enqueue(ask_members_over, {"deed_id": deed_id}, now=now)


def free_names(names: Sequence[str]) -> list[str]:
    """Return what the group after each of these is called, by position: no living or awaited group is called so, nor another of these."""
    living_names = Group.objects.filter(dismissed_at=None).order_by().values_list("name", flat=True)
    taken = {*living_names, *Opening.objects.filter(opened=None).order_by().values_list("name", flat=True)}
    found = []
    for name in names:
        found.append(next_name(name, taken=taken))
        taken.add(found[-1])
    return found


def next_name(name: str, *, taken: Collection[str] = ()) -> str:
    """Return what the group after one of a name is called: its number counted on to the next that is free.

    A name without a number counts as the first. A number of three digits and more that follows on no other group's, such as a height or
    a year, is no count: it stays, and the count stands behind it.

    Args:
        name: of the group before.
        taken: names that cannot be used again.
    """
    found = _NUMBER.match(name)
    stem, number = (found[1], found[2]) if found else (name, "")
    if len(number) > _LONGEST_COUNT and f"{stem}{str(int(number) - 1).zfill(len(number))}" not in taken:
        stem, number = f"{name}-", ""
    count = int(number or 1) + 1
    while (following := _numbered(stem, count, len(number))) in taken:
        count += 1
    return following


def _numbered(stem: str, count: int, digits: int) -> str:
    number = str(count).zfill(digits)
    return f"{stem[: _LONGEST_NAME - len(number)]}{number}"


def chat_ids_of(community_ids: list[int]) -> dict[int, str]:
    """Return the key of each group as WeCom and the contact policy know it."""
    rows = Community.objects.filter(pk__in=community_ids).order_by()
    return dict(rows.values_list("pk", "group__chat_id"))


#: A group that may take newcomers: not closed, not dead.
OPEN_TO_NEWCOMERS = Q(closed_at=None, group__dismissed_at=None) & ~Q(life=Life.DEAD)
