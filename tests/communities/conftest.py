"""Groups with members of whom the tests say what they did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.channels.conftest import make_person
from tests.conftest import NOW
from tests.journeys.conftest import make_group
from yutang.communities import actions
from yutang.communities.models import Community
from yutang.communities.registering import follow_groups
from yutang.foundation.access import Actor
from yutang.wecom.models import Contact, Group, GroupMember

SYSTEM = Actor.system()
YESTERDAY = timezone.localtime(NOW).date() - timedelta(days=1)


def group_of(name: str, *, members: int = 0, store: Any = None, made_days_ago: int = 60, **more: Any) -> Community:
    """Write a group with so many members who joined when it was made, and return it."""
    key = make_group(name, *people(members, store=store), store=store, name=name, made_days_ago=made_days_ago, **more)
    follow_groups(now=NOW)
    return Community.objects.get(group__chat_id=key)


def people(n: int, *, store: Any = None) -> list[int]:
    """Write so many people who can be written to."""
    return [make_person(store=store, value_days_ago=()) for _ in range(n)]


def sit(community: Community, person: int, *, at: datetime = NOW) -> None:
    """Let a person come into a group."""
    contact, _made = Contact.objects.get_or_create(
        digest=person.to_bytes(16, "big"), defaults={"sealed_card": b"", "customer_id": person, "seen_at": at}
    )
    GroupMember.objects.create(group_id=community.group_id, contact=contact, joined_at=at)


def newcomers(some: Sequence[int], **more: Any) -> list[actions.Newcomer]:
    """Return people as newcomers, each under a key of their own."""
    return [actions.Newcomer(f"k:{one}", one, **more) for one in some]


def told(community: Community, counts: Sequence[int], *, kind: str = "messages", last: date = YESTERDAY) -> None:
    """Let another system tell how many members were seen on each of the days up to one, day after day as they passed."""
    chat_id = Group.objects.get(pk=community.group_id).chat_id
    for back, people_seen in enumerate(reversed(counts)):
        day = last - timedelta(days=back)
        at = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=30)
        count = actions.DayCount(chat_id, day, kind, people_seen)
        actions.note_counts(actor=SYSTEM, source="archive", counts=[count], now=at)


def judge(*, weeks: int = 1, now: datetime = NOW) -> actions.NightReport:
    """Let a night look at all groups, after one a week before for each further week; each looks back at its week."""
    for back in reversed(range(weeks)):
        report = actions.judge_groups(actor=SYSTEM, now=now - timedelta(days=7 * back))
    return report
