"""The ledger: one key moves once, nothing falls below zero, every entry balances, and a merge takes balances along and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.conftest import NOW
from tests.membership.conftest import SYSTEM, left, paid_in, people, refunded, spent
from yutang.customers.actions import merge_customers, undo_merge
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import change_setting
from yutang.foundation.models import AuditEntry, OutboxEvent, Store
from yutang.membership import actions, queries
from yutang.membership.models import Movement, Wallet
from yutang.membership.organisation import BONUS_FIRST, IN_PROPORTION, USE_FIRST
from yutang.membership.refusals import (
    AmountIsWrong,
    BalanceIsTooSmall,
    BalanceKeyIsTaken,
    BalanceReasonIsMissing,
    BonusIsNotPromised,
    MethodIsUnknown,
    MoreThanWasSpent,
    NoSuchBalanceStore,
    NoSuchPlan,
    NoSuchSpending,
    NoSuchTopUp,
    PaymentDoesNotFit,
    PlanIsWrong,
    PrincipalIsOwed,
    PrincipalIsTooSmall,
)
from yutang.visits import actions as visits
from yutang.visits.guests import SERVED_AFTER

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[dict[str, Any]]:
    return [one.payload for one in OutboxEvent.objects.filter(kind=f"membership.{kind}").order_by("id")]


def sound() -> bool:
    """Return whether the accounts sum to zero and each wallet is what its entries say."""
    today = NOW.date()
    return (
        not queries.ledger_faults(access=SYSTEM)
        and not queries.books(access=SYSTEM, first=today, last=today).off_by_minor
    )


class TestTopUp:
    def test_adds_both_parts_once_by_its_key(self) -> None:
        (someone,) = people(1)

        first, again = paid_in(someone, key="a"), paid_in(someone, key="a")

        assert (first.is_new, again.is_new, first.movement_id) == (True, False, again.movement_id)
        assert left(someone) == (500_000, 50_000)
        row = Movement.objects.get()
        assert (row.till_minor, row.principal_minor, row.gift_minor, row.bonus_minor) == (
            500_000,
            -500_000,
            50_000,
            -50_000,
        )
        assert told("ToppedUp") == [
            {
                "movement_id": row.pk, "customer_id": someone, "store_id": 0, "principal_minor": 500_000,
                "bonus_minor": 50_000,
            }
        ]  # fmt: skip
        assert AuditEntry.objects.filter(action="membership.top_up").count() == 1
        assert sound()

    def test_refuses_a_key_that_stands_for_something_else(self) -> None:
        one, other = people(2)
        paid_in(one, key="a")

        for call in (
            lambda: paid_in(other, key="a"),
            lambda: paid_in(one, 600_000, key="a"),
            lambda: paid_in(one, bonus=1, key="a"),
            lambda: spent(one, 550_000, key="a"),
        ):
            with pytest.raises(BalanceKeyIsTaken):
                call()

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"principal": 0}, AmountIsWrong),
            ({"principal": -5}, AmountIsWrong),
            ({"principal": 10**8 + 1}, AmountIsWrong),
            ({"bonus": -1}, AmountIsWrong),
            ({"method": "shells"}, MethodIsUnknown),
            ({"store_id": 999}, NoSuchBalanceStore),
        ],
    )
    def test_refuses_what_cannot_be(self, wrong: dict[str, Any], refusal: Any) -> None:
        (someone,) = people(1)

        with pytest.raises(refusal):
            paid_in(someone, **wrong)

        assert not Movement.objects.exists()

    def test_by_staff_gives_no_more_than_the_plans_and_stays_within_reach(
        self, stores: dict[str, Store], manager: Actor
    ) -> None:
        (own,), (foreign,) = people(1, store=stores["xuhui"]), people(1, store=stores["tianhe"])
        actions.change_plans(actor=SYSTEM, plans=[(500_000, 50_000), (800_000, 100_000)], now=NOW)

        with pytest.raises(BonusIsNotPromised):
            paid_in(own, bonus=50_001, actor=manager)
        with pytest.raises(NoSuchCustomer):
            paid_in(foreign, actor=manager)
        with pytest.raises(NotAllowed):
            refunded(own, 1, actor=manager)
        assert paid_in(own, actor=manager, store_id=stores["xuhui"].pk).left.total_minor == 550_000

    def test_of_a_guest_is_taken_by_the_visit_alone_and_told_to_both_stores(
        self, stores: dict[str, Store], manager: Actor
    ) -> None:
        (guest,), (other,) = people(1, store=stores["tianhe"]), people(1, store=stores["tianhe"])
        visit = visits.note_visit(actor=SYSTEM, key="v", customer_id=guest, store_id=stores["xuhui"].pk, now=NOW)
        visits.note_visit(actor=SYSTEM, key="w", customer_id=other, store_id=stores["tianhe"].pk, now=NOW)

        done = paid_in(guest, bonus=0, actor=manager, store_id=stores["xuhui"].pk)

        for person, at in ((other, NOW), (guest, NOW + SERVED_AFTER)):
            with pytest.raises(NoSuchCustomer):
                paid_in(person, bonus=0, actor=manager, key="later", now=at)
            with pytest.raises(NoSuchCustomer):
                queries.served_balance_of(access=manager, customer_id=person, now=at)
        with pytest.raises(NoSuchCustomer):
            spent(guest, 1, actor=manager)
        with pytest.raises(NoSuchCustomer):
            queries.statement_of(access=manager, customer_id=guest)
        assert queries.served_balance_of(access=manager, customer_id=guest, now=NOW).principal_minor == 500_000
        home = replace(manager, store_ids=frozenset({stores["tianhe"].pk}))
        elsewhere = replace(manager, store_ids=frozenset({stores["pudong"].pk}))
        seen = [[row.id for row in queries.movements(access=one).rows] for one in (manager, home, elsewhere)]
        assert seen == [[done.movement_id], [done.movement_id], []]
        today = NOW.date()
        books = [queries.books(access=one, first=today, last=today) for one in (manager, home, elsewhere)]
        assert [one.topped_up_minor for one in books] == [500_000, 500_000, 0]
        assert [one.owed_principal_minor for one in books] == [0, 500_000, 0]
        entry = AuditEntry.objects.get(action="membership.top_up")
        assert entry.actor_id == manager.staff_id
        assert entry.detail["visit"] == visit.id

    def test_by_a_plan_takes_what_the_plan_says(self) -> None:
        (someone,) = people(1)
        actions.change_plans(actor=SYSTEM, plans=[(500_000, 50_000)], now=NOW)
        (plan,) = queries.plans()
        own = {"actor": SYSTEM, "key": "p", "customer_id": someone, "store_id": None, "method": "cash", "now": NOW}

        actions.top_up_by_plan(plan_id=plan.id, **own)
        actions.change_plans(actor=SYSTEM, plans=[(800_000, 100_000)], now=NOW)

        assert left(someone) == (500_000, 50_000)
        with pytest.raises(NoSuchPlan):
            actions.top_up_by_plan(plan_id=plan.id, **{**own, "key": "q"})
        for wrong in ([(0, 0)], [(5, 6)], [(5, 1), (5, 2)]):
            with pytest.raises(PlanIsWrong):
                actions.change_plans(actor=SYSTEM, plans=wrong, now=NOW)


class TestSpend:
    @pytest.mark.parametrize(
        ("order", "after"),
        [("principal", (400_000, 50_000)), (BONUS_FIRST, (450_000, 0)), (IN_PROPORTION, (409_090, 40_910))],
    )
    def test_uses_up_first_what_the_setting_says(self, order: str, after: tuple[int, int]) -> None:
        (someone,) = people(1)
        change_setting(actor=SYSTEM, key=USE_FIRST, value=order, now=NOW)
        paid_in(someone)

        done = spent(someone, 100_000)

        assert left(someone) == after
        assert done.principal_minor + done.bonus_minor == -100_000
        assert sound()

    def test_once_by_its_key_and_never_more_than_there_is(self) -> None:
        (someone,) = people(1)
        paid_in(someone)

        spent(someone, 550_000)
        assert spent(someone, 550_000).is_new is False

        assert left(someone) == (0, 0)
        with pytest.raises(BalanceIsTooSmall) as refused:
            spent(someone, 1, key="b")
        assert refused.value.data["left_minor"] == 0
        assert len(told("Spent")) == 1

    def test_of_who_never_topped_up_is_refused(self) -> None:
        (someone,) = people(1)

        with pytest.raises(BalanceIsTooSmall):
            spent(someone, 1)


class TestReturn:
    def returned(self, amount: int, key: str, **more: Any) -> Any:
        own = {"actor": SYSTEM, "spending_key": "s", "reason": "did not fit", "now": NOW, **more}
        return actions.return_purchase(key=key, amount_fen=amount, **own)

    def test_brings_back_what_was_taken_in_its_proportion_to_the_last_fen(self) -> None:
        (someone,) = people(1)
        change_setting(actor=SYSTEM, key=USE_FIRST, value=IN_PROPORTION, now=NOW)
        paid_in(someone)
        spent(someone, 100_001)

        for n, amount in enumerate((33_333, 33_333, 33_335)):
            self.returned(amount, f"r{n}")
            self.returned(amount, f"r{n}")

        assert left(someone) == (500_000, 50_000)
        assert sound()
        with pytest.raises(MoreThanWasSpent):
            self.returned(1, "r9")

    def test_refuses_what_was_never_spent_or_has_no_reason(self) -> None:
        (someone,) = people(1)
        paid_in(someone)
        spent(someone, 100)

        with pytest.raises(NoSuchSpending):
            self.returned(1, "r", spending_key="x")
        with pytest.raises(BalanceReasonIsMissing):
            self.returned(1, "r", reason="  ")


class TestRefund:
    def test_pays_principal_out_and_the_same_share_of_the_bonus_lapses(self) -> None:
        (someone,) = people(1)
        paid_in(someone)

        refunded(someone, 100_000)
        refunded(someone, 100_000)

        assert left(someone) == (400_000, 40_000)
        refunded(someone, 400_000, key="all")
        assert left(someone) == (0, 0)
        assert [(one["amount_minor"], one["lapsed_minor"]) for one in told("PrincipalRefunded")] == [
            (100_000, 10_000), (400_000, 40_000),
        ]  # fmt: skip
        books = queries.books(access=SYSTEM, first=NOW.date(), last=NOW.date())
        assert (books.topped_up_minor, books.paid_out_minor, books.gift_minor) == (500_000, 500_000, 0)
        assert sound()

    def test_never_pays_out_bonus(self) -> None:
        (someone,) = people(1)
        paid_in(someone)
        spent(someone, 500_000)

        with pytest.raises(PrincipalIsTooSmall):
            refunded(someone, 1)


class TestOnlineTopUps:
    def asked(self, customer_id: int) -> int:
        actions.change_plans(actor=SYSTEM, plans=[(500_000, 50_000)], now=NOW)
        (plan,) = queries.plans()
        own = {"actor": SYSTEM, "key": "o", "customer_id": customer_id, "plan_id": plan.id, "now": NOW}
        return {actions.ask_top_up(**own).id for _ in range(2)}.pop()

    def test_count_once_they_are_paid_however_often_that_is_told(self) -> None:
        (someone,) = people(1)
        order_id = self.asked(someone)
        actions.end_top_up(actor=SYSTEM, order_id=order_id, now=NOW)

        for _ in range(2):
            actions.settle_top_up(actor=SYSTEM, order_id=order_id, paid_fen=500_000, now=NOW)
        actions.end_top_up(actor=SYSTEM, order_id=order_id, now=NOW)

        assert left(someone) == (500_000, 50_000)
        assert queries.top_up_order(access=SYSTEM, order_id=order_id, customer_id=someone).state == "paid"

    def test_of_another_amount_or_of_nobody_are_refused(self) -> None:
        someone, other = people(2)
        order_id = self.asked(someone)

        with pytest.raises(PaymentDoesNotFit):
            actions.settle_top_up(actor=SYSTEM, order_id=order_id, paid_fen=499_999, now=NOW)
        with pytest.raises(NoSuchTopUp):
            actions.settle_top_up(actor=SYSTEM, order_id=order_id + 1, paid_fen=500_000, now=NOW)
        with pytest.raises(NoSuchTopUp):
            queries.top_up_order(access=SYSTEM, order_id=order_id, customer_id=other)
        assert left(someone) == (0, 0)


class TestPeople:
    def test_two_balances_are_spent_as_one_after_a_merge_and_go_back_when_it_is_undone(self) -> None:
        one, other = people(2)
        paid_in(one, 10_000, 1_000)
        paid_in(other, 20_000, 2_000)

        merge_id = merge_customers(actor=SYSTEM, first_id=one, second_id=other, now=NOW)
        assert left(other) == left(one) == (30_000, 3_000)
        done = spent(one, 31_500)
        again = spent(other, 31_500)

        assert (done.movement_id, again.is_new) == (again.movement_id, False)
        assert left(one) == (0, 1_500)
        assert Movement.objects.filter(key="s").count() == 2
        undo_merge(actor=SYSTEM, merge_id=merge_id, now=NOW)
        assert (left(one), left(other)) == ((0, 0), (0, 1_500))
        assert sound()

    def test_who_is_erased_is_owed_nothing_and_the_books_stay(self) -> None:
        (someone,) = people(1)
        paid_in(someone)
        with pytest.raises(PrincipalIsOwed):
            actions.forget_people(actor=SYSTEM, customer_ids=[someone], now=NOW)
        refunded(someone, 500_000)

        assert actions.forget_people(actor=SYSTEM, customer_ids=[someone], now=NOW) == 1

        assert set(Movement.objects.values_list("customer_id", "reason")) == {(None, "")}
        assert queries.books(access=SYSTEM, first=NOW.date(), last=NOW.date()).topped_up_minor == 500_000
        assert sound()


class TestTheDatabase:
    def test_holds_every_entry_to_zero(self) -> None:
        (someone,) = people(1)
        paid_in(someone)

        for column in ("till_minor", "principal_minor", "bonus_minor", "sales_minor", "gift_minor"):
            with pytest.raises(IntegrityError), transaction.atomic():
                Movement.objects.update(**{column: 1})

    def test_holds_every_wallet_to_zero_and_above(self) -> None:
        (someone,) = people(1)
        paid_in(someone)

        for column in ("principal_minor", "bonus_minor"):
            with pytest.raises(IntegrityError), transaction.atomic():
                Wallet.objects.update(**{column: -1})

    def test_is_told_on_when_a_wallet_is_not_what_its_entries_say(self) -> None:
        (someone,) = people(1)
        paid_in(someone)
        assert queries.ledger_faults(access=SYSTEM) == ()

        Wallet.objects.update(principal_minor=500_001)

        assert queries.ledger_faults(access=SYSTEM) == (Wallet.objects.get().pk,)
