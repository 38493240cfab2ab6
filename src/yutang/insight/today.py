"""Today's list, made anew: what no longer holds goes, what is worth most comes, up to what people can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import the_lake
from yutang.insight.lake_reading import open_engine
from yutang.insight.proposals import (
    FIRST_ORDER,
    SILENT,
    first_order_drafts,
    first_orders_that_hold,
    silences_that_hold,
    silent_drafts,
)
from yutang.insight.queries.scores import latest_run
from yutang.worklist.actions import Draft, lapse, propose, wake
from yutang.worklist.import_problems import IMPORT_PROBLEMS, import_problem_drafts


@dataclass(frozen=True)
class TodayReport:
    """What a refresh of today's list did.

    Attributes:
        as_of: exclusive day of the scores it stands on; None before the first scoring run.
        proposed: new proposals. Count.
        lapsed: proposals whose reason has gone. Count.
        woken: proposals whose snooze has ended. Count.
        beyond: good reasons that nobody has time for today. Count.
    """

    as_of: date | None
    proposed: int
    lapsed: int
    woken: int
    beyond: int


def refresh_today(*, actor: Actor, now: datetime) -> TodayReport:
    """Bring today's list up to date with the latest scores and imports.

    Args:
        actor: who asks; the system as a rule.
        now: aware UTC.
    """
    run = latest_run()
    problems = import_problem_drafts()
    lapsed = lapse(actor=actor, kind=IMPORT_PROBLEMS.code, holding={draft.dedupe_key for draft in problems}, now=now)
    drafts: list[Draft] = [*problems]
    if run is not None:
        lapsed += lapse(actor=actor, kind=FIRST_ORDER.code, holding=first_orders_that_hold(run=run), now=now)
        lapsed += lapse(actor=actor, kind=SILENT.code, holding=silences_that_hold(run=run), now=now)
        with open_engine(the_lake().snapshot()) as engine:
            drafts += first_order_drafts(engine, run=run)
            drafts += silent_drafts(engine, run=run)
    woken = wake(actor=actor, now=now)
    report = propose(actor=actor, drafts=drafts, now=now)
    return TodayReport(run.as_of if run else None, report.proposed, lapsed, woken, report.beyond)
