"""Scores of customers with their reasons, lists by score, and how people moved between stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np
from django.db.models import Count, QuerySet

from yutang.foundation.access import Actor
from yutang.foundation.bulk import fetch
from yutang.foundation.replica import fetch_report
from yutang.insight.methods.stages import STAGES, chances_of, stage_reason
from yutang.insight.models import Score, ScoringRun
from yutang.insight.queries.dashboard import stores_within
from yutang.insight.queries.value import model_groups_of
from yutang.insight.value_models import ValueModels, value_models_of
from yutang.kit.text import Sentence

SortBy = Literal["spend", "last_order"]

#: SQLite joins 500 lists in one statement at most.
_LISTS_AT_ONCE = 350


@dataclass(frozen=True)
class Scorecard:
    """What the orders say about one customer.

    Attributes:
        as_of: exclusive day up to which sales were counted.
        currency: of the spend.
        orders: sales. Count.
        order_days: distinct days with a sale. Count.
        spend_minor: net of refunds. Minor units.
        recency_days: days since the last sale; None without one.
        rhythm_days: median days between order days; None below two.
        r: grade of recency, 5 is the most recent; None without a sale; `f` and `m` likewise.
        stage: name of the stage, one of `models.Stage`.
        reason: why this stage, with the customer's own numbers.
        p_alive: chance to be a customer still, 0-1; None where no model is fitted, and below two order days, where the model
            knows of nobody who stops.
    """

    customer_id: int
    store_id: int | None
    as_of: date
    currency: str
    orders: int
    order_days: int
    spend_minor: int
    first_order_date: date | None
    last_order_date: date | None
    recency_days: int | None
    rhythm_days: int | None
    r: int | None
    f: int | None
    m: int | None
    stage: str
    reason: Sentence
    p_alive: float | None = None


@dataclass(frozen=True)
class ScoredPage:
    """One page of customers by score; ask for the next one with `next_key`, None on the last."""

    scores: tuple[Scorecard, ...]
    next_key: str | None


@dataclass(frozen=True)
class ScoringRunView:
    """A scoring run as others see it; `models` told the stages, None where the rules of thumb did."""

    as_of: date
    currency: str
    customers: int
    changed: int
    typical_days: int
    repeat_ratio: float | None
    started_at: datetime
    finished_at: datetime
    lake_version: str
    models: ValueModels | None = None


@dataclass(frozen=True)
class StageFlow:
    """How customers moved between stages from one day to another.

    Attributes:
        since: exclusive day of the first stages.
        as_of: exclusive day of the second.
        counts: ``{stage: customers}`` at the second.
        flows: ``(from stage, to stage, customers)``; the first is empty for who was not known before.
    """

    since: date
    as_of: date
    counts: Mapping[str, int]
    flows: tuple[tuple[str, str, int], ...]


def latest_run() -> ScoringRunView | None:
    """Return the last scoring run; None before the first."""
    run = ScoringRun.objects.select_related("value_fit").order_by("-id").first()
    if run is None:
        return None
    return ScoringRunView(
        as_of=run.as_of,
        currency=run.currency,
        customers=run.customers,
        changed=run.changed,
        typical_days=run.typical_days,
        repeat_ratio=run.repeat_ratio,
        started_at=run.started_at,
        finished_at=run.finished_at,
        lake_version=run.lake_version,
        models=value_models_of(run.value_fit.fits, run.value_fit.choice) if run.value_fit else None,
    )


def score_of(*, access: Actor, customer_id: int) -> Scorecard | None:
    """Return one customer's score; None where the customer was not scored yet or is out of reach."""
    return scores_for(access=access, customer_ids=[customer_id]).get(customer_id)


def scores_for(*, access: Actor, customer_ids: Iterable[int]) -> dict[int, Scorecard]:
    """Return the scores of a screenful of customers by id; who was not scored or is out of reach is missing."""
    run = latest_run()
    if run is None:
        return {}
    rows = _reachable(access, None).filter(customer_id__in=list(customer_ids))
    return {card.customer_id: card for card in _scorecards(list(rows), run)}


def scored_customers(
    *,
    access: Actor,
    stage: str | None = None,
    store_ids: Iterable[int] | None = None,
    spend_from_minor: int | None = None,
    spend_below_minor: int | None = None,
    sort: SortBy = "spend",
    after: str | None = None,
    limit: int = 50,
) -> ScoredPage:
    """Return customers by spend or by last order, highest first, page by page by key; of equals the newest customer first.

    Args:
        access: who looks; customers of stores out of reach are left out.
        stage: only this one.
        store_ids: only customers of these stores.
        spend_from_minor: only from this spend on. Minor units.
        spend_below_minor: only below this spend. Minor units.
        sort: by spend, or by last order (only who has one).
        after: `next_key` of the page before.
        limit: how many. Count.
    """
    run = latest_run()
    if run is None:
        return ScoredPage((), None)
    stores = stores_within(access, store_ids)
    lists = _lists(stage, stores)
    range_ = _Range(sort, spend_from_minor, spend_below_minor, after)
    found: list[tuple[Any, int]] = []
    for start in range(0, len(lists), _LISTS_AT_ONCE):
        found += _highest(lists[start : start + _LISTS_AT_ONCE], range_, limit + 1)
    found = sorted(found, reverse=True)[: limit + 1]
    rows = Score.objects.in_bulk([customer for _, customer in found[:limit]])
    page = [rows[customer] for _, customer in found[:limit] if customer in rows]
    next_key = "~".join(map(str, found[limit - 1])) if len(found) > limit else None
    return ScoredPage(_scorecards(page, run), next_key)


def highest_scored() -> int:
    """Return the highest key of a customer who has a score; 0 where nobody has."""
    return int(fetch("SELECT COALESCE(MAX(customer_id), 0) FROM insight_score")[0][0])


def customers_in_stage(*, customer_ids: Iterable[int], stage: str) -> list[int]:
    """Return those of the customers who stand in a stage, in the order in which they came."""
    ids = list(customer_ids)
    if not ids:
        return []
    # The stage is compared here: asked for it, SQLite would read everybody of the stage instead of these people.
    places = ", ".join(["%s"] * len(ids))
    stages = dict(fetch_report(f"SELECT customer_id, stage FROM insight_score WHERE customer_id IN ({places})", ids))  # noqa: S608
    return [one for one in ids if stages.get(one) == stage]


def stage_counts(*, access: Actor, store_ids: Iterable[int] | None = None) -> dict[str, int]:
    """Return how many customers stand in each stage; stages without anybody are 0. Counted when they were scored."""
    run = ScoringRun.objects.order_by("-id").only("stages", "stages_by_store").first()
    if run is None:
        return dict.fromkeys(STAGES, 0)
    stores = stores_within(access, store_ids)
    if stores is None:
        return {stage: run.stages.get(stage, 0) for stage in STAGES}
    if run.stages_by_store is not None:
        counted = [run.stages_by_store.get(str(store), {}) for store in stores]
        return {stage: sum(each.get(stage, 0) for each in counted) for stage in STAGES}
    # The run is of a version that did not count by store.
    rows = _reachable(access, store_ids).order_by().values_list("stage").annotate(Count("customer_id"))
    return {**dict.fromkeys(STAGES, 0), **dict(rows)}


def stage_counts_by_store(*, access: Actor) -> dict[int, dict[str, int]]:
    """Return ``{store: {stage: customers}}`` of the stores within reach that have customers, as they were scored last."""
    access.require("insight.view")
    run = ScoringRun.objects.order_by("-id").only("stages_by_store").first()
    kept = (run.stages_by_store or {}) if run else {}
    found = {int(store): stages for store, stages in kept.items() if store}
    return {store: stages for store, stages in found.items() if access.reaches(store)}


def stage_flow(*, access: Actor) -> StageFlow | None:
    """Return how all customers of the chain moved over the last 30 days; None before the first scoring run."""
    access.require("insight.view")
    run = ScoringRun.objects.order_by("-id").first()
    if run is None:
        return None
    counts = {stage: run.stages.get(stage, 0) for stage in STAGES}
    flows = tuple((begun, ended, customers) for begun, ended, customers in run.flows)
    return StageFlow(run.flows_since, run.as_of, counts, flows)


def _reachable(access: Actor, store_ids: Iterable[int] | None) -> QuerySet[Score]:
    stores = stores_within(access, store_ids)
    return Score.objects.all() if stores is None else Score.objects.filter(store_id__in=stores)


@dataclass(frozen=True)
class _Range:
    """What part of the lists is asked for, highest first; equal values by customer, so that no page overlaps."""

    sort: SortBy
    spend_from_minor: int | None
    spend_below_minor: int | None
    after: str | None

    @property
    def column(self) -> str:
        return "spend_minor" if self.sort == "spend" else "last_order_date"

    def conditions(self) -> tuple[list[str], list[Any]]:
        """Return SQL conditions and their values, which the index of the column serves."""
        told: list[tuple[str, Any]] = [
            ("spend_minor >= %s", self.spend_from_minor),
            ("spend_minor < %s", self.spend_below_minor),
        ]
        told = [(condition, value) for condition, value in told if value is not None]
        conditions, values = [condition for condition, _ in told], [value for _, value in told]
        if self.sort == "last_order":
            conditions.append("last_order_date IS NOT NULL")
        edge = self._edge()
        if edge is not None:
            conditions.append(f"({self.column}, customer_id) < (%s, %s)")
            values += edge
        return conditions, values

    def _edge(self) -> tuple[int | str, int] | None:
        """Return the value and the customer behind which the page begins; a key that is none begins at the top."""
        value, _, customer = (self.after or "").partition("~")
        try:
            return int(value) if self.sort == "spend" else date.fromisoformat(value).isoformat(), int(customer)
        except ValueError:
            return None


def _lists(stage: str | None, stores: list[int] | None) -> list[tuple[str, int | None]]:
    """Return (stage, store) of every list that the index keeps in order and that belongs to what is asked."""
    stages = STAGES if stage is None else (stage,)
    places: Sequence[int | None] = (None,) if stores is None else stores
    return [(each, store) for store in places for each in stages]


def _highest(lists: Sequence[tuple[str, int | None]], range_: _Range, limit: int) -> list[tuple[Any, int]]:
    """Return (value, customer) of the highest of several lists: each is read only as far as needed, in one statement."""
    conditions, values = range_.conditions()
    parts: list[str] = []
    parameters: list[Any] = []
    for stage, store in lists:
        where = ["stage = %s", *(["store_id = %s"] if store is not None else []), *conditions]
        parts.append(
            f"SELECT * FROM (SELECT {range_.column} AS value, customer_id FROM insight_score "  # noqa: S608
            f"WHERE {' AND '.join(where)} ORDER BY {range_.column} DESC, customer_id DESC LIMIT %s) AS part{len(parts)}"
        )
        parameters += [stage, *([store] if store is not None else []), *values, limit]
    return fetch_report(f"{' UNION ALL '.join(parts)} ORDER BY 1 DESC, 2 DESC LIMIT %s", [*parameters, limit])


def _scorecards(rows: Sequence[Score], run: ScoringRunView) -> tuple[Scorecard, ...]:
    has_own = run.models is not None and run.models.own
    groups = model_groups_of(row.customer_id for row in rows) if has_own else {}
    return tuple(_scorecard(row, run, groups.get(row.customer_id, "")) for row in rows)


def _scorecard(row: Score, run: ScoringRunView, group: str) -> Scorecard:
    recency = (run.as_of - timedelta(days=1) - row.last_order_date).days if row.last_order_date else None
    alive, window = _chances(row, recency, run, group)
    return Scorecard(
        customer_id=row.customer_id,
        store_id=row.store_id,
        as_of=run.as_of,
        currency=run.currency,
        orders=row.orders,
        order_days=row.order_days,
        spend_minor=row.spend_minor,
        first_order_date=row.first_order_date,
        last_order_date=row.last_order_date,
        recency_days=recency,
        rhythm_days=row.rhythm_days,
        r=row.r,
        f=row.f,
        m=row.m,
        stage=row.stage,
        reason=stage_reason(
            stage=row.stage,
            order_days=row.order_days,
            recency_days=recency,
            rhythm_days=row.rhythm_days,
            last_order_date=row.last_order_date,
            typical_days=run.typical_days,
            alive=alive,
            window_days=window,
        ),
        p_alive=alive,
    )


def _chances(row: Score, recency: int | None, run: ScoringRunView, group: str) -> tuple[float | None, float | None]:
    """Return the chance to be a customer still and the end of the window of the next order in days after the last."""
    if run.models is None or recency is None or row.order_days < 2:
        return None, None
    active = (row.last_order_date - row.first_order_date).days if row.last_order_date and row.first_order_date else 0
    found = chances_of(
        model=run.models.of(group).orders,
        order_days=np.array([row.order_days]),
        recency_days=np.array([recency]),
        active_days=np.array([active]),
    )
    return float(found.alive[0]), float(found.window_days[0])
