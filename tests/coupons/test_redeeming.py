"""Redeeming: once, where and when it holds, with every refusal kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import SYSTEM, code_of, give, kind, people, state_of
from yutang.coupons import actions, queries
from yutang.coupons.actions import Sale
from yutang.coupons.guards import GUARDS, Guard
from yutang.coupons.models import RefusedAttempt
from yutang.coupons.refusals import (
    CodeIsMistyped,
    CodeIsUnknown,
    CouponIsNotForStore,
    CouponIsOver,
    CouponIsRedeemed,
    CouponIsTakenBack,
    NoSuchStoreHere,
    OrderIsTooSmall,
    OrderIsUnreadable,
    OrderValueIsMissing,
    ProductsDoNotFit,
    RedemptionWasStopped,
    StoreIsMissing,
    TooManyWrongCodes,
)
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, OutboxEvent
from yutang.kit.text import Sentence

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def redeem(coupon_id: int, *, actor: Actor = SYSTEM, now: Any = NOW, **sale: Any) -> int:
    return actions.redeem_at_till(actor=actor, code=code_of(coupon_id), sale=Sale(**sale), now=now)


class TestRedeemAtTill:
    def test_says_where_by_whom_and_what_it_took_off(self, manager: Actor, stores: Any) -> None:
        coupon_id = give(kind(), people(1, store=stores["tianhe"])[0], campaign="playbook:3")

        assert redeem(coupon_id, actor=manager, order_number=" S1-7 ", order_minor=25_800) == coupon_id

        view = queries.coupon_view(access=SYSTEM, coupon_id=coupon_id, now=NOW)
        assert (view.state, view.store_name, view.redeemed_by) == ("redeemed", "徐汇店", "李店长")
        assert (view.order_number, view.order_minor, view.off_minor) == ("S1-7", 25_800, 2_000)
        (event,) = OutboxEvent.objects.filter(kind="coupons.Redeemed")
        assert event.payload["campaign"] == "playbook:3"
        assert (event.payload["store_id"], event.payload["off_minor"]) == (stores["xuhui"].pk, 2_000)
        assert AuditEntry.objects.filter(action="coupons.redeem", subject_id=str(coupon_id)).count() == 1

    def test_works_once_and_says_when_it_was(self) -> None:
        coupon_id = give(kind(), people(1)[0])
        redeem(coupon_id)

        with pytest.raises(CouponIsRedeemed) as refused:
            redeem(coupon_id, now=NOW + DAY)

        assert refused.value.data["redeemed_at"] == NOW.isoformat()
        assert list(RefusedAttempt.objects.values_list("coupon_id", "reason")) == [(coupon_id, "coupon_is_redeemed")]

    def test_holds_to_the_last_moment_of_its_last_day(self) -> None:
        first, second = (give(kind(valid_days=1), one) for one in people(1)), None
        coupon_id = next(first)
        last = NOW.replace(day=12, hour=15, minute=59)

        assert actions.look_up_code(actor=SYSTEM, code=code_of(coupon_id), sale=Sale(), now=last).refusal is second
        with pytest.raises(CouponIsOver):
            redeem(coupon_id, now=last + timedelta(minutes=1))
        assert redeem(coupon_id, now=last)

    def test_refuses_what_was_taken_back(self) -> None:
        coupon_id = give(kind(), people(1)[0])
        actions.take_back_coupon(actor=SYSTEM, coupon_id=coupon_id, reason="顾客退货", now=NOW)

        with pytest.raises(CouponIsTakenBack):
            redeem(coupon_id)

    def test_a_slip_is_told_from_a_code_that_nobody_has(self) -> None:
        code = code_of(give(kind(), people(1)[0]))
        slip = code[:-1] + ("A" if code[-1] != "A" else "B")

        with pytest.raises(CodeIsMistyped):
            actions.redeem_at_till(actor=SYSTEM, code=slip, sale=Sale(), now=NOW)
        with pytest.raises(CodeIsUnknown):
            actions.redeem_at_till(actor=SYSTEM, code="NOBODY", sale=Sale(), now=NOW)

        assert sorted(RefusedAttempt.objects.values_list("reason", flat=True)) == [
            "code_is_mistyped",
            "code_is_unknown",
        ]

    def test_guessing_is_stopped_for_the_one_who_guesses(self, manager: Actor, owner: Actor) -> None:
        for n in range(20):
            with pytest.raises(CodeIsUnknown):
                actions.look_up_code(actor=manager, code=f"GUESS{n}", sale=Sale(), now=NOW)

        coupon_id = give(kind(), people(1)[0])
        with pytest.raises(TooManyWrongCodes):
            redeem(coupon_id, actor=manager)
        assert redeem(coupon_id, actor=owner)

    def test_some_stores_only(self, manager: Actor, stores: Any) -> None:
        code = kind(store_ids=(stores["pudong"].pk,))
        coupon_id = give(code, people(1)[0])

        with pytest.raises(CouponIsNotForStore):
            redeem(coupon_id, actor=manager)
        with pytest.raises(StoreIsMissing):
            redeem(coupon_id)
        with pytest.raises(NoSuchStoreHere):
            redeem(coupon_id, actor=manager, store_id=stores["pudong"].pk)
        assert redeem(coupon_id, store_id=stores["pudong"].pk)

    def test_percent_needs_the_value_of_the_order_and_has_a_bound(self) -> None:
        code = kind(gives="percent", percent=15, most_minor=5_000, per_person=3)
        (someone,) = people(1)
        small, large = (give(code, someone, key=key) for key in "ab")

        with pytest.raises(OrderValueIsMissing):
            redeem(small)
        redeem(small, order_minor=10_010)
        redeem(large, order_minor=99_900)

        off = [queries.coupon_view(access=SYSTEM, coupon_id=one, now=NOW).off_minor for one in (small, large)]
        # 15 % of 100.10 is 15.015: half a fen goes to the customer.
        assert off == [1_502, 5_000]

    def test_from_an_order_of(self) -> None:
        coupon_id = give(kind(least_minor=9_900), people(1)[0])

        with pytest.raises(OrderIsTooSmall) as refused:
            redeem(coupon_id, order_minor=9_899)
        assert (refused.value.data["least_minor"], refused.value.data["worth_minor"]) == (9_900, 9_899)
        assert redeem(coupon_id, order_minor=9_900)

    def test_some_products_only_where_the_till_names_them(self) -> None:
        coupon_id = give(kind(products=("P1", "P2")), people(1)[0])

        with pytest.raises(ProductsDoNotFit):
            redeem(coupon_id, product_codes=["P3"])
        assert redeem(coupon_id, product_codes=["P3", "P2"])

    @pytest.mark.parametrize("sale", [{"order_minor": 0}, {"order_number": "x" * 81}, {"order_number": "a\nb"}])
    def test_refuses_an_order_that_cannot_be(self, sale: dict[str, Any]) -> None:
        with pytest.raises(OrderIsUnreadable):
            redeem(give(kind(), people(1)[0]), **sale)

    def test_a_guard_is_asked_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        coupon_id = give(kind(), people(1)[0])

        def judges(*, deed: str, kind_id: int, customer_ids: Any, now: Any) -> Any:
            return dict.fromkeys(customer_ids, Sentence("a ring")) if deed == "redeem" else {}

        monkeypatch.setitem(GUARDS._entries, "sample", Guard("sample", judges))

        with pytest.raises(RedemptionWasStopped):
            redeem(coupon_id)
        assert state_of(coupon_id) == "given"


class TestLookUpCode:
    def test_says_what_it_would_take_off_and_changes_nothing(self) -> None:
        coupon_id = give(kind(), people(1)[0])

        look = actions.look_up_code(actor=SYSTEM, code=code_of(coupon_id), sale=Sale(order_minor=1_500), now=NOW)

        # No order goes below 0.
        assert (look.coupon_id, look.refusal, look.off_minor) == (coupon_id, None, 1_500)
        assert state_of(coupon_id) == "given"
        assert not RefusedAttempt.objects.exists()

    def test_says_why_not_without_keeping_that_as_an_attempt(self) -> None:
        coupon_id = give(kind(), people(1)[0])
        redeem(coupon_id)

        look = actions.look_up_code(actor=SYSTEM, code=code_of(coupon_id), sale=Sale(), now=NOW)

        assert isinstance(look.refusal, CouponIsRedeemed)
        assert not RefusedAttempt.objects.exists()

    def test_of_whom_it_is_the_till_learns_within_its_reach_only(self, manager: Actor, stores: Any) -> None:
        code = kind(per_person=2)
        own, foreign = (give(code, people(1, store=stores[name])[0], key=name) for name in ("xuhui", "tianhe"))

        assert queries.coupon_at_till(access=manager, coupon_id=own, now=NOW).customer_id is not None
        assert queries.coupon_at_till(access=manager, coupon_id=foreign, now=NOW).customer_id is None
