"""Tags by rule: after each scoring exactly the people of whom a tag's rule holds carry it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from yutang.customers.actions import assign_rule_tag
from yutang.customers.queries import tag_choices
from yutang.foundation.access import Actor
from yutang.insight.models import Score, ScoringRun

_Term = Callable[[Any, date], Q]

#: (field, comparison) of a rule → what it asks of a score; the day is the run's, exclusive.
_TERMS: dict[tuple[str, str], _Term] = {
    ("stage", "in"): lambda value, day: Q(stage__in=value),
    ("spend_minor", "at_least"): lambda value, day: Q(spend_minor__gte=value),
    ("spend_minor", "at_most"): lambda value, day: Q(spend_minor__lte=value),
    ("orders", "at_least"): lambda value, day: Q(orders__gte=value),
    ("orders", "at_most"): lambda value, day: Q(orders__lte=value),
    ("days_since_last_order", "at_least"): lambda value, day: Q(last_order_date__lte=day - timedelta(days=value)),
    ("days_since_last_order", "at_most"): lambda value, day: Q(last_order_date__gte=day - timedelta(days=value)),
}


def refresh_rule_tags(*, actor: Actor, now: datetime) -> dict[str, int]:
    """Give and take the tags that have a rule, and return how many were given and lost.

    Nothing is given before the first scoring.

    Args:
        actor: needs ``customers.tag``.
        now: the present instant. Aware UTC.
    """
    counts = {"given": 0, "lost": 0}
    run = ScoringRun.objects.first()
    if run is None:
        return counts
    for tag in tag_choices():
        if tag.rule is None:
            continue
        people = list(Score.objects.filter(_asked(tag.rule, run.as_of)).values_list("customer_id", flat=True))
        given, lost = assign_rule_tag(actor=actor, tag_id=tag.id, customer_ids=people, now=now)
        counts["given"] += given
        counts["lost"] += lost
    return counts


def _asked(rule: dict[str, Any], day: date) -> Q:
    """Return all conditions of a rule as one; the rule was checked when it was kept."""
    whole = Q()
    for condition in rule["all"]:
        whole &= _TERMS[condition["field"], condition["is"]](condition["value"], day)
    return whole
