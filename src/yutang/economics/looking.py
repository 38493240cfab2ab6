"""A look at a programme: its newcomers as arrays, what they say about its claims, and what the rest of the budget would have lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

import numpy as np
from django.db.models import F, Sum
from django.db.models.functions import Coalesce, Least

from yutang.economics.methods.verdicts import (
    AT_ONCE_HOURS,
    KEPT_DAYS,
    Bounds,
    Newcomers,
    Organic,
    bounds_from,
    cost_per_kept,
    verdict_on,
)
from yutang.economics.models import BEFORE, Entry, EntryKind, Newcomer, Outcome, Programme
from yutang.economics.views import Numbers

AT_ONCE, KEPT_AFTER = timedelta(hours=AT_ONCE_HOURS), timedelta(days=KEPT_DAYS)
#: So many of full age tell how many will stay. Count.
_ENOUGH = 20


def organic_of(programme: Programme) -> Organic | None:
    """Return what became of organic newcomers when the programme was stated; None where it was not known."""
    return None if programme.organic is None else Organic(**programme.organic)


def bounds_of(programme: Programme) -> Bounds:
    """Return what is claimed of a programme."""
    return bounds_from(worth=float(programme.worth_fen), organic=organic_of(programme))


def spent_of(programme: Programme) -> int:
    """Return what a programme has cost from its beginning, what was taken back left out. Fen."""
    total = Entry.objects.filter(programme=programme, kind=EntryKind.COST).aggregate(fen=Sum("amount_fen", default=0))
    return int(total["fen"])


def brought_by(programme: Programme, *, spent_fen: int) -> Numbers:
    """Return how a programme stands that brings nobody: what it cost, and the sales that were noted. Fen."""
    noted = Entry.objects.filter(programme=programme, kind=EntryKind.REVENUE)
    sales = noted.aggregate(fen=Sum("amount_fen", default=0))["fen"]
    return Numbers(cost_fen=spent_fen, revenue_fen=int(sales))


def seen(programme: Programme, *, spent_fen: int, now: datetime) -> tuple[Numbers, str, float]:
    """Return how a programme stands, the claim that its newcomers refute (empty: none), and the share of them that is foreseen to stay.

    Args:
        programme: which.
        spent_fen: what it has cost from its beginning. Fen.
        now: aware UTC.
    """
    if not programme.brings_newcomers:
        return brought_by(programme, spent_fen=spent_fen), "", 1.0
    rows = Newcomer.objects.filter(programme=programme, joined_at__gte=programme.watched_from, joined_at__lte=now)
    first = Coalesce(Least("first_sale_at", "first_order_at"), "first_sale_at", "first_order_at")
    rows = rows.annotate(brought_fen=F("revenue_fen") + F("sales_fen"), bought_at=first)
    columns = ("cost_fen", "brought_fen", "outcome", "joined_at", "decided_at", "bought_at")
    found = list(rows.order_by("joined_at", "id").values_list(*columns))
    overhead = _overhead(programme, spent_fen)
    newcomers = _arrays(found, overhead, now)
    verdict = verdict_on(newcomers, bounds_of(programme))
    kept, left = int(newcomers.is_kept.sum()), int(newcomers.is_gone.sum())
    cost = float(newcomers.cost.sum())
    (ends,) = cost_per_kept(cost=[cost], kept=[kept], open_=[len(found) - kept - left], n=[len(found)])
    numbers = Numbers(
        newcomers=len(found),
        kept=kept,
        left=left,
        left_at_once=int(newcomers.left_at_once.sum()),
        ordered=sum(row[5] is not None and row[5] - row[3] <= KEPT_AFTER for row in found),
        cost_fen=round(cost),
        revenue_fen=sum(row[1] for row in found),
        worth_fen=programme.worth_fen,
        low_fen=round(ends.low) if found else None,
        high_fen=round(ends.high) if found and isfinite(ends.high) else None,
        evidence={name: round(value, 4) for name, value in verdict.evidence.items()},
    )
    return numbers, verdict.refuted, _foreseen_share(numbers, found, organic_of(programme), now)


def would_be_lost(numbers: Numbers, *, left_fen: int, share_kept: float) -> int:
    """Return what the rest of a budget would have lost if the newcomers to come cost and stayed like those so far. Fen.

    Args:
        numbers: how the programme stands.
        left_fen: rest of the budget. Fen.
        share_kept: of the newcomers, foreseen. 0-1.
    """
    if not numbers.newcomers or numbers.cost_fen <= 0:
        return 0
    each = numbers.cost_fen / numbers.newcomers
    return max(round(left_fen * (1 - numbers.worth_fen * share_kept / each)), 0)


def as_json(numbers: Numbers) -> dict[str, Any]:
    """Return the numbers of a look as they are kept."""
    return {**vars(numbers), "evidence": dict(numbers.evidence or {})}


def from_json(kept: Mapping[str, Any]) -> Numbers:
    """Return the numbers that were kept."""
    return Numbers(**kept)


def _overhead(programme: Programme, spent_fen: int) -> float:
    """Return the part that each newcomer bears of the costs that are nobody's in particular, spread over all who are planned. Fen."""
    every = Newcomer.objects.filter(programme=programme).order_by()
    own = int(every.aggregate(fen=Sum("cost_fen", default=0))["fen"])
    # Who came before bears a part too, though nobody counts them here; what they cost themselves is theirs alone.
    before = Entry.objects.filter(programme=programme, kind=EntryKind.COST, key__startswith=BEFORE)
    own += int(before.aggregate(fen=Sum("amount_fen", default=0))["fen"])
    came = every.count() + programme.came_before
    planned = max(programme.budget_fen // programme.unit_cost_fen, came, 1)
    return max(spent_fen - own, 0) / planned


def _arrays(found: list[tuple[Any, ...]], overhead: float, now: datetime) -> Newcomers:
    outcomes = np.array([row[2] for row in found], dtype=object)
    at_once = [row[2] == Outcome.LEFT and row[4] - row[3] <= AT_ONCE for row in found]
    may_order = [
        row[5] - row[3] <= KEPT_AFTER if row[5] is not None else row[2] != Outcome.LEFT and now - row[3] <= KEPT_AFTER
        for row in found
    ]
    return Newcomers(
        age=np.array([(now - row[3]).total_seconds() / 3600 for row in found], dtype=np.float64),
        cost=np.array([row[0] for row in found], dtype=np.float64) + overhead,
        is_gone=np.asarray(outcomes == Outcome.LEFT, dtype=np.bool_),
        is_kept=np.asarray(outcomes == Outcome.KEPT, dtype=np.bool_),
        left_at_once=np.array(at_once, dtype=np.bool_),
        may_order_early=np.array(may_order, dtype=np.bool_),
    )


def _foreseen_share(numbers: Numbers, found: list[tuple[Any, ...]], organic: Organic | None, now: datetime) -> float:
    """Return the share of newcomers that is foreseen to stay: as of those of full age, else by who left at once and the organic ones."""
    if not numbers.newcomers:
        return 1.0
    aged = [row[2] for row in found if now - row[3] > KEPT_AFTER and row[2] != Outcome.OPEN]
    if len(aged) >= _ENOUGH:
        return float(sum(one == Outcome.KEPT for one in aged) / len(aged))
    # Of those who came a day ago it is known who left at once; the newest will do like them, the others like the organic ones.
    older = [row for row in found if now - row[3] > AT_ONCE] or found
    at_once = sum(row[2] == Outcome.LEFT and row[4] - row[3] <= AT_ONCE for row in older) / len(older)
    stayed_a_day = organic.newcomers - organic.left_at_once if organic else 0
    return float((1 - at_once) * (organic.kept / stayed_a_day if organic and stayed_a_day else 1.0))
