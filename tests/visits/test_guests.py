"""Who is served at a store though they belong to another one: awaited there, or there within the last week."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.visits.conftest import DAY, SYSTEM, TEN, booked, opened, people
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.visits import actions
from yutang.visits.guests import SERVED_AFTER, guest_names, guests

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def from_elsewhere(stores: dict[str, Store]) -> int:
    """Return somebody of another store than the manager's, which takes bookings."""
    opened(stores["xuhui"])
    return people(1, store=stores["tianhe"])[0]


class TestGuests:
    def test_are_who_is_awaited_until_a_day_after_the_time(self, stores: dict[str, Store], manager: Actor) -> None:
        someone = from_elsewhere(stores)
        visit = booked(stores["xuhui"], someone, TEN)
        asked: dict[str, Any] = {"access": manager, "customer_ids": [someone]}

        assert guests(now=NOW, **asked) == {someone: visit.id}
        assert guests(now=TEN + DAY - SECOND, **asked) == {someone: visit.id}
        assert guests(now=TEN + DAY, **asked) == {}

    def test_are_who_missed_the_time_and_may_still_come_that_day(
        self, stores: dict[str, Store], manager: Actor
    ) -> None:
        someone = from_elsewhere(stores)
        booked(stores["xuhui"], someone, TEN)
        late = TEN + timedelta(hours=8)
        assert actions.follow_bookings(actor=SYSTEM, now=late)["missed"] == 1

        assert set(guests(access=manager, customer_ids=[someone], now=late)) == {someone}

    def test_are_who_came_within_the_last_week(self, stores: dict[str, Store], manager: Actor) -> None:
        someone = from_elsewhere(stores)
        visit = booked(stores["xuhui"], someone, TEN)
        actions.check_in_by_hand(actor=manager, booking_id=visit.id, now=TEN)
        asked: dict[str, Any] = {"access": manager, "customer_ids": [someone]}

        assert guests(now=TEN + SERVED_AFTER - SECOND, **asked) == {someone: visit.id}
        assert guests(now=TEN + SERVED_AFTER, **asked) == {}

    def test_are_not_who_called_it_off_or_comes_elsewhere(self, stores: dict[str, Store], manager: Actor) -> None:
        someone, other = from_elsewhere(stores), people(1, store=stores["tianhe"])[0]
        actions.cancel_booking(actor=SYSTEM, booking_id=booked(stores["xuhui"], someone).id, now=NOW)
        booked(opened(stores["tianhe"]), other)

        assert guests(access=manager, customer_ids=[someone, other], now=NOW) == {}

    def test_are_nobodys_who_may_not_see_visits(self, stores: dict[str, Store], manager: Actor) -> None:
        someone = from_elsewhere(stores)
        booked(stores["xuhui"], someone)
        blind = replace(manager, granted=frozenset({"membership.take", "membership.view", "customers.view"}))

        assert guests(access=blind, customer_ids=[someone], now=NOW) == {}

    def test_are_called_by_their_masked_names(self, stores: dict[str, Store], manager: Actor) -> None:
        someone, other = from_elsewhere(stores), people(1, store=stores["tianhe"])[0]
        booked(stores["xuhui"], someone)

        assert guest_names(access=manager, customer_ids=[someone, other], now=NOW) == {someone: "张*"}

    def test_are_found_in_one_query(
        self, stores: dict[str, Store], manager: Actor, django_assert_num_queries: Any
    ) -> None:
        opened(stores["xuhui"], capacity=9)
        them = people(5, store=stores["tianhe"])
        for one in them:
            booked(stores["xuhui"], one)

        with django_assert_num_queries(1):
            assert set(guests(access=manager, customer_ids=them, now=NOW)) == set(them)
