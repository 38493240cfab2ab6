"""What came of what was done: each deed against similar groups that were left alone, and which content woke groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Q
from django.utils import timezone

from yutang.channels.queries import sent_to_groups
from yutang.communities.methods.belief import Floats
from yutang.communities.methods.effect import LEAST, Effect, effect_of, similar
from yutang.communities.models import Deed, DeedKind, Life, Vitality
from yutang.communities.registering import living
from yutang.foundation import bulk
from yutang.foundation.access import Actor

#: What comes of a deed is looked at after so many days; nothing else may have been done meanwhile.
AFTER_DAYS = 14
_LATE_DAYS = 10
#: Of a deed that was not compared so many days later, nothing comes any more. Days.
TOLD_WITHIN = AFTER_DAYS + _LATE_DAYS
#: Content that was tried at least so often can be told to wake groups.
_TRIED = 3
_YEAR = timedelta(days=365)
_COLUMNS = ("before", "after", "others_change", "others")


def note_posts(*, last: date) -> int:
    """Write down posts of a day as what they were meant for, each once, and return how many.

    To groups that were quiet or dying they are tries to revive them, to forming ones of which a sign was wanted the question for it.
    """
    begin = timezone.make_aware(datetime.combine(last, datetime.min.time()))
    sent = sent_to_groups(access=Actor.system(), since=begin, until=begin + timedelta(days=1))
    if not sent:
        return 0
    meant = living().filter(group__chat_id__in=[group for _k, group, _c, _at in sent])
    meant = meant.filter(Q(life__in=(Life.QUIET, Life.DYING)) | Q(life=Life.FORMING, advice="probe"))
    rows = {row.group.chat_id: row for row in meant.select_related("group")}
    noted = Deed.objects.filter(day=last, kind__in=(DeedKind.REVIVE, DeedKind.PROBE)).order_by()
    known = set(noted.values_list("community_id", flat=True))
    made = {}
    for _key, group, content, at in sent:
        row = rows.get(group)
        if row is not None and row.pk not in known:
            made[row.pk] = Deed(
                community=row,
                kind=DeedKind.PROBE if row.life == Life.FORMING else DeedKind.REVIVE,
                day=last,
                at=at,
                detail={"content": content},
                life=row.life,
                before=row.share,
            )
    Deed.objects.bulk_create(list(made.values()), batch_size=500)
    return len(made)


def follow_deeds(*, last: date) -> int:
    """Compare deeds of two weeks ago, and return how many could be compared.

    Args:
        last: the last day that was looked at.
    """
    due = Deed.objects.filter(
        after=None, day__gte=last - timedelta(days=TOLD_WITHIN), day__lte=last - timedelta(days=AFTER_DAYS)
    ).exclude(kind__in=(DeedKind.MERGE, DeedKind.CLOSE))
    by_day: dict[date, list[Deed]] = {}
    for deed in due.order_by("pk"):
        by_day.setdefault(deed.day, []).append(deed)
    rows = [row for day, deeds in sorted(by_day.items()) for row in _compared(day, deeds)]
    bulk.update_rows("communities_deed", _COLUMNS, rows)
    return len(rows)


def effects(*, last: date) -> dict[str, Effect]:
    """Return what deeds of each kind brought within a year."""
    rows = Deed.objects.filter(after__isnull=False, others__gte=LEAST, day__gt=last - _YEAR).order_by("pk")
    found: dict[str, list[tuple[float, float]]] = {}
    for kind, before, after, others in rows.values_list("kind", "before", "after", "others_change"):
        if before is not None and after is not None and others is not None:
            found.setdefault(kind, []).append((after - before, others))
    return {kind: effect_of(*_columns(pairs)) for kind, pairs in found.items()}


def best_content(last: date) -> str:
    """Return which content woke groups best, of those that were tried often enough; empty where none raised the share."""
    rows = Deed.objects.filter(kind=DeedKind.REVIVE, after__isnull=False, others__gte=LEAST, day__gt=last - _YEAR)
    gained: dict[str, list[float]] = {}
    for detail, before, after, others in rows.order_by("pk").values_list("detail", "before", "after", "others_change"):
        if detail.get("content") and before is not None and after is not None and others is not None:
            gained.setdefault(detail["content"], []).append(after - before - others)
    # Few trials are drawn towards nothing, as if each content had been tried three times without any effect.
    scored = {content: sum(some) / (len(some) + _TRIED) for content, some in gained.items() if len(some) >= _TRIED}
    best = max(scored, key=lambda one: (scored[one], one), default="")
    return best if best and scored[best] > 0 else ""


def _compared(day: date, deeds: Sequence[Deed]) -> list[tuple[float, float, float | None, int, int]]:
    """Return before, after, change of the others, how many those are, and the key, of each deed of one day."""
    begin, end = day - timedelta(days=1), day + timedelta(days=AFTER_DAYS)
    then = {row.community_id: row for row in Vitality.objects.filter(day=begin).defer("belief")}
    now = dict(Vitality.objects.filter(day=end).values_list("community_id", "share"))
    busy = set(
        Deed.objects.filter(day__gte=begin - timedelta(days=AFTER_DAYS), day__lte=end)
        .order_by()
        .values_list("community_id", flat=True)
    )
    alone = [key for key in sorted(then) if key in now and key not in busy]
    shares = np.array([then[key].share for key in alone])
    changes = np.array([now[key] for key in alone]) - shares
    sizes = np.array([float(then[key].members) for key in alone])
    found = []
    for deed in deeds:
        if deed.community_id not in then or deed.community_id not in now:
            continue
        mine = then[deed.community_id]
        same = np.array([_band(one) for one in shares])
        near = similar(
            share=mine.share, members=mine.members, lives=same, life=_band(mine.share), shares=shares, sizes=sizes
        )
        change = float(changes[near].mean()) if len(near) >= LEAST else None
        found.append((mine.share, float(now[deed.community_id]), change, len(near), deed.pk))
    return found


def _band(share: float) -> str:
    """Return in which tenth a share lies roughly: similar groups are of about the same liveliness."""
    return "low" if share < 1 / 3 else "middle" if share < 1 / 2 else "high"


def _columns(pairs: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    return np.array([one for one, _other in pairs]), np.array([other for _one, other in pairs])
