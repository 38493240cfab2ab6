"""What was seen of all groups on some days, as arrays: a handful of questions, however many groups there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count
from django.utils import timezone

from yutang.communities.methods.belief import Floats
from yutang.communities.methods.filtering import Asked
from yutang.communities.models import Coverage, OwnerWords, Probe, ProbeKind, Signal, SignalKind
from yutang.communities.registering import living
from yutang.foundation.bulk import fetch
from yutang.orders.queries import NOT_A_SALE
from yutang.wecom.models import GroupMember

#: Orders of members while they were in the group, each member once a day.
_ORDERED = """
SELECT c.id, o.business_date, COUNT(DISTINCT o.customer_id)
FROM communities_community c
JOIN wecom_groupmember m ON m.group_id = c.group_id
JOIN wecom_contact k ON k.id = m.contact_id
JOIN orders_order o ON o.customer_id = k.customer_id AND o.business_date >= %s AND o.business_date <= %s
WHERE c.closed_at IS NULL AND o.placed_at IS NOT NULL AND o.placed_at >= m.joined_at
    AND (m.left_at IS NULL OR o.placed_at < m.left_at) AND o.status NOT IN (%s, %s)
GROUP BY c.id, o.business_date
"""
SIGNS: Mapping[str, str] = {
    SignalKind.MESSAGES.value: "wrote",
    SignalKind.REACTIONS.value: "reacted",
    SignalKind.CLICKS.value: "clicked",
}


@dataclass(frozen=True)
class Who:
    """The groups that are looked at, in the order of all arrays.

    Attributes:
        ids: keys of the groups. Shape ``(n,)``.
        groups: keys of the same in WeCom.
        accounts: key of the owner's account in WeCom; 0 where there is none.
        made_on: day on which each was made.
    """

    ids: list[int]
    groups: list[int]
    accounts: np.ndarray
    made_on: list[date]

    @property
    def place(self) -> dict[int, int]:
        """Place of each group by its key."""
        return {key: place for place, key in enumerate(self.ids)}


@dataclass(frozen=True)
class Gathered:
    """What was seen of the groups on some days; arrays of shape ``(days, n)``, oldest day first.

    Attributes:
        days: the days.
        members: customers in each at the end of each day. Count; 0 before it was made.
        joined, left, ordered: who came, went, and ordered. Count.
        seen: by `SignalKind`; NaN where nobody told of the group.
        words: rows of `OwnerWords` of each day, by account.
        asked: probes of each day; None where there were none.
    """

    days: list[date]
    members: Floats
    joined: Floats
    left: Floats
    ordered: Floats
    seen: dict[str, Floats]
    words: list[dict[int, OwnerWords]]
    asked: list[Asked | None] = field(default_factory=list)


def who_is_looked_at() -> Who:
    """Return the living groups."""
    rows = list(
        living().order_by("pk").values_list("pk", "group_id", "group__owner_id", "made_at"),
    )
    return Who(
        ids=[row[0] for row in rows],
        groups=[row[1] for row in rows],
        accounts=np.array([row[2] or 0 for row in rows], dtype=np.int64),
        made_on=[timezone.localtime(row[3]).date() for row in rows],
    )


def gathered(who: Who, *, first: date, last: date) -> Gathered:
    """Return what was seen from one day to another, both included."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    members, joined, left = _members(who, days)
    return Gathered(
        days=days,
        members=members,
        joined=joined,
        left=left,
        ordered=_ordered(who, days),
        seen={kind: _seen(who, days, kind) for kind in SIGNS},
        words=_words(days),
        asked=_asked(who, days),
    )


def _members(who: Who, days: Sequence[date]) -> tuple[Floats, Floats, Floats]:
    """Return members at the end of each day, and who came and went on it: from those who are there now, backwards."""
    n, place = len(who.ids), {key: at for at, key in enumerate(who.groups)}
    since = _midnight(days[0])
    customers = GroupMember.objects.filter(account=None, group__dismissed_at=None, group__community__closed_at=None)
    customers = customers.order_by()
    now_in = np.zeros(n)
    for group, count in customers.filter(left_at=None).values_list("group_id").annotate(Count("pk")):
        if group in place:
            now_in[place[group]] = count
    joined, left = np.zeros((len(days), n)), np.zeros((len(days), n))
    later = np.zeros(n)
    for name, target, sign in (("joined_at", joined, -1.0), ("left_at", left, 1.0)):
        rows = customers.filter(**{f"{name}__gte": since}).values_list("group_id", name)
        for group, at in rows.iterator(chunk_size=5_000):
            if group not in place:
                continue
            day = (timezone.localtime(at).date() - days[0]).days
            if day < len(days):
                target[day, place[group]] += 1
            else:
                later[place[group]] += sign
    members = np.zeros((len(days), n))
    # Who came after the last day is not there yet at its end; who went after it still is.
    at_end = now_in + later
    for day in reversed(range(len(days))):
        members[day] = np.maximum(at_end, 0)
        at_end = at_end - joined[day] + left[day]
    made = np.array([(day - days[0]).days for day in who.made_on])
    members[np.arange(len(days))[:, None] < made[None, :]] = 0
    return members, joined, left


def _ordered(who: Who, days: Sequence[date]) -> Floats:
    found = np.zeros((len(days), len(who.ids)))
    place = who.place
    rows = fetch(_ORDERED, [days[0].isoformat(), days[-1].isoformat(), *(int(one) for one in NOT_A_SALE)])
    for key, day, count in rows:
        if key in place:
            found[(_day(day) - days[0]).days, place[key]] = count
    return found


def _seen(who: Who, days: Sequence[date], kind: str) -> Floats:
    """Return members who were seen; 0 on days on which a source told of others and, before, of this group; NaN where none tells of it."""
    found = np.full((len(days), len(who.ids)), np.nan)
    place = who.place
    told = Signal.objects.filter(kind=kind, day__gte=days[0], day__lte=days[-1]).order_by()
    active: dict[str, set[int]] = {}
    for source, day in told.values_list("source", "day").distinct():
        active.setdefault(source, set()).add((day - days[0]).days)
    covered = Coverage.objects.filter(kind=kind, source__in=list(active), first_day__lte=days[-1]).order_by()
    for source, key, first in covered.values_list("source", "community_id", "first_day"):
        if key not in place:
            continue
        for at in active.get(source, ()):
            if days[at] >= first and np.isnan(found[at, place[key]]):
                found[at, place[key]] = 0.0
    for key, day, people in told.values_list("community_id", "day", "people").iterator(chunk_size=5_000):
        if key in place:
            at = (day - days[0]).days
            before = found[at, place[key]]
            found[at, place[key]] = people if np.isnan(before) else max(before, people)
    return found


def _words(days: Sequence[date]) -> list[dict[int, OwnerWords]]:
    found: list[dict[int, OwnerWords]] = [{} for _ in days]
    for row in OwnerWords.objects.filter(day__gte=days[0], day__lte=days[-1]):
        found[(row.day - days[0]).days][row.account_id] = row
    return found


def _asked(who: Who, days: Sequence[date]) -> list[Asked | None]:
    place = who.place
    rows = Probe.objects.filter(day__gte=days[0], day__lte=days[-1], community__closed_at=None).order_by("pk")
    by_day: list[list[Probe]] = [[] for _ in days]
    for row in rows:
        if row.community_id in place:
            by_day[(row.day - days[0]).days].append(row)
    return [_asked_on(place, found) if found else None for found in by_day]


def _asked_on(place: Mapping[int, int], rows: Sequence[Probe]) -> Asked:
    def numbers(name: str, absent: float) -> Floats:
        return np.array([absent if getattr(row, name) is None else float(getattr(row, name)) for row in rows])

    return Asked(
        rows=np.array([place[row.community_id] for row in rows]),
        by_packets=np.array([row.kind == ProbeKind.RED_PACKET for row in rows]),
        members=numbers("members", 0),
        packets=numbers("packets", 0),
        takers=numbers("takers", -1),
        all_taken=np.array([bool(row.were_all_taken) for row in rows]),
        minutes=numbers("minutes", 0),
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _day(told: Any) -> date:
    """Return a day as the driver gives it: text on SQLite."""
    return date.fromisoformat(told) if isinstance(told, str) else told
