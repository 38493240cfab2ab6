"""Four workers on one balance, on either database: never below zero, nothing lost, nothing twice."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.channels.test_workers import all_at_once
from tests.conftest import NOW
from tests.membership.conftest import SYSTEM, left, paid_in, people, refunded, spent
from yutang.kit.errors import DomainError
from yutang.membership import queries
from yutang.membership.models import Movement, Wallet

pytestmark = pytest.mark.django_db(transaction=True)


class TestFourWorkers:
    def test_spend_no_more_than_there_is(self) -> None:
        (someone,) = people(1)
        paid_in(someone, 10_000, 1_000)
        told: list[str] = []

        def work(number: int) -> None:
            for n in range(10):
                try:
                    spent(someone, 700, key=f"s{number}:{n}")
                    told.append("spent")
                except DomainError as refusal:
                    told.append(refusal.code)

        all_at_once(work)

        assert Counter(told) == {"spent": 15, "balance_is_too_small": 25}
        assert left(someone) == (0, 500)
        assert queries.ledger_faults(access=SYSTEM) == ()

    def test_open_one_wallet_and_do_each_key_once(self) -> None:
        (someone,) = people(1)

        def work(number: int) -> None:
            for n in range(8):
                paid_in(someone, 1_000, 100, key=f"t{(n + number) % 8}")

        all_at_once(work)

        assert Wallet.objects.count() == 1
        assert Movement.objects.count() == 8
        assert left(someone) == (8_000, 800)

    def test_balance_to_zero_whatever_they_do(self) -> None:
        crowd = people(2)
        for one in crowd:
            paid_in(one, 20_000, 2_000)

        def work(number: int) -> None:
            chance = random.Random(number)
            for n in range(12):
                one, key = chance.choice(crowd), f"w{number}:{n}"
                try:
                    if chance.random() < 0.2:
                        paid_in(one, 1_000, 50, key=key)
                    elif chance.random() < 0.3:
                        refunded(one, chance.randrange(1, 4_000), key=key)
                    else:
                        spent(one, chance.randrange(1, 6_000), key=key)
                except DomainError:
                    continue

        all_at_once(work)

        books = queries.books(access=SYSTEM, first=NOW.date(), last=NOW.date())
        assert books.off_by_minor == 0
        assert queries.ledger_faults(access=SYSTEM) == ()
        assert all(part >= 0 for one in crowd for part in left(one))
