"""A group that loses its last place ends at once and returns its places to the stock, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.groupbuy.conftest import SYSTEM, campaign, fresh, join, pay, pay_late, people, start, wrong_counters
from yutang.foundation.models import OutboxEvent
from yutang.groupbuy import actions
from yutang.groupbuy.actions.freeing import free_overdue
from yutang.groupbuy.models import Campaign, Group
from yutang.payments import ledger
from yutang.payments.models import Refund

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def books_and_counters_are_right() -> object:
    """After every test the counters tell what the seats tell, and the books are right."""
    yield
    assert wrong_counters() == []
    assert ledger.unbalanced() == []


class TestEmptied:
    def test_a_group_whose_only_payment_is_given_up_ends_at_once_and_returns_its_places_once(self) -> None:
        made = campaign(stock=3, tiers=((3, 8_900),))
        for hours in range(3):
            seat = start(people(1)[0], size=3, now=NOW + hours * HOUR)
            assert Campaign.objects.get(pk=made.pk).set_aside == 3
            for _ in range(2):
                actions.give_up_seat(actor=SYSTEM, seat_id=seat.pk, now=NOW + hours * HOUR)

            assert (fresh(seat).group.state, fresh(seat).group.ended_at) == ("lapsed", NOW + hours * HOUR)
            assert Campaign.objects.get(pk=made.pk).set_aside == 0
        assert not OutboxEvent.objects.filter(kind="groupbuy.GroupExpired").exists()

    def test_one_that_somebody_else_holds_goes_on(self) -> None:
        made = campaign()
        one, other = people(2)
        seat = start(one, size=3)
        join(seat.group, other)
        actions.give_up_seat(actor=SYSTEM, seat_id=seat.pk, now=NOW)

        assert (fresh(seat).group.state, fresh(seat).group.taken) == ("open", 1)
        assert Campaign.objects.get(pk=made.pk).set_aside == 3

    def test_places_not_paid_in_time_and_the_last_one_that_is_left_end_it_too(self) -> None:
        made = campaign()
        one, other = people(2)
        slow, leaving = start(one), pay(start(other, size=3))
        actions.lapse_holds(actor=SYSTEM, now=NOW + HOUR)
        assert (fresh(slow).group.state, Campaign.objects.get(pk=made.pk).set_aside) == ("lapsed", 3)

        actions.leave_group(actor=SYSTEM, token=leaving.token, now=NOW + HOUR)

        assert (fresh(leaving).group.state, Campaign.objects.get(pk=made.pk).set_aside) == ("lapsed", 0)
        assert Refund.objects.get().reason == "left_group"

    def test_whoever_wants_a_place_of_a_full_group_gets_it_though_everybody_was_too_slow(self) -> None:
        campaign()
        one, other, third = people(3)
        slow = start(one)
        join(slow.group, other)

        quick = join(slow.group, third, now=NOW + timedelta(minutes=16))

        assert (quick.group.state, quick.group.taken) == ("open", 1)

    def test_one_emptied_for_somebody_who_then_took_none_is_ended_by_the_task(self) -> None:
        made = campaign()
        one, other = people(2)
        slow = start(one)
        join(slow.group, other)
        free_overdue(group_id=slow.group_id, now=NOW + timedelta(minutes=16))
        assert fresh(slow).group.state == "open"

        assert actions.end_groups(actor=SYSTEM, now=NOW + timedelta(minutes=17)) == 1

        assert Campaign.objects.get(pk=made.pk).set_aside == 0

    @pytest.mark.parametrize(("when_late", "then"), [("refund", "late"), ("new_group", "paid")])
    def test_a_payment_that_comes_after_that_goes_back_or_begins_a_group_anew(self, when_late: str, then: str) -> None:
        made = campaign(when_late=when_late)
        seat = start(people(1)[0])
        ended = seat.group
        actions.give_up_seat(actor=SYSTEM, seat_id=seat.pk, now=NOW)

        for _ in range(2):
            assert pay_late(seat).state == then

        assert Group.objects.get(pk=ended.pk).state == "lapsed"
        assert Campaign.objects.get(pk=made.pk).set_aside == (2 if then == "paid" else 0)
        assert Refund.objects.count() == (then == "late")
