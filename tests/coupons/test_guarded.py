"""Coupons ask the guard: what it stops is neither given nor redeemed, and its decision is kept."""

from __future__ import annotations

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import SYSTEM, code_of, give, kind, people, state_of
from yutang.coupons import actions
from yutang.coupons.actions import CouponWasStopped, RedemptionRefused, Sale, Wanted
from yutang.risk.actions import let_through, put_on_list
from yutang.risk.models import Decision

pytestmark = pytest.mark.django_db


def blocked(person: int) -> None:
    put_on_list(actor=SYSTEM, effect="block", subject="person", value=str(person), reason="羊毛党", until=None, now=NOW)


def test_a_giving_is_judged_and_its_decision_kept() -> None:
    (person,), code = people(1), kind()
    blocked(person)

    with pytest.raises(CouponWasStopped) as refusal:
        give(code, person, key="k1")

    assert "always refused" in str(refusal.value)
    row = Decision.objects.get(kind="coupon")
    assert (row.kind, row.customer_id, row.verdict, row.value_fen) == ("coupon", person, "refuse", 2_000)


def test_what_a_person_let_through_is_given_under_the_same_key() -> None:
    (person,), code = people(1), kind()
    blocked(person)
    with pytest.raises(CouponWasStopped):
        give(code, person, key="k1")
    entry = Decision.objects.get(kind="coupon")
    from yutang.risk.models import ListEntry

    ListEntry.objects.update(ended_at=NOW)

    let_through(actor=SYSTEM, decision_id=entry.pk, now=NOW)

    assert give(code, person, key="k1")


def test_many_at_once_are_looked_at_in_the_same_number_of_questions(django_assert_max_num_queries: object) -> None:
    crowd, code = people(300), kind(pieces=1_000)
    blocked(crowd[7])

    with django_assert_max_num_queries(40):  # type: ignore[operator]
        wanted = [Wanted(f"k{one}", one) for one in crowd]
        gifts = actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)

    assert [at for at, gift in enumerate(gifts) if gift.refusal] == [7]


def test_a_redemption_is_judged_and_what_was_bought_is_told() -> None:
    (first, second), code = people(2), kind()
    good, bad = give(code, first), give(code, second)
    blocked(second)

    actions.redeem_at_till(actor=SYSTEM, code=code_of(good), sale=Sale(order_minor=10_000), now=NOW)
    with pytest.raises(RedemptionRefused):
        actions.redeem_at_till(actor=SYSTEM, code=code_of(bad), sale=Sale(order_minor=10_000), now=NOW)

    assert (state_of(good), state_of(bad)) == ("redeemed", "given")
    kept = dict(Decision.objects.filter(kind="redemption").values_list("customer_id", "outcome"))
    assert kept[first] == "bought"
    # The list of many at once speaks first here: the guard itself was not asked.
    assert second not in kept or kept[second] == ""
