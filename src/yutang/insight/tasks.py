"""Tasks of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import sync_lake
from yutang.insight import actions
from yutang.insight.rule_tags import refresh_rule_tags
from yutang.insight.today import refresh_today
from yutang.insight.value_actions import bring_values_up_to_date, check_values, fit_values
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence


@jobs.task()
def follow_orders(context: jobs.JobContext) -> dict[str, Any]:
    """Bring the lake, values, scores, tags by rule, today's list and the dashboard's first answers up to date."""
    actor = Actor.system()
    context.progress(0, 5, Sentence(N_("Bringing the lake up to date")))
    sync_lake(now=context.now())
    context.check_cancelled()
    context.progress(1, 5, Sentence(N_("Valuing the customers")))
    values = bring_values_up_to_date(actor=actor, now=context.now())
    context.check_cancelled()
    context.progress(2, 5, Sentence(N_("Scoring the customers")))
    scores = actions.score_customers(actor=actor, now=context.now())
    refresh_rule_tags(actor=actor, now=context.now())
    context.progress(3, 5, Sentence(N_("Making today's list")))
    today = refresh_today(actor=actor, now=context.now())
    context.progress(4, 5, Sentence(N_("Preparing the dashboard")))
    actions.prepare_answers(actor=actor, now=context.now())
    context.progress(5, 5)
    return {
        "customers": scores.customers,
        "valued": values.customers if values else 0,
        "changed": scores.changed,
        "proposed": today.proposed,
        "lapsed": today.lapsed,
    }


@jobs.task()
def refit_values(context: jobs.JobContext) -> dict[str, Any]:
    """Fit the models of customer value anew and check them; where the orders cannot carry them, that is kept and told."""
    try:
        report = fit_values(actor=Actor.system(), now=context.now())
    except DomainError as refusal:
        return {"refused": refusal.code}
    context.check_cancelled()
    checked = check_values(actor=Actor.system(), now=context.now())
    own = sum(bool(group["fits"]) for group in report.choice["groups"])
    return {
        "customers": report.customers,
        "repeaters": report.repeaters,
        "groups": own,
        "checked": checked is not None,
    }


@jobs.task()
def give_rule_tags(context: jobs.JobContext) -> dict[str, int]:
    """Give and take the tags by rule after somebody changed a rule; the scores stay as they are."""
    return refresh_rule_tags(actor=Actor.system(), now=context.now())
