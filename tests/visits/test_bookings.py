"""Booking, moving, calling off: one key books once, only what is offered, never one too many in a slot."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.visits.conftest import DAY, HOUR, SHANGHAI, SYSTEM, TEN, TERMS, booked, opened, people
from yutang.customers.actions import merge_customers, undo_merge
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, OutboxEvent, Store
from yutang.kit.errors import DomainError
from yutang.visits import actions, queries
from yutang.visits.models import Booking, Slot
from yutang.visits.refusals import (
    BookingIsOver,
    BookingKeyIsTaken,
    HoursAreWrong,
    NoSuchBooking,
    NoSuchVisitStore,
    SlotIsFull,
    StoreTakesNoBookings,
    TimeIsNotOffered,
    TooManyBookings,
)
from yutang.visits.slots import slot_starts
from yutang.visits.views import Hours, Terms

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[dict[str, Any]]:
    return [one.payload for one in OutboxEvent.objects.filter(kind=f"visits.{kind}").order_by("id")]


def taken(at: datetime = TEN) -> int:
    return sum(Slot.objects.filter(starts_at=at).values_list("taken", flat=True))


class TestSlots:
    def test_lie_in_the_opening_hours_as_a_whole_each_once(self) -> None:
        terms = Terms(slot_minutes=45, hours=(Hours(3, time(10), time(12)), Hours(3, time(12), time(13, 30))))

        starts = [f"{one:%H:%M}" for one in slot_starts(terms, date(2026, 3, 12), zone=SHANGHAI)]

        assert starts == ["10:00", "10:45", "12:00", "12:45"]

    def test_reach_midnight_and_are_none_on_a_closed_day(self) -> None:
        terms = Terms(slot_minutes=60, hours=(Hours(3, time(22), time(0)),), closed_days=(date(2026, 3, 19),))

        assert [one.hour for one in slot_starts(terms, date(2026, 3, 12), zone=SHANGHAI)] == [22, 23]
        assert not list(slot_starts(terms, date(2026, 3, 19), zone=SHANGHAI))
        assert not list(slot_starts(terms, date(2026, 3, 13), zone=SHANGHAI))

    def test_skip_an_hour_that_the_clock_skips(self) -> None:
        from zoneinfo import ZoneInfo

        terms = Terms(slot_minutes=60, hours=(Hours(6, time(1), time(5)),))

        starts = list(slot_starts(terms, date(2026, 3, 29), zone=ZoneInfo("Europe/Berlin")))

        assert [one.hour for one in starts] == [1, 3, 4]
        assert [one.astimezone(UTC).hour for one in starts] == [0, 1, 2]


class TestBook:
    def test_books_once_by_its_key_tells_it_once_and_gives_a_code(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)

        first = booked(store, someone, key="a", source="groupbuy:12")
        again = booked(store, someone, key="a", source="groupbuy:12", now=NOW + HOUR)

        assert (first.id, first.code) == (again.id, again.code)
        assert len(first.code) == 9
        assert (first.starts_at, first.business_date) == (TEN, date(2026, 3, 12))
        assert taken() == Booking.objects.count() == 1
        assert told("Booked") == [
            {
                "booking_id": first.id,
                "customer_id": someone,
                "store_id": store.pk,
                "source": "groupbuy:12",
                "starts_at": "2026-03-12T02:00:00+00:00",
            }
        ]
        assert AuditEntry.objects.filter(action="visits.book").count() == 1

    def test_refuses_a_key_that_stands_for_somebody_else(self, stores: dict[str, Store]) -> None:
        store, (one, other) = opened(stores["xuhui"]), people(2)
        booked(store, one, key="a")

        with pytest.raises(BookingKeyIsTaken):
            booked(store, other, key="a")

    @pytest.mark.parametrize(
        ("at", "refusal"),
        [
            (TEN + HOUR / 2, TimeIsNotOffered),  # no slot begins then
            (TEN + 3 * HOUR, TimeIsNotOffered),  # at noon it is closed
            (TEN - DAY, TimeIsNotOffered),  # now is too late
            (TEN - DAY + HOUR, None),  # an hour before is enough
            (TEN + 13 * DAY, None),  # the last day
            (TEN + 14 * DAY, TimeIsNotOffered),  # too far away
        ],
    )
    def test_takes_only_what_is_offered(self, stores: dict[str, Store], at: datetime, refusal: Any) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)

        if refusal is None:
            assert booked(store, someone, at).starts_at == at
        else:
            with pytest.raises(refusal):
                booked(store, someone, at)
            assert not Booking.objects.exists()

    def test_refuses_where_no_bookings_are_taken(self, stores: dict[str, Store]) -> None:
        (someone,) = people(1)
        opened(stores["pudong"], takes_bookings=False)

        for store in (stores["xuhui"], stores["pudong"]):
            with pytest.raises(StoreTakesNoBookings):
                booked(store, someone)

    def test_fills_a_slot_and_no_more(self, stores: dict[str, Store]) -> None:
        store, crowd = opened(stores["xuhui"]), people(3)
        for one in crowd[:2]:
            booked(store, one)

        with pytest.raises(SlotIsFull):
            booked(store, crowd[2])

        assert taken() == 2
        offered = queries.times(access=SYSTEM, store_id=store.pk, days=[TEN.date()], now=NOW)[TEN.date()]
        assert [one.left for one in offered] == [0, 2, 2, 2, 2, 2]

    def test_lets_somebody_of_no_store_belong_to_it_and_nobody_else(self, stores: dict[str, Store]) -> None:
        store, (nobodys, theirs) = opened(stores["xuhui"]), people(2)
        Customer.objects.filter(pk=nobodys).update(store=None)
        Customer.objects.filter(pk=theirs).update(store=stores["tianhe"])

        for one in (nobodys, theirs):
            booked(store, one)

        assert dict(Customer.objects.values_list("pk", "store_id")) == {nobodys: store.pk, theirs: stores["tianhe"].pk}

    def test_lets_a_customer_have_two_to_come_and_staff_book_more(
        self, stores: dict[str, Store], manager: Actor
    ) -> None:
        store = opened(stores["xuhui"])
        (someone,) = people(1, store=store)
        for n in range(2):
            booked(store, someone, TEN + n * DAY)

        with pytest.raises(TooManyBookings):
            booked(store, someone, TEN + 2 * DAY)

        assert booked(store, someone, TEN + 2 * DAY, actor=manager).id

    def test_is_within_reach_only(self, stores: dict[str, Store], manager: Actor) -> None:
        here, there = opened(stores["xuhui"]), opened(stores["tianhe"])
        (own,), (foreign,) = people(1, store=here), people(1, store=there)

        with pytest.raises(NoSuchCustomer):
            booked(here, foreign, actor=manager)
        with pytest.raises(NoSuchVisitStore):
            booked(there, own, actor=manager)
        with pytest.raises(NotAllowed):
            booked(here, own, actor=Actor(1, "analyst", None, "x"))


class TestMove:
    def test_takes_the_new_place_gives_the_old_one_back_and_keeps_the_code(self, stores: dict[str, Store]) -> None:
        here, there, (someone,) = opened(stores["xuhui"]), opened(stores["pudong"]), people(1)
        first = booked(here, someone)

        moved = actions.move_booking(actor=SYSTEM, booking_id=first.id, at=TEN + 2 * DAY, store_id=there.pk, now=NOW)

        assert (moved.code, moved.store_id, moved.moves) == (first.code, there.pk, 1)
        assert (taken(), taken(TEN + 2 * DAY)) == (0, 1)
        assert [one["store_id"] for one in told("Moved")] == [there.pk]

    def test_into_a_full_slot_changes_nothing(self, stores: dict[str, Store]) -> None:
        store, crowd = opened(stores["xuhui"], capacity=1), people(2)
        booked(store, crowd[0], TEN + DAY)
        mine = booked(store, crowd[1])

        with pytest.raises(SlotIsFull):
            actions.move_booking(actor=SYSTEM, booking_id=mine.id, at=TEN + DAY, now=NOW)

        assert (taken(), taken(TEN + DAY)) == (1, 1)
        assert queries.booking_view(access=SYSTEM, booking_id=mine.id).starts_at == TEN

    def test_to_where_it_is_does_nothing(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"], capacity=1), people(1)
        mine = booked(store, someone)

        assert actions.move_booking(actor=SYSTEM, booking_id=mine.id, at=TEN, now=NOW).moves == 0
        assert taken() == 1


class TestCancel:
    def test_frees_the_place_once(self, stores: dict[str, Store]) -> None:
        store, (one, other) = opened(stores["xuhui"], capacity=1), people(2)
        mine = booked(store, one)

        for _ in range(2):
            actions.cancel_booking(actor=SYSTEM, booking_id=mine.id, now=NOW)

        assert taken() == 0
        assert len(told("Cancelled")) == 1
        assert booked(store, other).id
        with pytest.raises(BookingIsOver):
            actions.move_booking(actor=SYSTEM, booking_id=mine.id, at=TEN + DAY, now=NOW)

    def test_is_within_reach_only(self, stores: dict[str, Store], manager: Actor) -> None:
        there, (someone,) = opened(stores["tianhe"]), people(1)
        mine = booked(there, someone)

        with pytest.raises(NoSuchBooking):
            actions.cancel_booking(actor=manager, booking_id=mine.id, now=NOW)


class TestTerms:
    @pytest.mark.parametrize(
        "parts",
        [
            {"slot_minutes": 4},
            {"capacity": 0},
            {"days_ahead": 91},
            {"hours": (Hours(0, time(12), time(10)),)},
            {"hours": (Hours(0, time(10), time(14)), Hours(0, time(13), time(18)))},
            {"hours": (Hours(0, time(22), time(0)), Hours(0, time(23), time(23, 30)))},
            {"hours": (Hours(7, time(10), time(12)),)},
        ],
    )
    def test_that_cannot_be_are_refused_in_words(self, stores: dict[str, Store], parts: dict[str, Any]) -> None:
        with pytest.raises(HoursAreWrong) as refused:
            opened(stores["xuhui"], **parts)

        assert refused.value.data["expected"]
        assert queries.store_terms(access=SYSTEM, store_id=stores["xuhui"].pk) == Terms(takes_bookings=False)

    def test_are_kept_as_they_were_said(self, stores: dict[str, Store]) -> None:
        store = opened(stores["xuhui"], closed_days=(date(2026, 4, 5),))

        kept = queries.store_terms(access=SYSTEM, store_id=store.pk)

        assert kept == Terms(**{**vars(TERMS), "closed_days": (date(2026, 4, 5),)})

    def test_of_many_stores_cost_as_many_queries_as_of_one(self, stores: dict[str, Store]) -> None:
        opened(stores["xuhui"])
        with CaptureQueriesContext(
            connection,
        ) as of_one:
            queries.bookable_stores(access=SYSTEM, today=NOW.date())
        for store in stores.values():
            opened(store)
        with CaptureQueriesContext(connection) as of_all:
            found = queries.bookable_stores(access=SYSTEM, today=NOW.date())

        assert len(found) == 3
        assert len(of_all) == len(of_one)


class TestPeople:
    def test_bookings_go_along_with_a_merge_and_back(self, stores: dict[str, Store]) -> None:
        store, (one, other) = opened(stores["xuhui"]), people(2)
        mine = booked(store, other)

        merge_id = merge_customers(actor=SYSTEM, first_id=one, second_id=other, now=NOW)
        merged = queries.bookings_of(access=SYSTEM, customer_id=one)
        undo_merge(actor=SYSTEM, merge_id=merge_id, now=NOW)

        assert [view.id for view in merged] == [mine.id]
        assert [view.id for view in queries.bookings_of(access=SYSTEM, customer_id=other)] == [mine.id]

    def test_who_is_erased_frees_the_places_and_leaves_no_code(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        mine = booked(store, someone)
        actions.note_hook(actor=SYSTEM, key="h", customer_id=someone, source="groupbuy:1", hook_minor=1_990, now=NOW)

        assert actions.forget_people(actor=SYSTEM, customer_ids=[someone], now=NOW) == 2

        row = Booking.objects.get(pk=mine.id)
        assert (row.customer_id, row.state, taken()) == (None, "cancelled", 0)
        with pytest.raises(DomainError):
            actions.check_in(actor=SYSTEM, code=mine.code, now=TEN.astimezone(UTC))
