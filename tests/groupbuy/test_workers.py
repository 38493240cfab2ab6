"""Several workers at once, on either database: nobody sits on two places, no stock is passed, one of 200 gets the last place."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.channels.test_workers import all_at_once
from tests.conftest import NOW
from tests.groupbuy.conftest import SYSTEM, campaign, fresh, join, pay, payment_of, people, start, wrong_counters
from yutang.groupbuy import actions
from yutang.groupbuy.actions import Wish
from yutang.groupbuy.models import Campaign, Group, Seat
from yutang.kit.errors import DomainError
from yutang.payments import ledger

pytestmark = pytest.mark.django_db(transaction=True)


class TestJoining:
    def test_of_two_hundred_who_want_the_last_place_one_gets_it(self) -> None:
        campaign()
        captain, crowd = start(people(1)[0]), people(200)
        won: list[str] = []
        lost: list[str] = []

        def work(number: int) -> None:
            for person in crowd[number * 25 : number * 25 + 25]:
                wish = Wish(f"k{person}", person)
                try:
                    won.append(actions.join_group(actor=SYSTEM, code=captain.group.code, wish=wish, now=NOW))
                except DomainError as refusal:
                    lost.append(refusal.code)

        all_at_once(work, workers=8)

        assert len(won) == 1
        assert Counter(lost) == {"group_is_full": 199}
        assert Seat.objects.filter(group=captain.group, state="held").count() == 2
        assert wrong_counters() == []

    def test_no_stock_is_passed_and_nobody_has_more_than_one_may(self) -> None:
        made, crowd = campaign(stock=21, per_person=2), people(4)
        refused: list[str] = []

        def work(number: int) -> None:
            for n in range(12):
                try:
                    start(crowd[(number + n) % 4], key=f"{number}:{n}")
                except DomainError as refusal:
                    refused.append(refusal.code)

        all_at_once(work, workers=8)

        assert max(Counter(Seat.objects.values_list("customer_id", flat=True)).values()) == 2
        assert Campaign.objects.get(pk=made.pk).set_aside == Group.objects.count() * 2 == 16
        assert set(refused) == {"group_person_has_enough"} or set(refused) == {
            "group_person_has_enough",
            "group_is_full",
        }
        assert wrong_counters() == []


def test_paying_leaving_lapsing_and_ending_at_once_leave_everything_right() -> None:
    campaign(stock=400, per_person=5)
    crowd = people(40)
    captains = [start(one, size=3) for one in crowd[:10]]

    def work(number: int) -> None:
        for n, captain in enumerate(captains):
            person = crowd[10 + (number * 7 + n * 3) % 30]
            try:
                seat = join(captain.group, person, key=f"{number}:{n}")
                if (number + n) % 3:
                    pay(seat)
                else:
                    actions.leave_group(actor=SYSTEM, token=seat.token, now=NOW)
                if number == n % 8:
                    pay(captain)
            except DomainError:
                continue
            if n == 5:
                actions.lapse_holds(actor=SYSTEM, now=NOW)
                actions.end_groups(actor=SYSTEM, now=NOW)

    all_at_once(work, workers=8)

    assert wrong_counters() == []
    assert ledger.unbalanced() == []
    for seat in Seat.objects.filter(state="paid"):
        assert payment_of(seat).state == "paid"
        assert fresh(seat).paid_at is not None
