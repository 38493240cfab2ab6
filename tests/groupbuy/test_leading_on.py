"""From the paid place into the store: what the room of visits hears of group-buying."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.groupbuy.conftest import SYSTEM, campaign, join, pay, payment_of, people, start
from yutang.customers.models import Customer
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.foundation.outbox import deliver_events
from yutang.groupbuy import actions, queries
from yutang.groupbuy.members import group_view, members_of
from yutang.payments import actions as payments
from yutang.visits.models import Hook

pytestmark = pytest.mark.django_db


def deliver() -> None:
    """Deliver what was told."""
    jobs.run_inline(jobs.enqueue(deliver_events, {}, now=NOW))


def heard() -> dict[str, tuple[int | None, str, int, bool, bool]]:
    """Return what was told, by its key: who, programme, price, whether paid, whether given back."""
    return {
        one.key: (one.customer_id, one.source, one.hook_minor, one.paid_at is not None, one.refunded_at is not None)
        for one in Hook.objects.all()
    }


def test_who_paid_is_told_once_and_who_gets_the_money_back_too() -> None:
    offer = campaign()
    captain, friend = people(2)
    first = pay(start(captain))
    second = join(first.group, friend)
    deliver()
    deliver()
    name = f"groupbuy:{offer.pk}"
    key = f"groupbuy-seat:{first.pk}"

    assert heard() == {key: (captain, name, 9_900, True, False)}

    payments.cancel_in_sandbox(actor=SYSTEM, number=payment_of(second).number, now=NOW)
    deliver()
    assert heard()[f"groupbuy-seat:{second.pk}"] == (friend, name, 9_900, False, False)

    actions.leave_group(actor=SYSTEM, token=first.token, now=NOW + timedelta(minutes=1))
    payments.send_refunds(actor=SYSTEM, now=NOW + timedelta(hours=1))
    deliver()
    assert heard()[key] == (captain, name, 9_900, True, True)


def test_who_pays_for_an_offer_of_one_store_belongs_to_it_before_they_come(
    stores: dict[str, Store], manager: Actor
) -> None:
    here, there = stores["xuhui"], stores["tianhe"]
    offer = campaign()
    offer.stores.set([here])
    newcomer, friend = people(1)[0], people(1, store=there)[0]

    first = pay(start(newcomer))
    pay(join(first.group, friend))
    deliver()

    assert dict(Customer.objects.values_list("pk", "store_id")) == {newcomer: here.pk, friend: there.pk}
    assert [one.customer_id for one in members_of(access=manager, group_id=first.group_id)] == [newcomer, friend]
    assert group_view(access=manager, group_id=first.group_id, now=NOW).present == 2
    assert queries.tallies(access=manager)[offer.pk].kept_minor == 2 * first.price_minor


def test_who_pays_for_an_offer_of_several_stores_belongs_to_none_of_them(stores: dict[str, Store]) -> None:
    offer = campaign()
    offer.stores.set([stores["xuhui"], stores["tianhe"]])

    pay(start(people(1)[0]))
    deliver()

    assert Customer.objects.get().store_id is None
