"""From beliefs to what is said of each group: state, reasons, what to do, and what the contact policy is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from yutang.channels.queries import posts_of_groups, standings_since
from yutang.communities.advice import Advice, Situation, advice_for
from yutang.communities.effects import best_content
from yutang.communities.gathering import Gathered, Who
from yutang.communities.methods.belief import Drift, Floats, chance_below, means
from yutang.communities.methods.filtering import daily_change, foreseen, told
from yutang.communities.methods.judging import DEAD, DYING, Found, Marks, life_of
from yutang.communities.models import Community, Deed, DeedKind, Opening, Probe, ProbeKind, Vitality
from yutang.communities.organisation import CAPACITY, current_marks
from yutang.communities.parting import parts_of
from yutang.communities.wording import Seen, reasons
from yutang.foundation.access import Actor
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.text import Sentence

#: Days ahead that are foreseen, days by which the slope is told, and days over which a change is told.
AHEAD_DAYS, _SLOPE_DAYS, _MONTH = 14, 14, 28
#: A course is told by so many days at least on which the interval was narrower than this.
_KNOWN_DAYS, _KNOWN_WIDTH = 7, 0.45
_FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True)
class Verdict:
    """What is said of one group."""

    community_id: int
    group_key: str
    members: int
    was: str
    life: str
    since: date
    share: float
    low: float
    high: float
    ahead: float
    chance_dead: float
    trend: float | None
    reasons: Sequence[Sentence]
    advice: Advice
    posts: int
    left: int


@dataclass(frozen=True)
class _Past:
    """What is known of the days before, aligned with the groups."""

    shares: Floats
    month_ago: Floats
    joined: Floats
    left: Floats
    silent_days: list[int | None]
    is_heard: list[bool]


def verdicts(who: Who, seen: Gathered, belief: Floats, *, last: date, now: datetime) -> list[Verdict]:
    """Return what is said of each group as of the end of a day."""
    marks, past = current_marks(), _past(who, last)
    now_told = told(belief)
    ahead = foreseen(belief, daily_change=daily_change(past.shares), days=AHEAD_DAYS, drift=Drift())
    chance, chance_ahead = chance_below(belief, marks.dead), chance_below(ahead, marks.dead)
    later, members = means(ahead), seen.members[-1]
    rows = {row.pk: row for row in Community.objects.filter(pk__in=who.ids).select_related("group")}
    keys = [rows[key].group.chat_id for key in who.ids]
    posts = posts_of_groups(access=Actor.system(), group_keys=keys, since=now - _FORTNIGHT)
    finds, sights = [], []
    probes = _probes(last)
    for i, key in enumerate(who.ids):
        before = past.month_ago[i]
        finds.append(
            Found(
                members=int(members[i]),
                age_days=(last - who.made_on[i]).days,
                share=float(now_told.share[i]),
                low=float(now_told.low[i]),
                high=float(now_told.high[i]),
                chance_dead=float(chance[i]),
                chance_dead_ahead=float(chance_ahead[i]),
                ahead=float(later[i]),
                before=None if np.isnan(before) else float(before),
                was=rows[key].life if rows[key].judged_on else "",
            )
        )
        packets, answered = probes.get(key, (None, None))
        sights.append(
            Seen(
                silent_days=past.silent_days[i],
                is_heard=past.is_heard[i],
                joined=int(past.joined[i]),
                left=int(past.left[i]),
                posts=posts.get(keys[i], (0, now))[0],
                packets=packets,
                answered=answered,
            )
        )
    lives = [life_of(one, marks) for one in finds]
    advice = _advice(who, rows, finds, sights, lives, last=last, now=now)
    return [
        _verdict(rows[key], keys[i], finds[i], sights[i], lives[i], advice[i], marks, last)
        for i, key in enumerate(who.ids)
    ]


def standings(found: Sequence[Verdict], *, now: datetime) -> dict[str, str]:
    """Return how groups stand for the contact policy, of those that stand otherwise than it knows.

    Dead ones get nothing. Dying ones that lose people while much is posted rest; who rests is left to it for the time of the policy.
    """
    known = standings_since()
    told_now: dict[str, str] = {}
    for one in found:
        standing, since = known.get(one.group_key, ("", now))
        wanted = "alive"
        if one.life == DEAD:
            wanted = "dead"
        elif one.life == DYING and one.advice.code == "rest":
            wanted = "fatigued"
        rests = standing == "fatigued" and now - since < _FORTNIGHT and wanted != "dead"
        if standing != wanted and not rests:
            told_now[one.group_key] = wanted
    return told_now


def _verdict(
    row: Community, key: str, found: Found, seen: Seen, life: str, advice: Advice, marks: Marks, last: date
) -> Verdict:
    is_put_off = row.not_before is not None and row.not_before > last
    return Verdict(
        community_id=row.pk,
        group_key=key,
        members=found.members,
        was=found.was,
        life=life,
        since=row.life_since if row.life_since and row.life == life and found.was else last,
        share=found.share,
        low=found.low,
        high=found.high,
        ahead=found.ahead,
        chance_dead=found.chance_dead,
        trend=None if found.before is None else found.share - found.before,
        reasons=reasons(life=life, found=found, seen=seen, marks=marks),
        advice=Advice(advice.code, advice.detail, 0.0) if is_put_off else advice,
        posts=seen.posts,
        left=seen.left,
    )


def _past(who: Who, last: date) -> _Past:
    """Read the days before, one question for all groups."""
    n, place = len(who.ids), who.place
    shares = np.full((n, _SLOPE_DAYS), np.nan)
    month_ago = np.full(n, np.nan)
    joined, left = np.zeros(n), np.zeros(n)
    silent: list[int | None] = [_MONTH] * n
    heard = [False] * n
    rows = Vitality.objects.filter(day__gt=last - timedelta(days=_MONTH + 1), day__lte=last).order_by()
    columns = (
        "community_id",
        "day",
        "share",
        "low",
        "high",
        "joined",
        "left",
        "ordered",
        "wrote",
        "reacted",
        "clicked",
    )
    for key, day, share, low, high, came, went, *signs in rows.values_list(*columns).iterator(chunk_size=20_000):
        i = place.get(key)
        if i is None:
            continue
        back = (last - day).days
        if back < _SLOPE_DAYS:
            # While a group is being got to know, its share moves for that reason, and tells no course.
            if high - low < _KNOWN_WIDTH:
                shares[i, _SLOPE_DAYS - 1 - back] = share
            joined[i] += came
            left[i] += went
        if back == _MONTH:
            month_ago[i] = share
        heard[i] = heard[i] or any(one is not None for one in signs[1:])
        if any(signs):
            known = silent[i]
            silent[i] = back if known is None else min(known, back)
    shares[(~np.isnan(shares)).sum(axis=1) < _KNOWN_DAYS] = np.nan
    return _Past(
        shares, month_ago, joined, left, [one if one is not None and one >= 7 else None for one in silent], heard
    )


def _probes(last: date) -> dict[int, tuple[tuple[int, int, int] | None, tuple[int, int] | None]]:
    """Return the latest probe by packets and by questions of each group within four weeks."""
    found: dict[int, tuple[tuple[int, int, int] | None, tuple[int, int] | None]] = {}
    rows = Probe.objects.filter(day__gt=last - timedelta(days=_MONTH), day__lte=last).order_by("at", "pk")
    for row in rows:
        packets, answered = found.get(row.community_id, (None, None))
        if row.kind == ProbeKind.RED_PACKET and row.packets is not None:
            taken = row.takers if row.takers is not None else (row.packets if row.were_all_taken else -1)
            packets = (taken, row.packets, row.minutes)
        elif row.takers is not None:
            answered = (row.takers, row.members)
        found[row.community_id] = (packets, answered)
    return found


def _advice(
    who: Who,
    rows: dict[int, Community],
    finds: Sequence[Found],
    sights: Sequence[Seen],
    lives: Sequence[str],
    *,
    last: date,
    now: datetime,
) -> list[Advice]:
    """Return what to do about each group."""
    usual = int(kept_setting(CAPACITY))
    made = dict(Opening.objects.order_by().values_list("follows_id", "opened_id"))
    lately, probed = _lately(last)
    content, parts = best_content(last), parts_of(who.ids, now=now)
    free = [(rows[key].capacity or usual) - finds[i].members for i, key in enumerate(who.ids)]
    hosts = _hosts(who, rows, finds, lives, free)
    advised = []
    for i, key in enumerate(who.ids):
        row = rows[key]
        advised.append(
            advice_for(
                Situation(
                    life=lives[i],
                    members=finds[i].members,
                    share=finds[i].share,
                    width=finds[i].high - finds[i].low,
                    free=free[i],
                    before=finds[i].before,
                    has_opening=key in made,
                    is_awaited=made.get(key, 0) is None,
                    joined=sights[i].joined,
                    has_room_beside=any(one[1] != key for one in hosts.get(_kin(row), ())),
                    posts=sights[i].posts,
                    left=sights[i].left,
                    lately=lately.get(key, ()),
                    probed_days=(last - probed[key]).days if key in probed else None,
                    neighbour=_neighbour(row, finds[i], hosts),
                    content=content,
                    parts=parts.get(key, ()) if row.likeness else (),
                )
            )
        )
    return advised


def _lately(last: date) -> tuple[dict[int, set[str]], dict[int, date]]:
    """Return what was done about groups within ten days, and when each was last asked for a sign of life."""
    done: dict[int, set[str]] = {}
    for key, kind in (
        Deed.objects.filter(day__gt=last - timedelta(days=10)).order_by().values_list("community_id", "kind")
    ):
        done.setdefault(key, set()).add(kind)
    probed: dict[int, date] = {}
    asked = Deed.objects.filter(kind=DeedKind.PROBE), Probe.objects.all()
    for rows in asked:
        for key, day in rows.filter(day__gt=last - timedelta(days=60)).order_by().values_list("community_id", "day"):
            probed[key] = max(day, probed.get(key, day))
    return done, probed


_Host = tuple[float, int, int]


def _hosts(
    who: Who, rows: dict[int, Community], finds: Sequence[Found], lives: Sequence[str], free: Sequence[int]
) -> dict[tuple[int | None, str, tuple[int, ...]], list[_Host]]:
    """Return the living groups with room, by store, purpose and likeness: those with the larger share first."""
    hosts: dict[tuple[int | None, str, tuple[int, ...]], list[_Host]] = {}
    for i, key in enumerate(who.ids):
        if lives[i] == "alive" and free[i] > 0:
            hosts.setdefault(_kin(rows[key]), []).append((-finds[i].share, key, free[i]))
    for some in hosts.values():
        some.sort()
    return hosts


def _neighbour(
    row: Community, found: Found, hosts: dict[tuple[int | None, str, tuple[int, ...]], list[_Host]]
) -> int | None:
    """Return the liveliest similar group with room for those who pay attention; None where there is none."""
    needed = max(round(found.members * found.share), 1)
    same = (one for one in hosts.get(_kin(row), ()) if one[1] != row.pk and one[2] >= needed)
    return next((key for _share, key, _free in same), None)


def _kin(row: Community) -> tuple[int | None, str, tuple[int, ...]]:
    return row.store_id, row.purpose, tuple(sorted(row.likeness))
