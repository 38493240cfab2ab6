"""Balances that customers top up online: membership says how much, payments take the money, and what was paid tops up."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from yutang.foundation.access import Actor
from yutang.membership.actions import end_top_up, settle_top_up
from yutang.membership.payers import PAYERS, Payer
from yutang.membership.views import TopUpView
from yutang.payments import actions, queries
from yutang.payments.actions import PaymentRequest

_PURPOSE = "top-up"


def ask_for_top_up(*, actor: Actor, order: TopUpView, return_path: str, now: datetime) -> str:
    """Ask for the payment of a top-up, once by its number, and return the address of the cashier."""
    key = f"{_PURPOSE}:{order.id}"
    request = PaymentRequest(
        key=key, purpose=key, amount_fen=order.principal_minor, subject=gettext("Top-up"), return_path=return_path
    )
    actions.ask(actor=actor, request=request, now=now)
    return reverse("cashier", args=[queries.payments_of_keys(keys=[key])[key].number])


def top_up_paid(*, purpose: str, amount_minor: int, now: datetime) -> None:
    """Top up the balance that a payment is for, once; do nothing where it is for something else."""
    order_id = _order_of(purpose)
    if order_id is not None:
        settle_top_up(actor=Actor.system(), order_id=order_id, paid_fen=amount_minor, now=now)


def end_unpaid(*, purpose: str, now: datetime) -> None:
    """End the top-up whose payment was given up; do nothing where it was for something else."""
    order_id = _order_of(purpose)
    if order_id is not None:
        end_top_up(actor=Actor.system(), order_id=order_id, now=now)


def _order_of(purpose: str) -> int | None:
    """Return the top-up that a payment is for; None where it is for something else."""
    kind, _colon, number = purpose.partition(":")
    return int(number) if kind == _PURPOSE and number.isascii() and number.isdigit() else None


PAYERS.register(Payer("payments", ask_for_top_up, queries.has_way_to_pay))
