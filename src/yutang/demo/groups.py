"""Groups of the demo shop: what their members did in the last weeks, so that some live, some fall asleep and one is dead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.utils import timezone

from yutang.communities import actions, queries
from yutang.communities.queries import CommunityView
from yutang.foundation.access import Actor

_SEED, _DAYS, _SOURCE = 21, 56, "demo_archive"
#: How many in a hundred of the members were seen on a day: at first, and in the last weeks; by group, over and over.
_COURSES = ((7, 8), (8, 5), (6, 1), (9, 9), (5, 0), (7, 3), (2, 0), (6, 7), (8, 2), (7, 6), (4, 4), (9, 7))
_PURPOSES = ("老客福利", "新品试穿", "小个子穿搭", "会员专享")


def waits_for_groups() -> bool:
    """Return whether groups are there of which nothing was told yet."""
    system = Actor.system()
    found = queries.communities(access=system, limit=1)
    return bool(found) and queries.fleet(access=system).judged_on is None


def play_demo_groups(*, now: datetime) -> int:
    """Tell what members of the demo shop's groups did, day after day, look at them each night, and return how many groups there are."""
    system = Actor.system()
    groups = sorted(queries.communities(access=system, limit=500), key=lambda one: one.id)
    dice = np.random.default_rng(_SEED)
    _describe(groups, now=now)
    today = timezone.localtime(now).date()
    for back in reversed(range(1, _DAYS + 1)):
        day = today - timedelta(days=back)
        then = _evening(day)
        counts = [count for n, one in enumerate(groups) for count in _counts(one, n, day, back, dice)]
        actions.note_counts(actor=system, source=_SOURCE, counts=counts, now=then)
        if back in {40, 12}:
            _probe(groups, back, then)
        if back % 7 == 1 or back < 8:
            actions.judge_groups(actor=system, day=day, now=then)
    return len(groups)


def _describe(groups: Sequence[CommunityView], *, now: datetime) -> None:
    system = Actor.system()
    for n, one in enumerate(groups):
        inside = queries.people_in(access=system, community_id=one.id)
        seed = inside[-1] if inside else None
        description = actions.Description(
            purpose=f"{_PURPOSES[n % len(_PURPOSES)]}{n // len(_PURPOSES) + 1}",
            store_id=one.store_id,
            seed_customer_id=seed,
        )
        actions.describe_community(actor=system, community_id=one.id, description=description, now=now)
        for place, person in enumerate(reversed(inside[:-1])):
            # The seed brought the first three, these the next ones, and so on.
            inviter = inside[-1] if place < 3 else inside[-1 - (place // 3)]
            if inviter != person:
                actions.note_invitation(
                    actor=system, community_id=one.id, customer_id=person, inviter_id=inviter, source="demo", now=now
                )


def _counts(one: CommunityView, n: int, day: date, back: int, dice: np.random.Generator) -> list[actions.DayCount]:
    first, last = _COURSES[n % len(_COURSES)]
    lively = (last + (first - last) * max(back - 10, 0) / _DAYS) / 100
    return [
        actions.DayCount(one.chat_id, day, kind, int(dice.binomial(max(one.members, 1), min(lively * part, 1.0))))
        for kind, part in (("messages", 1.0), ("reactions", 1.2))
    ]


def _probe(groups: Sequence[CommunityView], back: int, then: datetime) -> None:
    """Let red packets be laid out in every third group."""
    for n, one in enumerate(groups):
        if n % 3 == 0 and one.members:
            first, last = _COURSES[n % len(_COURSES)]
            packets = max(one.members // 3, 1)
            takers = min(packets, round(one.members * (first if back > 20 else last) / 10))
            probed = actions.Probed("red_packet", then - timedelta(hours=2), 5, packets, takers)
            key = f"demo:{one.id}:{back}"
            actions.note_probe(actor=Actor.system(), community_id=one.id, key=key, probed=probed, now=then)


def _evening(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()) + timedelta(hours=22)).astimezone(UTC)
