"""What stays of a ledger when a person is erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.membership.finding import touch
from yutang.membership.models import Movement, TopUpOrder, Wallet
from yutang.membership.refusals import PrincipalIsOwed


@transaction.atomic
def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off their wallets, and return how many wallets that were: for the erasure of a person.

    The entries stay for the books, without the person, without order numbers and reasons.

    Args:
        actor: needs ``membership.refund``.
        customer_ids: who; nobody may have principal left: pay it out first.
        now: when. Aware UTC.

    Raises:
        PrincipalIsOwed: somebody still has principal.
    """
    actor.require("membership.refund")
    wallets = Wallet.objects.select_for_update().filter(customer_id__in=list(customer_ids))
    owed = sum(wallets.order_by("pk").values_list("principal_minor", flat=True))
    if owed:
        raise PrincipalIsOwed(left_minor=owed)
    moved = Movement.objects.filter(customer_id__in=list(customer_ids))
    touch(set(moved.values_list("business_date", flat=True)), now=now)
    moved.update(order_number="", reason="", customer=None)
    TopUpOrder.objects.filter(customer_id__in=list(customer_ids)).update(customer=None)
    return Wallet.objects.filter(customer_id__in=list(customer_ids)).update(customer=None)
