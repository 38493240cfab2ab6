"""The look of each night: belief carried to yesterday, states with reasons, what to do, what came of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.utils import timezone

from yutang.channels.actions import note_group_standings
from yutang.communities import deciding
from yutang.communities.advice import BY_ONE_POST
from yutang.communities.deciding import Verdict
from yutang.communities.effects import follow_deeds, note_posts
from yutang.communities.events import LifeChanged
from yutang.communities.gathering import SIGNS, Gathered, Who, gathered, who_is_looked_at
from yutang.communities.learning_rates import current_rates
from yutang.communities.marking import mark_members
from yutang.communities.methods.belief import Drift, Floats, flat, packed, steps_of, unpacked
from yutang.communities.methods.evidence import Rate
from yutang.communities.methods.filtering import Day, next_day, parts_of_a_sum, told
from yutang.communities.models import Community, OwnerDay, SeenMember, Signal, Vitality
from yutang.communities.proposing import propose_care
from yutang.communities.registering import chat_ids_of, follow_groups
from yutang.communities.settling import settle_places
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.ingest import journal

#: Each night looks at so many days anew: what other systems told late still counts.
LOOKS_BACK = 7
#: Days of a group are kept so long; single counts of signals a little longer than they are looked at.
KEPT = timedelta(days=400)
_SIGNALS_KEPT, _SEEN_KEPT = timedelta(days=120), timedelta(days=16)
_DAY_COLUMNS = (
    "community_id", "day", "members", "joined", "left", "ordered", "wrote", "reacted", "clicked", "share", "low", "high", "belief",
)  # fmt: skip
_COMMUNITY_COLUMNS = (
    "members", "life", "life_since", "share", "low", "high", "ahead", "chance_dead", "trend", "reasons", "advice",
    "advice_detail", "urgency", "judged_on",
)  # fmt: skip


@dataclass(frozen=True)
class NightReport:
    """What a night found. Counts."""

    groups: int
    changed: int
    needing: int
    proposed: int


def judge_groups(*, actor: Actor, day: date | None = None, now: datetime) -> NightReport:
    """Look at every living group as of the end of a day, and write down what was found.

    Args:
        actor: the system as a rule; needs ``channels.send``.
        day: the last day that is looked at; None: yesterday. Business day.
        now: aware UTC.
    """
    actor.require("channels.send")
    last = day or timezone.localtime(now).date() - timedelta(days=1)
    with transaction.atomic():
        follow_groups(now=now)
    settle_places(actor=actor, now=now)
    note_posts(last=last)
    who = who_is_looked_at()
    if not who.ids:
        return NightReport(0, 0, 0, 0)
    first = last - timedelta(days=LOOKS_BACK - 1)
    seen = gathered(who, first=first, last=last)
    shares, lows, highs, beliefs = _carried(who, seen, begin=_begun_with(who, first), rates=current_rates(last))
    with transaction.atomic():
        _write_days(who, seen, shares, lows, highs, beliefs)
    verdicts = deciding.verdicts(who, seen, beliefs[-1], last=last, now=now)
    with transaction.atomic():
        changed = _write_verdicts(verdicts, last=last, now=now)
        _write_owner_days(last)
        note_group_standings(actor=Actor.system(), standings=deciding.standings(verdicts, now=now), now=now)
        outbox.record_all(changed, now=now)
        journal.touch("communities_vitality", {day.isoformat()[:7] for day in seen.days}, now=now)
        _forget(last)
    follow_deeds(last=last)
    proposed = propose_care(now=now)
    needing = sum(one.advice.urgency > 0 and (one.advice.code, one.life) not in BY_ONE_POST for one in verdicts)
    return NightReport(len(verdicts), len(changed), needing, proposed)


def _begun_with(who: Who, first: date) -> Floats:
    """Return the beliefs as of the evening before the first day; of groups that nobody looked at before, flat ones."""
    belief = flat(len(who.ids))
    rows = Vitality.objects.filter(day=first - timedelta(days=1)).exclude(belief=b"").order_by()
    place = who.place
    kept = [(place[key], bytes(raw)) for key, raw in rows.values_list("community_id", "belief") if key in place]
    if kept:
        belief[np.array([at for at, _raw in kept])] = unpacked([raw for _at, raw in kept])
    return belief


def _carried(
    who: Who, seen: Gathered, *, begin: Floats, rates: dict[str, Rate]
) -> tuple[Floats, Floats, Floats, list[Floats]]:
    """Return share and interval of each day, shape ``(days, n)``, and the belief at the end of each day."""
    steps, belief = steps_of(Drift()), begin
    shape = seen.members.shape
    shares, lows, highs = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    beliefs: list[Floats] = []
    for at in range(len(seen.days)):
        belief = next_day(belief, _day(who, seen, at, belief, rates), steps=steps, rates=rates)
        found = told(belief)
        shares[at], lows[at], highs[at] = found.share, found.low, found.high
        beliefs.append(belief)
    return shares, lows, highs, beliefs


def _day(who: Who, seen: Gathered, at: int, belief: Floats, rates: dict[str, Rate]) -> Day:
    signs = {kind: seen.seen[kind][at].copy() for kind in SIGNS}
    signs["orders"], signs["exits"] = seen.ordered[at], seen.left[at]
    shared = _words_of_owners(who, seen, at, belief, signs["messages"], rates["messages"])
    return Day(members=seen.members[at], joined=seen.joined[at], seen=signs, shared=shared, asked=seen.asked[at])


def _words_of_owners(
    who: Who, seen: Gathered, at: int, belief: Floats, wrote: Floats, rate: Rate
) -> tuple[Floats, Floats] | None:
    """Let the statistics of WeCom tell of groups of which nobody else does.

    They tell of all groups of an owner together. Where nobody wrote, that is known of each; of one group it is known as it is. Of a sum
    over several, each gets the part that is expected of it, and a trust that is shared among them: it tells how lively the owner's
    groups are, and little of which one is. One writer of each group with words is taken for the staff, whom WeCom counts too.
    """
    if not seen.words[at]:
        return None
    parts, trust = np.full(len(wrote), np.nan), np.zeros(len(wrote))
    share = told(belief).share
    for account, row in seen.words[at].items():
        mine = np.flatnonzero((who.accounts == account) & (seen.members[at] > 0))
        quiet = mine[np.isnan(wrote[mine])]
        people = float(max(row.members_with_words - row.groups_with_words, 0))
        if not len(quiet):
            continue
        if people == 0 or len(mine) == 1:
            wrote[quiet] = people
            continue
        people = max(people - float(np.nansum(wrote[mine])), 0.0)
        expected = seen.members[at][quiet] * (share[quiet] * rate.attentive + (1 - share[quiet]) * rate.others)
        parts[quiet] = parts_of_a_sum(wrote=people, expected=expected.tolist())
        trust[quiet] = rate.trust / len(quiet)
    return (parts, trust) if not np.isnan(parts).all() else None


def _write_days(
    who: Who, seen: Gathered, shares: Floats, lows: Floats, highs: Floats, beliefs: Sequence[Floats]
) -> None:
    """Write the days anew; beliefs of days on which no later night begins are let go."""
    first, last = seen.days[0], seen.days[-1]
    Vitality.objects.filter(day__gte=first, day__lte=last, community__closed_at=None).delete()
    Vitality.objects.filter(day__lt=first - timedelta(days=1)).exclude(belief=b"").update(belief=b"")
    for at, day in enumerate(seen.days):
        there = np.flatnonzero(seen.members[at] > 0)
        raw = packed(beliefs[at][there]) if len(there) else []
        rows = [_day_row(who.ids[i], day, seen, at, int(i), (shares, lows, highs), raw[n]) for n, i in enumerate(there)]
        bulk.insert_rows("communities_vitality", _DAY_COLUMNS, rows)


def _day_row(
    key: int, day: date, seen: Gathered, at: int, i: int, found: tuple[Floats, Floats, Floats], raw: bytes
) -> tuple[Any, ...]:
    signs = [seen.seen[kind][at, i] for kind in SIGNS]
    counts = (seen.members[at, i], seen.joined[at, i], seen.left[at, i], seen.ordered[at, i])
    return (
        key,
        day.isoformat(),
        *(int(one) for one in counts),
        *(None if np.isnan(one) else int(one) for one in signs),
        *(float(one[at, i]) for one in found),
        raw,
    )


def _write_verdicts(verdicts: Sequence[Verdict], *, last: date, now: datetime) -> list[LifeChanged]:
    """Write what was found of each group, and return what changed."""
    moved = [one for one in verdicts if one.was and one.life != one.was]
    keys = chat_ids_of([one.community_id for one in moved])
    rows = [
        (
            one.members, one.life, one.since.isoformat(), one.share, one.low, one.high, one.ahead, one.chance_dead, one.trend,
            _json([each.as_json() for each in one.reasons]), one.advice.code, _json(dict(one.advice.detail)),
            one.advice.urgency, last.isoformat(), one.community_id,
        )
        for one in verdicts
    ]  # fmt: skip
    bulk.update_rows("communities_community", _COMMUNITY_COLUMNS, rows)
    if any(one.life != one.was for one in verdicts):
        mark_members(now=now)
    return [LifeChanged(one.community_id, keys[one.community_id], one.was, one.life) for one in moved]


def _write_owner_days(last: date) -> None:
    """Count the groups of each owner and store by how they stand."""
    counted: dict[tuple[int, int], OwnerDay] = {}
    rows = Community.objects.filter(judged_on=last, closed_at=None).order_by()
    for owner, store, life, members, share in rows.values_list("owner_id", "store_id", "life", "members", "share"):
        key = (owner or 0, store or 0)
        row = counted.setdefault(
            key, OwnerDay(owner_id=key[0], store_id=key[1], day=last, groups=0, members=0, attentive=0.0)
        )
        row.groups += 1
        row.members += members
        row.attentive += members * (share or 0.0)
        setattr(row, life, getattr(row, life) + 1)
    OwnerDay.objects.filter(day=last).delete()
    OwnerDay.objects.bulk_create(list(counted.values()), batch_size=500)


def _forget(last: date) -> None:
    Vitality.objects.filter(day__lt=last - KEPT).delete()
    OwnerDay.objects.filter(day__lt=last - KEPT).delete()
    Signal.objects.filter(day__lt=last - _SIGNALS_KEPT).delete()
    SeenMember.objects.filter(day__lt=last - _SEEN_KEPT).delete()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
