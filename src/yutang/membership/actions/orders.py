"""Top-ups that customers pay online: asked for, then paid or not; a payment tops up once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.membership.actions.ledger import top_up
from yutang.membership.finding import check_store, person_within_reach
from yutang.membership.models import OrderState, Plan, TopUpOrder
from yutang.membership.refusals import BalanceKeyIsTaken, NoSuchPlan, NoSuchTopUp, PaymentDoesNotFit
from yutang.membership.views import Receipt, TopUpView


@transaction.atomic
def ask_top_up(
    *, actor: Actor, key: str, customer_id: int, plan_id: int, store_id: int | None = None, now: datetime
) -> TopUpView:
    """Write down what a customer wants to top up and pay online, and return it; the same key asks once.

    Args:
        actor: needs ``membership.take``.
        key: idempotency key. 1 to 140 characters.
        customer_id: whose balance.
        plan_id: an open plan.
        store_id: where; None: at none.
        now: when. Aware UTC.

    Raises:
        NoSuchPlan: there is none that is open.
        NoSuchCustomer: there is none within reach.
        NoSuchBalanceStore: the store is out of reach.
        BalanceKeyIsTaken: the key was used for something else.
    """
    actor.require("membership.take")
    person = person_within_reach(actor, customer_id)
    check_store(actor, store_id)
    plan = Plan.objects.filter(pk=plan_id, is_open=True).first()
    if plan is None:
        raise NoSuchPlan(plan_id=plan_id)
    wanted = {"customer_id": person, "principal_minor": plan.principal_minor, "currency": plan.currency}
    more = {"bonus_minor": plan.bonus_minor, "store_id": store_id, "made_at": now}
    row, _is_new = TopUpOrder.objects.get_or_create(key=key, defaults={**wanted, **more})
    if any(getattr(row, name) != value for name, value in wanted.items()):
        raise BalanceKeyIsTaken(key=key[:40])
    return view_of_order(row)


@transaction.atomic
def settle_top_up(*, actor: Actor, order_id: int, paid_fen: int, now: datetime) -> Receipt:
    """Top up what was paid for; told again of the same payment, do nothing.

    Args:
        actor: needs ``membership.take``.
        order_id: what was asked for.
        paid_fen: what was paid. Minor units.
        now: when. Aware UTC.

    Raises:
        NoSuchTopUp: there is none.
        PaymentDoesNotFit: another amount was paid.
    """
    actor.require("membership.take")
    row = TopUpOrder.objects.filter(pk=order_id).first()
    if row is None or row.customer_id is None:
        raise NoSuchTopUp(order_id=order_id)
    if paid_fen != row.principal_minor:
        raise PaymentDoesNotFit(paid_minor=paid_fen, asked_minor=row.principal_minor, currency=row.currency)
    # A payment that comes after the order was given up counts all the same: the money is there.
    TopUpOrder.objects.filter(pk=row.pk).exclude(state=OrderState.PAID).update(state=OrderState.PAID, ended_at=now)
    return top_up(
        actor=actor, key=f"top-up:{row.pk}", customer_id=row.customer_id, principal_fen=row.principal_minor,
        bonus_fen=row.bonus_minor, store_id=row.store_id, method="online", currency=row.currency, now=now,
    )  # fmt: skip


@transaction.atomic
def end_top_up(*, actor: Actor, order_id: int, now: datetime) -> None:
    """Write down that a top-up was not paid; one that was paid stays paid.

    Raises:
        NoSuchTopUp: there is none.
    """
    actor.require("membership.take")
    if not TopUpOrder.objects.filter(pk=order_id).exists():
        raise NoSuchTopUp(order_id=order_id)
    TopUpOrder.objects.filter(pk=order_id, state=OrderState.WAITING).update(state=OrderState.ENDED, ended_at=now)


def view_of_order(row: TopUpOrder) -> TopUpView:
    """Return a top-up as others see it."""
    return TopUpView(
        row.pk, row.key, row.customer_id, row.principal_minor, row.bonus_minor, row.currency, row.state, row.made_at
    )
