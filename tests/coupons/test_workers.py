"""Several workers at once, on either database: no budget is passed, nobody gets more than one may, no code works twice."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.channels.test_workers import all_at_once
from tests.conftest import NOW
from tests.coupons.conftest import SYSTEM, code_of, give, given_of, kind, people
from yutang.coupons import actions, queries
from yutang.coupons.actions import RedemptionRefused, Sale, Wanted
from yutang.coupons.models import Coupon, RefusedAttempt
from yutang.kit.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


class TestFourWorkers:
    def test_give_no_more_than_the_budget_one_by_one_and_by_the_crowd(self) -> None:
        code, crowd = kind(pieces=25), people(60)
        refused: list[str] = []

        def work(number: int) -> None:
            if number % 2:
                wanted = [Wanted(f"c{number}:{one}", one) for one in crowd[number * 10 : number * 10 + 20]]
                gifts = actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)
                refused.extend(gift.refusal.code for gift in gifts if gift.refusal)
                return
            for one in crowd[number * 10 : number * 10 + 20]:
                try:
                    give(code, one, key=f"s{number}:{one}")
                except DomainError as refusal:
                    refused.append(refusal.code)

        all_at_once(work)

        assert given_of(code) == Coupon.objects.count() == 25
        assert max(Counter(Coupon.objects.values_list("customer_id", flat=True)).values()) == 1
        assert len(refused) == 80 - 25
        assert set(refused) <= {"coupons_are_gone", "person_has_enough"}

    def test_give_one_person_no_more_than_one_may_and_each_key_once(self) -> None:
        code, (someone,) = kind(per_person=3), people(1)

        def work(number: int) -> None:
            for n in range(6):
                try:
                    give(code, someone, key=f"k{(n + number) % 6}")
                except DomainError:
                    continue

        all_at_once(work)

        assert Coupon.objects.count() == given_of(code) == 3

    def test_take_no_code_of_a_pool_twice(self) -> None:
        code, crowd = kind(codes="pool"), people(40)
        made = queries.kind_named(access=SYSTEM, code=code).id
        actions.add_codes(actor=SYSTEM, kind_id=made, written=[f"SHOP-{n:04}" for n in range(30)], now=NOW)

        def work(number: int) -> None:
            wanted = [Wanted(f"k{one}", one) for one in crowd[number * 10 : number * 10 + 10]]
            actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)

        all_at_once(work)

        codes = [code_of(one) for one in Coupon.objects.values_list("pk", flat=True)]
        assert len(set(codes)) == len(codes) == 30


class TestRedeeming:
    def test_of_two_hundred_at_once_one_wins(self) -> None:
        coupon_id = give(kind(), people(1)[0])
        code, won, lost = code_of(coupon_id), [], []

        def work(number: int) -> None:
            for _ in range(25):
                try:
                    won.append(actions.redeem_at_till(actor=SYSTEM, code=code, sale=Sale(), now=NOW))
                except RedemptionRefused as refusal:
                    lost.append(refusal.code)

        all_at_once(work, workers=8)

        assert won == [coupon_id]
        assert Counter(lost) == {"coupon_is_redeemed": 199}
        assert RefusedAttempt.objects.filter(coupon_id=coupon_id).count() == 199
