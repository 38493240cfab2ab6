"""Kinds of coupons in the economics of programmes: what is stated, who came, what redeeming cost and brought, when nothing is given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import SYSTEM, TWENTY, code_of, give, kind, people
from tests.risk.conftest import sell
from yutang.coupons import actions, queries
from yutang.coupons.actions import Sale, Wanted
from yutang.coupons.models import Kind
from yutang.coupons.refusals import CouponKindIsPaused, CouponKindIsWrong, CouponsAreGone
from yutang.coupons.stating import state_unstated
from yutang.economics import actions as economics
from yutang.economics import queries as stated
from yutang.economics.models import Entry, Newcomer, Programme
from yutang.economics.refusals import ProgrammeLosesByItself, WorthIsNotKnown

pytestmark = pytest.mark.django_db


def for_newcomers(**parts: Any) -> str:
    """Make a kind for newcomers: 20 yuan each, 90 what one who stays is worth."""
    return kind(**{"is_for_newcomers": True, "worth_minor": 9_000, **parts})


def key_of(code: str) -> str:
    return f"coupon:{queries.kind_named(access=SYSTEM, code=code).id}"


def view_of(code: str) -> Any:
    economics.look_at(actor=SYSTEM, programme=key_of(code), now=NOW + timedelta(hours=1))
    return stated.programme_view(access=SYSTEM, programme=key_of(code))


def redeem(coupon: int, **sale: Any) -> None:
    actions.redeem_at_till(actor=SYSTEM, code=code_of(coupon), sale=Sale(**sale), now=NOW)


class TestStating:
    def test_a_kind_states_its_cost_margin_budget_and_worth(self) -> None:
        view = view_of(for_newcomers(pieces=300, margin_percent=60))

        assert (view.title, view.unit_cost_fen, view.budget_fen, view.margin_percent, view.worth_fen) == (
            "新客立减20元", 2_000, 600_000, 60, 9_000,
        )  # fmt: skip
        assert view.brings_newcomers

    def test_one_for_who_is_here_already_has_no_worth_and_never_pauses(self) -> None:
        (person,), code = people(1), kind(pieces=1)
        redeem(give(code, person), order_minor=10_000)

        view = view_of(code)

        assert (view.brings_newcomers, view.worth_fen, view.is_paused, view.spent_fen) == (False, 0, False, 2_000)
        assert (view.numbers.newcomers, view.numbers.revenue_fen) == (0, 8_000)

    def test_refuses_what_would_lose_even_if_everybody_stayed(self) -> None:
        with pytest.raises(ProgrammeLosesByItself):
            for_newcomers(worth_minor=1_900)
        with pytest.raises(WorthIsNotKnown):
            for_newcomers(worth_minor=None)

        assert not Kind.objects.exists()

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"gives": "percent", "percent": 20, "is_for_newcomers": True}, "is_for_newcomers"),
            ({"currency": "USD", "is_for_newcomers": True}, "is_for_newcomers"),
            ({"budget_minor": 1_999}, "budget_minor"),
            ({"gives": "thing", "thing": "方巾", "budget_minor": 5_000}, "budget_minor"),
            ({"is_for_newcomers": True, "worth_minor": 0}, "worth_minor"),
        ],
    )
    def test_refuses_what_cannot_be(self, parts: dict[str, Any], field: str) -> None:
        with pytest.raises(CouponKindIsWrong) as refusal:
            kind(**parts)

        assert refusal.value.data["part"] == field

    def test_nothing_is_stated_where_nobody_knows_what_one_costs(self) -> None:
        kind(gives="percent", percent=10, code="tenth", name="九折")

        assert not Programme.objects.exists()

    def test_a_kind_of_before_is_stated_with_what_it_has_cost(self) -> None:
        (person,), code = people(1), kind()
        redeem(give(code, person))
        Entry.objects.all().delete()
        Programme.objects.all().delete()

        assert state_unstated(actor=SYSTEM, now=NOW) == 1
        assert state_unstated(actor=SYSTEM, now=NOW) == 0

        assert view_of(code).spent_fen == 2_000

    def test_who_came_before_it_was_for_newcomers_is_told(self) -> None:
        crowd, code = people(3), kind()
        for one in crowd:
            give(code, one)
        Programme.objects.all().delete()
        terms = queries.kind_named(access=SYSTEM, code=code)
        changed = TWENTY.__class__(**{**vars(terms.terms), "is_for_newcomers": True, "worth_minor": 9_000})

        actions.change_kind(actor=SYSTEM, kind_id=terms.id, terms=changed, now=NOW)

        view = view_of(code)
        assert (view.came_before, view.numbers.newcomers) == (3, 0)


class TestNoting:
    def test_newcomers_are_who_never_bought(self, django_assert_max_num_queries: Any) -> None:
        crowd, code = people(40), for_newcomers()
        sell(crowd[0])
        wanted = [Wanted(f"k{one}", one) for one in crowd]

        with django_assert_max_num_queries(45):
            actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)
        actions.give_coupons(actor=SYSTEM, kind=code, wanted=wanted, now=NOW)

        assert set(Newcomer.objects.values_list("customer_id", flat=True)) == set(crowd[1:])
        assert Entry.objects.filter(kind="joined").count() == 39

    def test_redeeming_costs_what_it_took_off(self) -> None:
        (person,), code = people(1), for_newcomers()
        redeem(give(code, person), order_minor=1_500)

        view = view_of(code)

        assert (view.spent_fen, view.numbers.newcomers, view.numbers.cost_fen) == (1_500, 1, 1_500)
        # What newcomers buy is read from the orders.
        assert not Entry.objects.filter(kind="revenue").exists()

    def test_what_another_programme_gave_counts_with_that_one(self) -> None:
        (person,), code = people(1), for_newcomers()
        other = economics.Statement("referral:1", "老带新", 3_500, 500_000, worth_fen=9_000)
        economics.state(actor=SYSTEM, programme=other, now=NOW)

        redeem(give(code, person, campaign="referral:1"))

        assert not Entry.objects.exists()


class TestGiving:
    def test_a_paused_kind_is_not_given(self) -> None:
        (first, second), code = people(2), for_newcomers()
        held = give(code, first)
        Programme.objects.update(state="paused")

        with pytest.raises(CouponKindIsPaused):
            give(code, second)

        redeem(held)
        assert Programme.objects.get().key == key_of(code)

    def test_a_budget_in_money_is_never_passed(self) -> None:
        crowd, code = people(6), kind(budget_minor=7_000)
        held = [give(code, one) for one in crowd[:3]]
        with pytest.raises(CouponsAreGone):
            give(code, crowd[3])

        # Two cost less than they might have.
        redeem(held[0], order_minor=500)
        redeem(held[1], order_minor=500)
        assert give(code, crowd[4])
        assert give(code, crowd[5], key="sixth") is not None

        spent = sum(Entry.objects.filter(kind="cost").values_list("amount_fen", flat=True))
        living = 3
        assert spent + living * 2_000 <= 7_000

    def test_one_that_expired_frees_its_part(self) -> None:
        (first, second), code = people(2), kind(budget_minor=2_000, valid_days=1)
        give(code, first)
        with pytest.raises(CouponsAreGone):
            give(code, second)

        assert give(code, second, now=NOW + timedelta(days=3))
