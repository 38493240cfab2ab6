"""What was paid for a code."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from yutang.codes.coming import touch_costs
from yutang.codes.finding import code_by_id, spot_of
from yutang.codes.guards import note_cost
from yutang.codes.models import Cost
from yutang.codes.refusals import NoSuchCost
from yutang.codes.terms import LARGEST_MINOR, require
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.text import N_

_LONGEST_NOTE = 80


@transaction.atomic
def add_cost(
    *,
    actor: Actor,
    code_id: int,
    amount_minor: int,
    business_date: date,
    spot_id: int | None = None,
    note: str = "",
    now: datetime,
) -> int:
    """Write down what was paid for a code, and return it.

    Args:
        actor: needs ``codes.change``.
        code_id: for which code.
        amount_minor: how much, in the code's currency. Minor units, above 0.
        business_date: when; not after today.
        spot_id: for which place; None: for the code as a whole.
        note: what for; at most 80 characters.
        now: when it is written down. Aware UTC.

    Raises:
        NoSuchCode: there is none within reach.
        NoSuchSpot: it is not printed there.
        CodeIsWrong: the amount or the day cannot be this.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    spot = None if spot_id is None else spot_of(code, spot_id)
    require("amount_minor", amount_minor, 0 < amount_minor <= LARGEST_MINOR, N_("an amount above 0"))
    is_past = date(2000, 1, 1) <= business_date <= timezone.localtime(now).date()
    require("business_date", business_date, is_past, N_("a day from 2000 up to today"))
    row = Cost.objects.create(
        code=code,
        spot=spot,
        business_date=business_date,
        amount_minor=amount_minor,
        note=note.strip()[:_LONGEST_NOTE],
        made_by_id=actor.staff_id,
        made_at=now,
    )
    touch_costs([business_date], now=now)
    note_cost(code=code, key=f"cost:{row.pk}", amount_minor=amount_minor, now=now)
    detail = {"amount_minor": amount_minor}
    audit(actor=actor, action="codes.cost", subject_type="channel_code", subject_id=code.pk, detail=detail, now=now)
    return row.pk


@transaction.atomic
def remove_cost(*, actor: Actor, code_id: int, cost_id: int, now: datetime) -> None:
    """Take back what was written down by mistake.

    Raises:
        NoSuchCode: there is none within reach.
        NoSuchCost: the code has none.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    row = code.costs.filter(pk=cost_id).first()
    if row is None:
        raise NoSuchCost(cost_id=cost_id)
    touch_costs([row.business_date], now=now)
    note_cost(code=code, key=f"cost:{row.pk}:back", amount_minor=-row.amount_minor, now=now)
    detail = {"amount_minor": -row.amount_minor}
    row.delete()
    audit(actor=actor, action="codes.cost", subject_type="channel_code", subject_id=code.pk, detail=detail, now=now)
