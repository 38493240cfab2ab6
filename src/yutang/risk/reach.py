"""Which decisions are within an actor's reach: those at their stores, and those about people of their stores."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from yutang.foundation.access import Actor
from yutang.risk.models import Decision
from yutang.risk.refusals import NoSuchDecision


def decisions_within(access: Actor) -> QuerySet[Decision]:
    """Return the decisions within reach."""
    rows = Decision.objects.all()
    if access.store_ids is None:
        return rows
    return rows.filter(Q(store_id__in=access.store_ids) | Q(customer__store_id__in=access.store_ids))


def decision_within(access: Actor, decision_id: int) -> Decision:
    """Return one decision.

    Raises:
        NoSuchDecision: there is none within reach.
    """
    row = decisions_within(access).filter(pk=decision_id).first()
    if row is None:
        raise NoSuchDecision(decision=decision_id)
    return row
