"""Things that the matrix of who may tries to reach."""

from __future__ import annotations

from datetime import UTC, datetime

from yutang.codes.models import Code, Cost, Shift, Spot
from yutang.coupons.actions import Terms, create_kind
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.journeys.actions import create_playbook
from yutang.journeys.queries import ready_named
from yutang.wecom.models import Account

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def playbook() -> int:
    """Return a playbook that nobody has started."""
    definition = ready_named("first_order_call", language="en").definition
    return create_playbook(actor=Actor.system(), name="首单", definition=definition, now=NOW)


def kind_of_coupon() -> int:
    """Return a kind of coupon that can be given."""
    terms = Terms(name="新客立减20元", code="welcome20", gives="amount", amount_minor=2_000, valid_days=30)
    return create_kind(actor=Actor.system(), terms=terms, now=NOW)


def code(store: Store, account: Account) -> dict[str, int]:
    """Return a channel code that is printed in a store alone, its place, and something that was paid for it."""
    made = Code.objects.create(name=f"活码 {store.code}", kind="poster", currency="CNY", made_at=NOW, changed_at=NOW)
    Shift.objects.create(code=made, account=account)
    spot = Spot.objects.create(code=made, name="柜台", store=store, token=f"t{store.pk}", made_at=NOW)
    cost = Cost.objects.create(code=made, business_date=NOW.date(), amount_minor=100, made_at=NOW)
    return {"code_id": made.pk, "spot_id": spot.pk, "cost_id": cost.pk}
