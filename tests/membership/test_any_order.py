"""Whatever happens in whatever order: the accounts sum to zero, each wallet is what its entries say, and a plain copy agrees."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.membership.conftest import SYSTEM, left, paid_in, people, refunded, spent
from yutang.foundation.actions import change_setting
from yutang.kit.errors import DomainError
from yutang.membership import actions, queries
from yutang.membership.organisation import ORDERS, USE_FIRST
from yutang.membership.rules import Split, bonus_that_lapses, split_of_purchase, split_of_return

pytestmark = pytest.mark.django_db
amounts = st.integers(1, 40_000)
steps = st.one_of(
    st.tuples(st.just("top_up"), st.integers(0, 2), amounts, st.integers(0, 9_000)),
    st.tuples(st.just("spend"), st.integers(0, 2), amounts, st.just(0)),
    st.tuples(st.just("refund"), st.integers(0, 2), amounts, st.just(0)),
    st.tuples(st.just("return"), st.integers(0, 30), amounts, st.just(0)),
    st.tuples(st.just("again"), st.integers(0, 30), amounts, st.just(0)),
)


class TestSplits:
    @given(st.integers(0, 10**7), st.integers(0, 10**7), st.floats(0, 1), st.sampled_from(sorted(ORDERS)))
    def test_of_purchases_take_what_is_there_and_no_more(
        self, principal: int, bonus: int, share: float, order: str
    ) -> None:
        amount = max(1, int((principal + bonus) * share))
        if principal + bonus == 0:
            return

        split = split_of_purchase(amount, principal_minor=principal, bonus_minor=bonus, order=order)

        assert split.total_minor == amount
        assert 0 <= split.principal_minor <= principal
        assert 0 <= split.bonus_minor <= bonus

    @given(st.integers(0, 9_999), st.integers(0, 9_999), st.lists(st.integers(1, 5_000), max_size=8))
    def test_of_returns_bring_back_exactly_what_was_taken(self, principal: int, bonus: int, parts: list[int]) -> None:
        spent_before, back = Split(principal, bonus), Split(0, 0)
        for wanted in [*parts, principal + bonus]:
            amount = min(wanted, spent_before.total_minor - back.total_minor)
            if amount <= 0:
                continue
            one = split_of_return(amount, spent=spent_before, returned=back)
            assert (one.total_minor, min(one.principal_minor, one.bonus_minor) >= 0) == (amount, True)
            back = Split(back.principal_minor + one.principal_minor, back.bonus_minor + one.bonus_minor)

        assert back == spent_before

    @given(st.integers(1, 10**7), st.integers(0, 10**7), st.integers(1, 10**7))
    def test_lapsed_bonus_is_all_with_the_last_principal(self, principal: int, bonus: int, amount: int) -> None:
        part = bonus_that_lapses(min(amount, principal), principal_minor=principal, bonus_minor=bonus)

        assert 0 <= part <= bonus
        assert bonus_that_lapses(principal, principal_minor=principal, bonus_minor=bonus) == bonus


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=25), st.sampled_from(sorted(ORDERS)))
def test_everything_balances_whatever_happens(happened: list[tuple[str, int, int, int]], order: str) -> None:
    with transaction.atomic():
        change_setting(actor=SYSTEM, key=USE_FIRST, value=order, now=NOW)
        persons, total, calls = people(3), defaultdict(int), []
        for n, (what, which, amount, bonus) in enumerate(happened):
            _step(f"k{n}", what, which, amount, bonus, persons, total, calls)

        books = queries.books(access=SYSTEM, first=NOW.date(), last=NOW.date())
        assert books.off_by_minor == 0
        assert queries.ledger_faults(access=SYSTEM) == ()
        assert [sum(left(one)) for one in persons] == [total[one] for one in persons]
        assert books.owed_principal_minor + books.owed_bonus_minor == sum(total.values())
        assert books.topped_up_minor + books.gift_minor - books.spent_minor - books.paid_out_minor == sum(
            total.values()
        )
        transaction.set_rollback(True)


def _step(
    key: str,
    what: str,
    which: int,
    amount: int,
    bonus: int,
    persons: list[int],
    total: dict[int, int],
    calls: list[Any],
) -> None:
    """Do one thing, and to the plain copy what the answer says; what is refused changes nothing."""
    if what == "again":
        # The same call once more changes nothing.
        if calls:
            assert calls[which % len(calls)][1]().is_new is False
        return
    spendings = [one for one in calls if one[0] == "spend"]
    if what == "return" and not spendings:
        return
    person = spendings[which % len(spendings)][2] if what == "return" else persons[which % 3]

    def call() -> Any:
        if what == "top_up":
            return paid_in(person, amount, bonus, key=key)
        if what == "return":
            return actions.return_purchase(
                actor=SYSTEM, key=key, spending_key=spendings[which % len(spendings)][3], amount_fen=amount, reason="x",
                now=NOW,
            )  # fmt: skip
        return (spent if what == "spend" else refunded)(person, amount, key=key)

    try:
        with transaction.atomic():
            done = call()
    except DomainError:
        return
    total[person] += done.principal_minor + done.bonus_minor
    calls.append((what, call, person, key))
