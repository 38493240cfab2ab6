"""Balances of people who were merged, used meanwhile, and parted again: every entry goes with its balance."""

from __future__ import annotations

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import people
from tests.support.holding import broken
from yutang.customers.actions import merge_customers, undo_merge
from yutang.customers.models import Merge
from yutang.foundation.access import Actor
from yutang.membership.actions import spend, top_up
from yutang.membership.models import Movement, Wallet

SYSTEM = Actor.system()


@pytest.mark.django_db
def test_what_was_spent_of_a_balance_goes_back_with_it() -> None:
    first, second = people(2)
    for one in (first, second):
        top_up(
            actor=SYSTEM,
            key=f"t{one}",
            customer_id=one,
            principal_fen=1_000,
            bonus_fen=0,
            store_id=None,
            method="cash",
            now=NOW,
        )
    merge_customers(actor=SYSTEM, first_id=first, second_id=second, now=NOW)
    spend(actor=SYSTEM, key="s", customer_id=first, amount_fen=1_500, store_id=None, order_number="", now=NOW)
    (merge,) = Merge.objects.all()

    undo_merge(actor=SYSTEM, merge_id=merge.pk, now=NOW)

    assert {one.customer_id for one in Wallet.objects.all()} == {first, second}
    assert all(one.customer_id == one.wallet.customer_id for one in Movement.objects.select_related("wallet"))
    assert broken(but={"foundation.store", "lake.files", "lake.truth"}) == {}
