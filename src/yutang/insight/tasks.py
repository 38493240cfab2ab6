"""Tasks of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import sync_lake
from yutang.insight import actions
from yutang.insight.rule_tags import refresh_rule_tags
from yutang.insight.today import refresh_today
from yutang.kit.text import N_, Sentence


@jobs.task()
def follow_orders(context: jobs.JobContext) -> dict[str, Any]:
    """Bring the lake, the scores, tags by rule, today's list and the dashboard's first answers up to date."""
    actor = Actor.system()
    context.progress(0, 4, Sentence(N_("Bringing the lake up to date")))
    sync_lake(now=context.now())
    context.check_cancelled()
    context.progress(1, 4, Sentence(N_("Scoring the customers")))
    scores = actions.score_customers(actor=actor, now=context.now())
    refresh_rule_tags(actor=actor, now=context.now())
    context.progress(2, 4, Sentence(N_("Making today's list")))
    today = refresh_today(actor=actor, now=context.now())
    context.progress(3, 4, Sentence(N_("Preparing the dashboard")))
    actions.prepare_answers(actor=actor, now=context.now())
    context.progress(4, 4)
    return {
        "customers": scores.customers,
        "changed": scores.changed,
        "proposed": today.proposed,
        "lapsed": today.lapsed,
    }


@jobs.task()
def give_rule_tags(context: jobs.JobContext) -> dict[str, int]:
    """Give and take the tags by rule after somebody changed a rule; the scores stay as they are."""
    return refresh_rule_tags(actor=Actor.system(), now=context.now())
