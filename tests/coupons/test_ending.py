"""What becomes of coupons: taken back, over, tied to their orders, moved with merges, without their person; and what is counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import SYSTEM, code_of, give, given_of, kind, people, state_of
from tests.importing import import_text
from yutang.coupons import actions, queries
from yutang.coupons.actions import Sale
from yutang.coupons.models import Coupon, State
from yutang.coupons.queries import CouponFilters
from yutang.coupons.refusals import CodeIsUnknown, CouponIsNotGiven, NoSuchCoupon, ReasonIsMissing
from yutang.coupons.views import Tally, Week
from yutang.customers.actions import merge_customers, undo_merge
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry
from yutang.ingest.actions import undo_import
from yutang.orders.models import Order

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def redeem(coupon_id: int, *, now: Any = NOW, **sale: Any) -> None:
    actions.redeem_at_till(actor=SYSTEM, code=code_of(coupon_id), sale=Sale(**sale), now=now)


class TestTakeBack:
    def test_returns_the_piece_with_its_reason(self) -> None:
        code = kind()
        coupon_id = give(code, people(1)[0])

        actions.take_back_coupon(actor=SYSTEM, coupon_id=coupon_id, reason=" 发错了 ", now=NOW)

        view = queries.coupon_view(access=SYSTEM, coupon_id=coupon_id, now=NOW)
        assert (view.state, view.reason, given_of(code)) == ("taken_back", "发错了", 0)
        assert AuditEntry.objects.filter(action="coupons.take_back").count() == 1

    def test_refuses_without_a_reason_and_what_was_used_or_is_over(self) -> None:
        used, over = (give(kind(per_person=2), one) for one in people(1)), None
        used = next(used)
        over = give("welcome20", people(1)[0], now=NOW - 60 * DAY)
        redeem(used)

        with pytest.raises(ReasonIsMissing):
            actions.take_back_coupon(actor=SYSTEM, coupon_id=used, reason=" ", now=NOW)
        for coupon_id in (used, over):
            with pytest.raises(CouponIsNotGiven):
                actions.take_back_coupon(actor=SYSTEM, coupon_id=coupon_id, reason="x", now=NOW)
        assert given_of("welcome20") == 2

    def test_coupons_of_other_stores_are_not_there(self, manager: Actor, stores: Any) -> None:
        coupon_id = give(kind(), people(1, store=stores["tianhe"])[0])

        for act in (
            lambda: actions.take_back_coupon(actor=manager, coupon_id=coupon_id, reason="x", now=NOW),
            lambda: actions.show_code(actor=manager, coupon_id=coupon_id, now=NOW),
            lambda: queries.coupon_view(access=manager, coupon_id=coupon_id, now=NOW),
        ):
            with pytest.raises(NoSuchCoupon):
                act()
        assert queries.coupons(access=manager, filters=CouponFilters(), now=NOW).rows == ()


class TestExpire:
    def test_is_written_down_of_what_is_over_and_read_before_that(self) -> None:
        old, new = give(kind(), people(1)[0], now=NOW - 60 * DAY), give("welcome20", people(1)[0])

        assert state_of(old) == "expired"
        assert actions.expire_coupons(actor=SYSTEM, now=NOW) == 1
        assert actions.expire_coupons(actor=SYSTEM, now=NOW) == 0

        assert [Coupon.objects.get(pk=one).state for one in (old, new)] == [State.EXPIRED, State.GIVEN]
        # A promise that was not used was a promise: its piece does not return.
        assert given_of("welcome20") == 2


class TestTieToOrders:
    TEXT = "订单号,下单时间,会员号,实付金额,门店编码\nW7,2026-03-11 10:00,M1,238.00,SH01\n"

    def test_by_the_number_that_the_till_named_and_again_after_an_import_was_undone(
        self, stores: Any, tmp_path: Any, no_kept_files: None
    ) -> None:
        coupon_id = give(kind(), people(1)[0])
        redeem(coupon_id, order_number="W7", order_minor=25_800)
        assert actions.tie_to_orders(actor=SYSTEM, now=NOW) == 0
        assert queries.tallies(access=SYSTEM, now=NOW).popitem()[1].brought_minor == 25_800

        record = import_text(tmp_path, self.TEXT)
        assert actions.tie_to_orders(actor=SYSTEM, now=NOW) == 1
        assert actions.tie_to_orders(actor=SYSTEM, now=NOW) == 0
        tally = queries.tallies(access=SYSTEM, now=NOW).popitem()[1]
        assert (tally.orders, tally.brought_minor, tally.left_minor) == (1, 23_800, 11_900 - 2_000)

        undo_import(actor=SYSTEM, import_id=record.id, now=NOW)
        from yutang.foundation.jobs import run_worker

        run_worker(until_idle=True, schedules=False)
        assert not Order.objects.filter(number="W7").exists()
        assert queries.tallies(access=SYSTEM, now=NOW).popitem()[1].brought_minor == 25_800


class TestPeople:
    def test_who_is_merged_brings_coupons_along_and_takes_them_back_when_it_is_undone(self) -> None:
        code, (one, other) = kind(), people(2)
        mine, theirs = give(code, one), give(code, other)

        merge_id = merge_customers(actor=SYSTEM, first_id=one, second_id=other, now=NOW)
        winner = one if Coupon.objects.filter(customer_id=one).count() == 2 else other
        assert Coupon.objects.filter(customer_id=winner).count() == 2
        undo_merge(actor=SYSTEM, merge_id=merge_id, now=NOW)

        assert [Coupon.objects.get(pk=key).customer_id for key in (mine, theirs)] == [one, other]

    def test_who_is_erased_leaves_what_it_cost_and_no_code(self) -> None:
        code, (someone, other) = kind(per_person=3), people(2)
        used, open_one = give(code, someone, key="a"), give(code, someone, key="b")
        give(code, other)
        redeem(used, order_minor=9_900, order_number="W1")
        clear = code_of(open_one)

        assert actions.forget_people(actor=SYSTEM, customer_ids=[someone], now=NOW) == 2

        assert not Coupon.objects.filter(customer_id=someone).exists()
        with pytest.raises(CodeIsUnknown):
            actions.redeem_at_till(actor=SYSTEM, code=clear, sale=Sale(), now=NOW)
        tally = queries.tallies(access=SYSTEM, now=NOW).popitem()[1]
        assert tally == Tally(1, 1, 0, 1, 2_000, 1, 9_900, 4_950 - 2_000)
        assert given_of(code) == 2
        assert set(Coupon.objects.filter(customer=None).values_list("code_end", "order_number")) == {("", "")}


class TestCounting:
    def test_tallies_and_weeks_agree_with_the_list(self, manager: Actor, stores: Any) -> None:
        code = kind(per_person=9, pieces=99)
        here, there = people(1, store=stores["xuhui"])[0], people(1, store=stores["tianhe"])[0]
        moments = [NOW - 50 * DAY, NOW - 40 * DAY, NOW - 8 * DAY, NOW]
        mine = [give(code, here, key=f"h{n}", now=at) for n, at in enumerate(moments)]
        for n, at in enumerate(moments):
            give(code, there, key=f"t{n}", now=at)
        redeem(mine[0], now=NOW - 45 * DAY)
        redeem(mine[2])
        actions.take_back_coupon(actor=SYSTEM, coupon_id=mine[3], reason="x", now=NOW)

        whole, own = (queries.tallies(access=access, now=NOW).popitem()[1] for access in (SYSTEM, manager))
        assert (own.living, own.redeemed, own.expired, own.taken_back, own.given) == (0, 2, 1, 1, 3)
        assert (whole.living, whole.redeemed, whole.expired, whole.taken_back) == (2, 2, 3, 1)
        for access, tally in ((SYSTEM, whole), (manager, own)):
            listed = queries.coupons(access=access, filters=CouponFilters(), now=NOW).rows
            states = [one.state for one in listed]
            assert [states.count(one) for one in ("given", "redeemed", "expired", "taken_back")] == [
                tally.living, tally.redeemed, tally.expired, tally.taken_back,
            ]  # fmt: skip
        kind_id = queries.kind_named(access=SYSTEM, code=code).id
        found = queries.weeks(access=SYSTEM, kind_id=kind_id, since=date(2026, 1, 20), now=NOW)
        assert [one for one in found if one.redeemed + one.living + one.expired] == [
            Week(date(2026, 1, 19), redeemed=1, expired=1),
            Week(date(2026, 1, 26), expired=2),
            Week(date(2026, 3, 2), redeemed=1, living=1),
            Week(date(2026, 3, 9), living=1),
        ]

    def test_filters_and_pages(self) -> None:
        code, other = kind(per_person=9), kind(code="b", name="另一种")
        first, second = people(2)
        given = [give(code, first, key=f"k{n}") for n in range(3)] + [give(other, second, campaign="playbook:1")]
        old = give(code, second, now=NOW - 60 * DAY)

        def keys(**narrow: Any) -> list[int]:
            return [one.id for one in queries.coupons(access=SYSTEM, filters=CouponFilters(**narrow), now=NOW).rows]

        assert keys(kind=other) == keys(campaign="playbook:1") == [given[3]]
        assert keys(customer_id=first) == given[2::-1]
        assert keys(state="expired") == [old]
        assert keys(state="given") == given[::-1]
        assert keys(code_end=code_of(given[0])[-4:]) == [given[0]]
        page = queries.coupons(access=SYSTEM, filters=CouponFilters(), limit=2, now=NOW)
        rest = queries.coupons(access=SYSTEM, filters=CouponFilters(), after_key=page.next_key, now=NOW)
        assert [one.id for one in (*page.rows, *rest.rows)] == [old, *given[::-1]]
