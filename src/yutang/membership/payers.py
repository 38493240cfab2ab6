"""Who lets customers pay a top-up online: a room above plugs in what asks for the payment; where none does, the till takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yutang.foundation.access import Actor
from yutang.kit.registry import Registry
from yutang.membership.actions import ask_top_up
from yutang.membership.refusals import NobodyTakesPayments
from yutang.membership.views import TopUpView


class AsksPayment(Protocol):
    """Asks for the payment of a top-up, once by its number, and says where it is paid."""

    def __call__(self, *, actor: Actor, order: TopUpView, return_path: str, now: datetime) -> str:
        """Return the address, of this installation or another, to which the customer goes to pay.

        Whoever hears that it was paid calls `membership.actions.settle_top_up`.

        Args:
            actor: who asks.
            order: what is to be paid; `principal_minor` is the amount.
            return_path: where the customer comes back to, from the root.
            now: when. Aware UTC.
        """


@dataclass(frozen=True)
class Payer:
    """A way to pay online.

    Attributes:
        name: tells ways apart.
        ask: asks for a payment.
        is_ready: whether it is set up.
    """

    name: str
    ask: AsksPayment
    is_ready: Callable[[], bool] = lambda: True


PAYERS: Registry[Payer] = Registry(what="ways to pay a top-up online", name_of=lambda one: one.name)


def payer() -> Payer | None:
    """Return the way that is used: the first that is plugged in and set up; None where there is none."""
    return next((one for one in PAYERS if one.is_ready()), None)


def address_to_pay(*, actor: Actor, key: str, customer_id: int, plan_id: int, return_path: str, now: datetime) -> str:
    """Write down what a customer wants to top up, ask for its payment, and return where it is paid.

    Args:
        actor: needs ``membership.take``.
        key: idempotency key of the top-up. 1 to 140 characters.
        customer_id: whose balance.
        plan_id: an open plan.
        return_path: where the customer comes back to, from the root.
        now: when. Aware UTC.

    Raises:
        NobodyTakesPayments: no way to pay online is plugged in.
        NoSuchPlan: there is none that is open.
    """
    way = payer()
    if way is None:
        raise NobodyTakesPayments
    order = ask_top_up(actor=actor, key=key, customer_id=customer_id, plan_id=plan_id, now=now)
    return way.ask(actor=actor, order=order, return_path=return_path, now=now)
