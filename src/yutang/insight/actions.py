"""Changes of the room: scoring every customer, and all that follows new orders."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.outbox import record
from yutang.ingest.lake_sync import sync_lake, the_lake
from yutang.insight.areas import prepare_areas
from yutang.insight.events import CustomersScored
from yutang.insight.lake_reading import business_today, horizon, looking_at, open_engine
from yutang.insight.methods.causes import FORMULAS
from yutang.insight.models import ScoringRun
from yutang.insight.queries.bought import channels
from yutang.insight.queries.change import Comparison, sales_change
from yutang.insight.queries.cohorts import cohorts
from yutang.insight.queries.dashboard import dashboard
from yutang.insight.queries.next_things import prepare_next_products
from yutang.insight.queries.rfm import rfm_grid, rfm_movement
from yutang.insight.queries.second_orders import coming_back
from yutang.insight.queries.value import current_models
from yutang.insight.queries.value_spread import value_fifths, value_movers, value_spread
from yutang.insight.rfm import rfm_rules
from yutang.insight.scoring import (
    FAR_AHEAD,
    counts_by_stage,
    counts_by_store,
    day_of_comparison,
    flows_between,
    scored_as_of,
    write_scores,
)
from yutang.insight.today import TodayReport, refresh_today
from yutang.insight.value_actions import bring_values_up_to_date
from yutang.insight.value_models import places_for


@dataclass(frozen=True)
class ScoringReport:
    """What a scoring run did.

    Attributes:
        run_id: key of the run.
        as_of: exclusive day up to which sales were counted.
        customers: customers scored. Count.
        changed: scores that differed from the kept ones. Count.
        stages: ``{stage: customers}``.
    """

    run_id: int
    as_of: date
    customers: int
    changed: int
    stages: dict[str, int]


@dataclass(frozen=True)
class FollowReport:
    """What followed new orders: the version of the lake, the scores, today's list, and the seconds it all took."""

    lake_version: str
    scores: ScoringReport
    today: TodayReport
    seconds: float


def follow_new_orders(*, actor: Actor, now: datetime) -> FollowReport:
    """Bring all that is derived from orders up to date: lake, values, scores, today's list, and the dashboard's first answers.

    Args:
        actor: who asks.
        now: the present instant. Aware UTC.
    """
    started = time.monotonic()
    bring_values_up_to_date(actor=actor, now=now)
    scores = score_customers(actor=actor, now=now)
    today = refresh_today(actor=actor, now=now)
    prepare_answers(actor=actor, now=now)
    return FollowReport(the_lake().snapshot().version, scores, today, time.monotonic() - started)


def prepare_answers(*, actor: Actor, now: datetime) -> None:
    """Compute what owner and area managers look at first: it is kept beside the lake, and the console shows this version from now on."""
    lake = the_lake()
    snapshot, before = lake.snapshot(), lake.prepared(now=now)
    with looking_at(lambda: snapshot):
        day = business_today(now)
        for days in (7, 30, 90, 365):
            shown = dashboard(access=actor, today=day, days=days)
            for formula in FORMULAS[:2]:
                for by in ("store", "channel", "all"):
                    asked = Comparison(shown.period, shown.before, by=by, formula=formula)
                    sales_change(access=actor, today=day, asked=asked)
        cohorts(access=actor, today=day)
        coming_back(access=actor, today=day)
        prepare_next_products(access=actor, today=day, before=before)
        rfm_grid(access=actor, today=day)
        rfm_movement(access=actor, today=day)
        channels(access=actor, today=day)
        value_spread(access=actor)
        value_fifths(access=actor)
        value_movers(access=actor)
        prepare_areas(actor=actor, today=day)
    lake.note_prepared(snapshot)


def score_customers(*, actor: Actor, as_of: date | None = None, now: datetime) -> ScoringReport:
    """Score every customer from the lake and keep the scores; the lake is synced before and after.

    Args:
        actor: who asks.
        as_of: only sales before this day count; None: the day after the last known sale, because silence can be told
            only as far as orders are known.
        now: the present instant. Aware UTC.
    """
    actor.require("insight.view")
    started = time.monotonic()
    sync_lake(now=now)
    with open_engine(the_lake().snapshot()) as engine:
        today = business_today(now)
        known = horizon(engine, today=today)
        day = as_of or (known.known_until or today) + timedelta(days=1)
        since = day_of_comparison(day)
        fit_id, models = current_models()
        places = places_for(engine, models, as_of=day) if models else None
        scored, before = (
            scored_as_of(
                engine,
                as_of=each,
                currency=known.currency,
                rules=rfm_rules(),
                models=models,
                places=places,
                known_before=seen,
            )
            for each, seen in ((day, FAR_AHEAD), (since, since))
        )
        stages = counts_by_stage(scored.rows)
        flows = flows_between(engine, before=before.rows, after=scored.rows)
        changed = write_scores(engine, scored.rows, as_of=day, now=now)
        with transaction.atomic():
            run = ScoringRun.objects.create(
                as_of=day,
                lake_version=engine.snapshot.version,
                currency=known.currency,
                customers=scored.rows.num_rows,
                changed=changed,
                typical_days=scored.pace.typical_days,
                repeat_ratio=scored.pace.repeat_ratio,
                value_fit_id=fit_id,
                started_at=now,
                finished_at=now + timedelta(seconds=time.monotonic() - started),
                stages=stages,
                stages_by_store=counts_by_store(scored.rows),
                flows_since=since,
                flows=flows,
            )
            record(CustomersScored(run_id=run.pk, as_of=day), now=now)
    if changed:
        sync_lake(now=now)
    return ScoringReport(run.pk, day, run.customers, changed, stages)
