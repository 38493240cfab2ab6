"""Giving: one key gives once, budget and bounds hold, a thousand people cost no more statements than ten."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.coupons.conftest import SYSTEM, code_of, give, given_of, kind, people
from yutang.coupons import actions, queries
from yutang.coupons.actions import Wanted
from yutang.coupons.guards import GUARDS, Guard
from yutang.coupons.models import Coupon
from yutang.coupons.organisation import MOST_BY_HAND
from yutang.coupons.refusals import (
    CouponKindIsClosed,
    CouponsAreGone,
    CouponWasStopped,
    GivingKeyIsTaken,
    NoSuchCouponKind,
    PersonHasEnough,
    TooManyByHand,
)
from yutang.customers.actions import merge_customers
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.foundation.models import AuditEntry, OutboxEvent
from yutang.kit.text import Sentence

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class TestGiveCoupon:
    def test_gives_once_by_its_key_and_tells_once(self) -> None:
        code, someone = kind(), people(1)[0]

        first = give(code, someone, key="a", campaign="playbook:3")
        again = give(code, someone, key="a", now=NOW + DAY)

        assert first == again
        assert given_of(code) == 1
        assert [event.payload for event in OutboxEvent.objects.filter(kind="coupons.Given")] == [
            {"coupon_id": first, "kind": code, "customer_id": someone, "campaign": "playbook:3"}
        ]
        assert AuditEntry.objects.filter(action="coupons.give").count() == 1

    def test_ends_with_its_last_day_on_the_clock_of_the_shop(self) -> None:
        counted = queries.coupon_view(access=SYSTEM, coupon_id=give(kind(valid_days=1), people(1)[0]), now=NOW)
        dated = give(kind(code="d", name="d", valid_days=None, until_date=date(2026, 3, 11)), people(1)[0])

        assert counted.last_date == date(2026, 3, 12)
        assert Coupon.objects.get(pk=dated).ends_at.isoformat() == "2026-03-11T16:00:00+00:00"

    def test_refuses_what_is_closed_over_or_not_there(self) -> None:
        code, (someone,) = kind(), people(1)
        late = kind(code="late", name="过期的", valid_days=None, until_date=date(2026, 3, 10))
        actions.close_kind(actor=SYSTEM, kind_id=queries.kind_named(access=SYSTEM, code=code).id, now=NOW)

        for kind_code, refusal in ((code, CouponKindIsClosed), (late, CouponKindIsClosed), ("none", NoSuchCouponKind)):
            with pytest.raises(refusal):
                give(kind_code, someone)

    def test_a_key_that_stands_for_something_else_is_refused(self) -> None:
        code, (one, other) = kind(), people(2)
        give(code, one, key="a")

        with pytest.raises(GivingKeyIsTaken):
            give(code, other, key="a")

    def test_the_key_of_who_was_merged_since_is_the_same_giving(self) -> None:
        code, (one, other) = kind(), people(2)
        first = give(code, one, key="a")
        merge_customers(actor=SYSTEM, first_id=other, second_id=one, now=NOW)

        assert give(code, one, key="a") == first

    def test_one_person_gets_no_more_than_one_may_and_taken_back_ones_do_not_count(self) -> None:
        code, (someone,) = kind(per_person=2), people(1)
        first = give(code, someone, key="1")
        give(code, someone, key="2")

        with pytest.raises(PersonHasEnough):
            give(code, someone, key="3")
        actions.take_back_coupon(actor=SYSTEM, coupon_id=first, reason="发错了", now=NOW)

        assert give(code, someone, key="4")

    def test_people_of_other_stores_are_not_there(self, manager: Actor, stores: Any) -> None:
        code, (foreign,) = kind(), people(1, store=stores["tianhe"])

        with pytest.raises(NoSuchCustomer):
            give(code, foreign, actor=manager)

    def test_a_member_of_staff_gives_so_many_a_day(self, manager: Actor, operator: Actor, stores: Any) -> None:
        code, crowd = kind(), people(4, store=stores["xuhui"])
        change_setting(actor=SYSTEM, key=MOST_BY_HAND, value=2, now=NOW)
        for someone in crowd[:2]:
            give(code, someone, actor=manager)

        with pytest.raises(TooManyByHand):
            give(code, crowd[2], actor=manager)

        # The same call again is no further one; tomorrow is another day; who makes kinds is not held to it.
        assert give(code, crowd[0], actor=manager)
        assert give(code, crowd[2], actor=manager, now=NOW + DAY)
        for someone in people(3):
            give(code, someone, actor=operator)

    def test_a_guard_is_asked_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        code, (good, bad) = kind(), people(2)

        def judges(*, deed: str, kind_id: int, customer_ids: Any, now: Any) -> Any:
            return {one: Sentence("too many from one device") for one in customer_ids if (deed, one) == ("give", bad)}

        monkeypatch.setitem(GUARDS._entries, "sample", Guard("sample", judges))

        assert give(code, good)
        with pytest.raises(CouponWasStopped):
            give(code, bad)
        assert given_of(code) == 1


class TestGiveCoupons:
    def test_the_first_get_what_is_left(self) -> None:
        code, crowd = kind(pieces=3), people(5)
        wanted = [Wanted(f"k{one}", one) for one in [*crowd, crowd[0]]]

        gifts = actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)

        assert [gift.is_new for gift in gifts] == [True, True, True, False, False, True]
        assert [type(gift.refusal) for gift in gifts[3:5]] == [CouponsAreGone, CouponsAreGone]
        assert gifts[5] == gifts[0]
        assert given_of(code) == 3

    def test_again_it_gives_nothing_new(self) -> None:
        code, crowd = kind(), people(4)
        wanted = [Wanted(f"k{one}", one) for one in crowd]
        first = actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted[:3], now=NOW)

        again = actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)

        assert [gift.coupon_id for gift in again[:3]] == [gift.coupon_id for gift in first]
        assert [gift.is_new for gift in again] == [False, False, False, True]
        assert given_of(code) == 4

    def test_an_empty_pool_ends_it(self) -> None:
        code, crowd = kind(codes="pool"), people(3)
        made = queries.kind_named(access=SYSTEM, code=code).id
        actions.add_codes(actor=SYSTEM, kind_id=made, written=["SHOP-0001", "SHOP-0002"], now=NOW)

        gifts = actions.give_coupons(actor=SYSTEM, kind=code, wanted=[Wanted(f"k{n}", n) for n in crowd], now=NOW)

        assert [gift.coupon_id is not None for gift in gifts] == [True, True, False]

    def test_a_thousand_people_in_as_many_statements_as_a_hundred_and_each_a_code_of_their_own(self) -> None:
        code = kind(pieces=5_000)

        def statements(n: int) -> int:
            wanted = [Wanted(f"{n}:{one}", one) for one in people(n)]
            with CaptureQueriesContext(connection) as asked:
                actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)
            # Rows and events go in by the thousand or by the hundred, whatever the statement holds.
            return sum(not one["sql"].startswith("INSERT") for one in asked)

        assert statements(100) == statements(1_000)
        assert len(set(Coupon.objects.values_list("digest", flat=True))) == given_of(code) == 1_100

    def test_no_code_is_in_the_clear(self) -> None:
        coupon_id = give(kind(), people(1)[0])

        code, row = code_of(coupon_id), Coupon.objects.get(pk=coupon_id)

        assert code.replace("-", "").encode() not in bytes(row.sealed_code)
        assert row.code_end == code[-4:]
