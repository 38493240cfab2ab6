"""Today's list, made anew: what no longer holds goes, what is worth most comes, up to what people can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import the_lake
from yutang.insight.lake_reading import open_engine
from yutang.insight.proposals.kinds import IDENTITY_REVIEW
from yutang.insight.proposals.results import results_now
from yutang.insight.proposals.reviews import review_drafts, reviews_that_hold
from yutang.insight.proposals.shortlist import best_drafts, keys_that_hold, reasons_now
from yutang.insight.queries.scores import ScoringRunView, latest_run
from yutang.worklist.actions import Draft, keep_results, lapse, propose, wake
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
    lapsed += lapse(actor=actor, kind=IDENTITY_REVIEW.code, holding=reviews_that_hold(), now=now)
    drafts: list[Draft] = [*problems]
    if run is not None:
        drafts += review_drafts(currency=run.currency)
        lapsed += _lapse_and_draft(drafts, run, actor=actor, now=now)
    woken = wake(actor=actor, now=now)
    report = propose(actor=actor, drafts=drafts, now=now)
    return TodayReport(run.as_of if run else None, report.proposed, lapsed, woken, report.beyond)


def _lapse_and_draft(drafts: list[Draft], run: ScoringRunView, *, actor: Actor, now: datetime) -> int:
    """Let lapse what no longer holds of customers and return how many; add to the drafts what is worth proposing."""
    with open_engine(the_lake().snapshot()) as engine:
        keep_results(actor=actor, results=results_now(engine, run=run), now=now)
        reasons = reasons_now(engine, run=run, now=now)
        lapsed = sum(
            lapse(actor=actor, kind=kind, holding=keys_that_hold(reasons, kind=kind), now=now) for kind in reasons
        )
        drafts += best_drafts(engine, reasons, run=run, now=now)
    return lapsed
