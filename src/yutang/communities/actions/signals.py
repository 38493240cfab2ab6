"""What other systems tell of members: who was seen on which day, counts of a day, and the statistics of WeCom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from yutang.communities.models import Community, OwnerWords, SeenMember, Signal, SignalKind
from yutang.connectors.wecom.api.groups import GroupFigures
from yutang.connectors.wecom.client import WeCom
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.wecom.models import Account, Group

#: Nobody is told of later than so; older is of no use for what is believed today.
KEPT_DAYS = 14
_OWNERS_A_CALL = 100
_WORDS = ("account_id", "day", "groups", "groups_with_words", "members", "members_with_words", "messages")


@dataclass(frozen=True)
class SeenOnce:
    """One member who was seen.

    Attributes:
        group_key: of the group, as WeCom knows it.
        day: business day.
        kind: a `SignalKind`.
        who: hash of whom the other system names; of the event's own id where it names nobody. 16 bytes.
    """

    group_key: str
    day: date
    kind: str
    who: bytes


@dataclass(frozen=True)
class DayCount:
    """How many different members were seen in one group on one day.

    Attributes:
        group_key: of the group, as WeCom knows it.
        day: business day.
        kind: a `SignalKind`.
        people: different members. Count, ``>= 0``.
    """

    group_key: str
    day: date
    kind: str
    people: int


@transaction.atomic
def note_seen(*, actor: Actor, source: str, seen: Sequence[SeenOnce], now: datetime) -> int:
    """Count members who were seen, each once a day, and return how many entries name a group that is not known.

    What happened more than two weeks ago is not counted.

    Args:
        actor: needs ``events.record``.
        source: the system that saw them. At most 40 characters.
        seen: as it tells them.
        now: aware UTC.
    """
    actor.require("events.record")
    keys, oldest = _communities([one.group_key for one in seen]), _oldest(now)
    rows = {
        (keys[one.group_key], one.day, one.kind, source, one.who)
        for one in seen
        if one.group_key in keys and one.kind in SignalKind.values and one.day >= oldest
    }
    SeenMember.objects.bulk_create(
        [SeenMember(community_id=c, day=d, kind=k, source=s, who=w) for c, d, k, s, w in sorted(rows, key=str)],
        batch_size=500,
        ignore_conflicts=True,
    )
    touched = {row[:3] for row in rows}
    there = SeenMember.objects.filter(
        community_id__in={c for c, _d, _k in touched}, day__in={d for _c, d, _k in touched}, source=source
    )
    counted = there.order_by().values_list("community_id", "day", "kind").annotate(n=Count("pk"))
    _write(source, {(c, d, k): n for c, d, k, n in counted if (c, d, k) in touched})
    return sum(one.group_key not in keys for one in seen)


@transaction.atomic
def note_counts(*, actor: Actor, source: str, counts: Sequence[DayCount], now: datetime) -> int:
    """Write down how many members were seen on days; what the same source told of the day before is replaced where it was less.

    Args:
        actor: needs ``events.record``.
        source: the system that counted. At most 40 characters.
        counts: as it tells them.
        now: aware UTC.

    Returns:
        How many entries name a group that is not known.
    """
    actor.require("events.record")
    keys, oldest = _communities([one.group_key for one in counts]), _oldest(now)
    told: dict[tuple[int, date, str], int] = {}
    for one in counts:
        if one.group_key in keys and one.kind in SignalKind.values and one.day >= oldest:
            place = (keys[one.group_key], one.day, one.kind)
            told[place] = max(told.get(place, 0), one.people)
    _write(source, told)
    return sum(one.group_key not in keys for one in counts)


def read_statistics(*, actor: Actor, client: WeCom, days: int, now: datetime) -> int:
    """Ask WeCom how many members wrote in the groups of each owner on the last days, and return how many rows were written.

    A call asks about 100 owners and one day: WeCom adds the days of a call up.

    Args:
        actor: the system as a rule; needs ``events.record``.
        client: of the corp.
        days: how many days back, yesterday first. 1 to 30.
        now: aware UTC.
    """
    actor.require("events.record")
    accounts = dict(
        Account.objects.filter(pk__in=Group.objects.filter(dismissed_at=None).values("owner_id"), is_serving=True)
        .order_by("userid")
        .values_list("userid", "pk")
    )
    owners = list(accounts)
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: list[tuple[Any, ...]] = []
    for back in range(1, days + 1):
        begin = today - timedelta(days=back)
        known = set(OwnerWords.objects.filter(day=begin.date()).values_list("account_id", flat=True))
        asked = [one for one in owners if accounts[one] not in known]
        for start in range(0, len(asked), _OWNERS_A_CALL):
            some = asked[start : start + _OWNERS_A_CALL]
            told = client.statistics.groups_by_owner(first_day=begin, last_day=begin, owners=some)
            mine = ((accounts[one.owner], one.figures) for one in told if one.owner in accounts)
            rows.extend(_words_row(account, begin.date(), figures) for account, figures in mine)
    with transaction.atomic():
        return bulk.insert_new_rows("communities_ownerwords", _WORDS, rows)


def _words_row(account_id: int, day: date, told: GroupFigures) -> tuple[Any, ...]:
    return (
        account_id,
        day.isoformat(),
        told.groups,
        told.groups_with_messages,
        told.members,
        told.members_with_messages,
        told.messages,
    )


def _communities(group_keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    wanted = sorted(set(group_keys))
    for start in range(0, len(wanted), 500):
        rows = Community.objects.filter(group__chat_id__in=wanted[start : start + 500]).order_by()
        found |= dict(rows.values_list("group__chat_id", "pk"))
    return found


def _oldest(now: datetime) -> date:
    return timezone.localtime(now).date() - timedelta(days=KEPT_DAYS)


def _write(source: str, told: dict[tuple[int, date, str], int]) -> None:
    """Write counts of days; a day keeps the largest that its source told."""
    known = {
        (row.community_id, row.day, row.kind): row
        for row in Signal.objects.filter(
            community_id__in={c for c, _d, _k in told}, day__in={d for _c, d, _k in told}, source=source
        )
    }
    new, changed = [], []
    for place, people in sorted(told.items()):
        row = known.get(place)
        if row is None:
            community, day, kind = place
            new.append(Signal(community_id=community, day=day, kind=kind, source=source, people=people))
        elif row.people < people:
            row.people = people
            changed.append((people, row.pk))
    Signal.objects.bulk_create(new, batch_size=500)
    _cover(source, told)
    bulk.update_rows("communities_signal", ("people",), changed)


def _cover(source: str, told: dict[tuple[int, date, str], int]) -> None:
    """Write since when the source tells of each group."""
    firsts: dict[tuple[int, str], date] = {}
    for community, day, kind in told:
        firsts[community, kind] = min(day, firsts.get((community, kind), day))
    rows = [(community, kind, source, day.isoformat()) for (community, kind), day in sorted(firsts.items())]
    bulk.insert_new_rows("communities_coverage", ("community_id", "kind", "source", "first_day"), rows)
