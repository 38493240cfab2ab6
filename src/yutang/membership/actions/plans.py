"""What may be topped up, and what is given on top."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.membership.actions.ledger import LARGEST_MINOR
from yutang.membership.models import Plan
from yutang.membership.refusals import PlanIsWrong

_MOST_PLANS = 12


@transaction.atomic
def change_plans(*, actor: Actor, plans: Sequence[tuple[int, int]], currency: str = "CNY", now: datetime) -> None:
    """Say what may be topped up from now on; what is not named any more is closed.

    Args:
        actor: needs ``membership.change``.
        plans: (principal, bonus) in minor units; at most 12.
        currency: ISO 4217.
        now: when. Aware UTC.

    Raises:
        PlanIsWrong: an amount cannot be this, or stands there twice.
    """
    actor.require("membership.change")
    amounts = [principal for principal, _bonus in plans]
    fits = len(plans) <= _MOST_PLANS and len(set(amounts)) == len(amounts)
    if not fits or any(not 0 <= bonus <= principal <= LARGEST_MINOR or not principal for principal, bonus in plans):
        raise PlanIsWrong
    Plan.objects.filter(currency=currency).exclude(principal_minor__in=amounts).update(is_open=False, changed_at=now)
    Plan.objects.bulk_create(
        [
            Plan(principal_minor=principal, bonus_minor=bonus, currency=currency, is_open=True, changed_at=now)
            for principal, bonus in plans
        ],
        update_conflicts=True,
        unique_fields=["principal_minor", "currency"],
        update_fields=["bonus_minor", "is_open", "changed_at"],
    )
    audit(actor=actor, action="membership.plans", detail={"plans": len(plans)}, now=now)
