"""Payments and refunds: each once whatever is repeated, and books that are right after any order of what happens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.test_workers import all_at_once
from tests.conftest import NOW
from tests.payments.conftest import SYSTEM, ask, open_cashier, pay
from yutang.foundation.models import OutboxEvent
from yutang.kit.errors import DomainError
from yutang.payments import actions, ledger, queries
from yutang.payments.models import Entry, Payment, Refund
from yutang.payments.refusals import (
    NoWayToPay,
    PaymentIsNotPaid,
    PaymentIsOver,
    PaymentIsWrong,
    PaymentKeyIsTaken,
    RefundIsTooMuch,
)

LATER = NOW + timedelta(hours=1)


def events() -> list[str]:
    return list(OutboxEvent.objects.filter(kind__startswith="payments.").order_by("pk").values_list("kind", flat=True))


@pytest.mark.django_db
class TestAsking:
    def test_is_refused_where_nobody_could_pay(self) -> None:
        with pytest.raises(NoWayToPay):
            ask()

    def test_again_under_the_same_key_gives_the_same_payment(self, cashier: None) -> None:
        first, second = ask("k"), ask("k")

        assert first == second
        assert Payment.objects.count() == 1

    def test_refuses_a_key_that_stands_for_something_else(self, cashier: None) -> None:
        ask("k", amount=100)

        with pytest.raises(PaymentKeyIsTaken):
            ask("k", amount=200)

    @pytest.mark.parametrize(
        "parts", [{"amount": 0}, {"amount": 10**9}, {"purpose": ""}, {"return_path": "//evil.example"}, {"key": ""}]
    )
    def test_refuses_what_cannot_be(self, cashier: None, parts: dict[str, object]) -> None:
        with pytest.raises(PaymentIsWrong):
            ask(**parts)  # type: ignore[arg-type]


@pytest.mark.django_db
class TestPaying:
    def test_is_told_once_however_often_it_is_pressed(self, cashier: None) -> None:
        payment = ask()

        for _ in range(3):
            pay(payment)

        assert payment.state == "paid"
        assert events() == ["payments.Paid"]
        assert ledger.unbalanced() == []

    def test_is_refused_once_its_time_is_over(self, cashier: None) -> None:
        payment = ask(ends_at=NOW)

        with pytest.raises(PaymentIsOver):
            pay(payment, now=LATER)

    def test_what_was_given_up_is_told_and_cannot_be_paid(self, cashier: None) -> None:
        payment = ask()

        assert actions.cancel_in_sandbox(actor=SYSTEM, number=payment.number, now=NOW)
        assert not actions.cancel_in_sandbox(actor=SYSTEM, number=payment.number, now=NOW)
        with pytest.raises(PaymentIsOver):
            pay(payment)

        assert events() == ["payments.Failed"]

    def test_open_ones_are_given_up_after_their_end(self, cashier: None) -> None:
        over, living = ask("a", ends_at=NOW), ask("b")

        counts = actions.follow_payments(actor=SYSTEM, now=LATER)

        over.refresh_from_db()
        living.refresh_from_db()
        assert (counts["closed"], over.state, living.state) == (1, "closed", "asked")


@pytest.mark.django_db
class TestGivingBack:
    def test_is_asked_for_once_and_sent_once(self, cashier: None) -> None:
        payment = pay(ask())

        first = actions.refund(actor=SYSTEM, key="r", payment_id=payment.pk, amount_fen=900, reason="test", now=NOW)
        again = actions.refund(actor=SYSTEM, key="r", payment_id=payment.pk, amount_fen=900, reason="test", now=NOW)
        for _ in range(2):
            actions.send_refunds(actor=SYSTEM, now=NOW)

        assert first == again
        payment.refresh_from_db()
        assert (payment.refunded_minor, Refund.objects.get().state) == (900, "done")
        assert events() == ["payments.Paid", "payments.Refunded"]
        assert {one.account: one.minor for one in queries.balances(access=SYSTEM)} == {
            "provider:sandbox": 9_000, "taken:test": -9_000, "due:sandbox": 0,
        }  # fmt: skip

    def test_never_more_than_was_paid(self, cashier: None) -> None:
        payment = pay(ask(amount=1_000))
        actions.refund(actor=SYSTEM, key="r", payment_id=payment.pk, amount_fen=700, reason="test", now=NOW)

        with pytest.raises(RefundIsTooMuch):
            actions.refund(actor=SYSTEM, key="s", payment_id=payment.pk, amount_fen=301, reason="test", now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.update(refunded_minor=1_001)

        assert ledger.unbalanced() == []

    def test_is_refused_for_what_was_not_paid(self, cashier: None) -> None:
        with pytest.raises(PaymentIsNotPaid):
            actions.refund(actor=SYSTEM, key="r", payment_id=ask().pk, reason="test", now=NOW)

    def test_the_books_tell_of_a_line_that_is_missing(self, cashier: None) -> None:
        pay(ask())
        Entry.objects.all().delete()

        assert {what for what, _off in ledger.unbalanced()} == {"provider", "paid", "without a line"}


@pytest.mark.django_db(transaction=True)
class TestEightWorkers:
    def test_give_back_no_fen_twice(self) -> None:
        open_cashier()
        payment = pay(ask(amount=1_000))
        refused: list[str] = []

        def work(number: int) -> None:
            for n in range(10):
                try:
                    actions.refund(
                        actor=SYSTEM, key=f"{number}:{n}", payment_id=payment.pk, amount_fen=30, reason="t", now=NOW
                    )
                except DomainError as refusal:
                    refused.append(refusal.code)
                actions.send_refunds(actor=SYSTEM, now=NOW)

        all_at_once(work, workers=8)

        payment.refresh_from_db()
        assert payment.refunded_minor == 990
        assert set(refused) == {"refund_is_too_much"}
        assert ledger.unbalanced() == []


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 3), st.integers(1, 500)),
        st.tuples(st.just("pay"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("cancel"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("refund"), st.integers(0, 3), st.integers(1, 300)),
        st.tuples(st.just("send"), st.just(0), st.just(0)),
    ),
    max_size=14,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_books_are_right_after_any_order_of_what_happens(cashier: None, steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        for number, (what, which, amount) in enumerate(steps):
            payment = Payment.objects.filter(key=f"p{which}").first()
            try:
                if what == "ask":
                    ask(f"p{which}", amount=amount)
                elif what == "send":
                    actions.send_refunds(actor=SYSTEM, now=LATER)
                elif payment is None:
                    continue
                elif what == "pay":
                    pay(payment)
                elif what == "cancel":
                    actions.cancel_in_sandbox(actor=SYSTEM, number=payment.number, now=NOW)
                else:
                    actions.refund(
                        actor=SYSTEM, key=f"r{number}", payment_id=payment.pk, amount_fen=amount, reason="t", now=NOW
                    )
            except DomainError:
                continue

        assert ledger.unbalanced() == []
        assert sum(one.minor for one in queries.balances(access=SYSTEM)) == 0
        paid = sum(Payment.objects.filter(state="paid").values_list("amount_minor", flat=True))
        back = sum(Refund.objects.filter(state="done").values_list("amount_minor", flat=True))
        held = {one.account: one.minor for one in queries.balances(access=SYSTEM)}.get("provider:sandbox", 0)
        assert held == paid - back
        transaction.set_rollback(True)
