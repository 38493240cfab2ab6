"""Several workers at once, on either database: no slot is overbooked, no code checks in twice, no place is lost."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC

import pytest

from tests.channels.test_workers import all_at_once
from tests.conftest import NOW
from tests.visits.conftest import DAY, SYSTEM, TEN, booked, opened, people
from yutang.foundation.models import Store
from yutang.kit.errors import DomainError
from yutang.visits import actions
from yutang.visits.models import Booking, Slot

pytestmark = pytest.mark.django_db(transaction=True)


def places_fit() -> bool:
    """Return whether each slot counts as many bookings as hold a place in it."""
    held = Counter(Booking.objects.filter(holds_place=True).values_list("store_id", "starts_at"))
    counted = {(one.store_id, one.starts_at): one.taken for one in Slot.objects.all() if one.taken}
    return dict(held) == counted


class TestFourWorkers:
    def test_sell_the_places_of_a_slot_once(self, stores: dict[str, Store]) -> None:
        store, crowd = opened(stores["xuhui"], capacity=5), people(40)
        refused: list[str] = []

        def work(number: int) -> None:
            for one in crowd[number::4]:
                try:
                    booked(store, one)
                except DomainError as refusal:
                    refused.append(refusal.code)

        all_at_once(work)

        assert Booking.objects.count() == 5
        assert Counter(refused) == {"slot_is_full": 35}
        assert places_fit()

    def test_lose_no_place_while_people_move_and_call_off(self, stores: dict[str, Store]) -> None:
        store, crowd = opened(stores["xuhui"], capacity=3), people(8)
        mine = [booked(store, one, TEN + n // 3 * DAY) for n, one in enumerate(crowd)]

        def work(number: int) -> None:
            chance = random.Random(number)
            for _ in range(12):
                one = chance.choice(mine)
                try:
                    if chance.random() < 0.15:
                        actions.cancel_booking(actor=SYSTEM, booking_id=one.id, now=NOW)
                    else:
                        at = TEN + chance.randrange(4) * DAY
                        actions.move_booking(actor=SYSTEM, booking_id=one.id, at=at, now=NOW)
                except DomainError:
                    continue

        all_at_once(work)

        assert places_fit()
        assert max(Slot.objects.values_list("taken", flat=True)) <= 3

    def test_check_a_code_in_once(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        mine, won, lost = booked(store, someone), [], []

        def work(number: int) -> None:
            for _ in range(5):
                try:
                    won.append(actions.check_in(actor=SYSTEM, code=mine.code, now=TEN.astimezone(UTC)).id)
                except DomainError as refusal:
                    lost.append(refusal.code)

        all_at_once(work)

        assert won == [mine.id]
        assert Counter(lost) == {"came_already": 19}
