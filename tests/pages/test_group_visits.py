"""The visit that is booked with a place in a group: once, at the stores of the offer, and called off when the money goes back."""

from __future__ import annotations

import contextlib
from datetime import time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.groupbuy.conftest import SYSTEM, guard_lets_in
from tests.pages.test_groups import FRIEND, key_in, offer, paid, started, text
from yutang.foundation.models import OutboxEvent
from yutang.groupbuy import actions
from yutang.groupbuy.leading_on import note_paid
from yutang.groupbuy.models import Campaign, Group, Seat
from yutang.groupbuy.refusals import SeatCannotBeTakenOut
from yutang.pages.signed import sign
from yutang.visits import actions as visits
from yutang.visits import queries as visits_queries
from yutang.visits.models import Booking, Slot
from yutang.visits.refusals import OfferIsUsedElsewhere, PlaceWasGivenBack
from yutang.visits.views import Hours, Terms

__all__ = ["guard_lets_in", "offer"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calm(settings: Any, tmp_path: Any) -> None:
    """Nobody has asked too often, and the lake is the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()


class TestTheVisit:
    @pytest.fixture
    def store(self, stores: dict[str, Any]) -> Any:
        """A store that takes bookings at any hour."""
        week = tuple(Hours(weekday, time(0), time(0)) for weekday in range(7))
        terms = Terms(slot_minutes=60, capacity=9, lead_minutes=0, hours=week)
        visits.change_terms(actor=SYSTEM, store_id=stores["xuhui"].pk, terms=terms, now=timezone.now())
        return stores["xuhui"]

    def complete(self, offer: Campaign) -> str:
        """Let a group be complete, and return the address of the captain's place."""
        captain = Client()
        place = paid(captain, started(captain, offer)).url
        group = Group.objects.get()
        friend = Client()
        page = text(friend.get(f"/g/{group.code}/"))
        paid(friend, friend.post(f"/g/{group.code}/", {"phone": FRIEND, "name": "李四", "key": key_in(page)}))
        return str(place)

    def test_is_booked_from_the_place_once_the_group_is_complete(self, offer: Campaign, store: Any) -> None:
        place, client = self.complete(offer), Client()
        page = f"{place}visit/"
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        form = {"what": "book", "store": store.pk, "at": at.isoformat(), "key": "0123456789abcdef"}

        assert page in text(client.get(place))
        for _ in range(2):
            assert client.post(page, form).status_code == 303

        booking = Booking.objects.get()
        (shown,) = visits_queries.bookings_of(access=SYSTEM, customer_id=booking.customer_id or 0, with_code=True)
        after = text(Client().get(place))
        assert shown.code
        assert shown.code in after
        assert page in after
        assert ">预约到店</a>" not in after
        assert booking.source == f"groupbuy:{offer.pk}"
        assert booking.customer_id == Seat.objects.get(token=place.split("/")[3]).customer_id
        assert Client(enforce_csrf_checks=True).post(page, form).status_code == 403

    def test_is_one_for_a_place(self, offer: Campaign, store: Any) -> None:
        place, client = self.complete(offer), Client()
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        form = {"what": "book", "store": store.pk, "at": at.isoformat(), "key": "0123456789abcdef"}
        client.post(f"{place}visit/", form)
        Booking.objects.update(state="came", came_at=timezone.now())

        shown = text(client.get(place))
        again = client.post(f"{place}visit/", {**form, "key": "fedcba9876543210"})

        assert "欢迎再来" in shown
        assert f"{place}visit/" not in shown
        assert (again.status_code, again.url, Booking.objects.count()) == (302, place, 1)

    def test_is_moved_and_not_booked_twice(self, offer: Campaign, store: Any) -> None:
        place, client = self.complete(offer), Client()
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        form = {"what": "book", "store": store.pk, "at": at.isoformat(), "key": "0123456789abcdef"}
        client.post(f"{place}visit/", form)
        later = (at + timedelta(hours=1)).isoformat()

        page = text(client.get(f"{place}visit/"))
        second = client.post(f"{place}visit/", {**form, "key": "fedcba9876543210", "at": later})
        moved = client.post(
            f"{place}visit/", {"what": "move", "booking": Booking.objects.get().pk, "store": store.pk, "at": later}
        )

        assert 'name="at"' not in page
        assert 'name="at"' in text(client.get(f"{place}visit/?move={Booking.objects.get().pk}"))
        assert (second.status_code, "一个名额只能到店一次" in text(second)) == (409, True)
        assert (moved.status_code, Booking.objects.get().starts_at) == (303, at + timedelta(hours=1))

    def test_by_a_link_counts_for_the_offer_once(self, offer: Campaign, store: Any) -> None:
        place = self.complete(offer)
        seat = Seat.objects.get(token=place.split("/")[3])
        note_paid(seat_id=seat.pk, now=timezone.now())
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        source = f"groupbuy:{offer.pk}"
        until = timezone.now() + timedelta(days=1)
        link = f"/visit/{sign(visits_queries.BOOKING, source, customer_id=seat.customer_id, until=until)}"
        form = {"what": "book", "store": store.pk, "at": at.isoformat(), "key": "0123456789abcdef"}

        assert Client().post(link, form).status_code == 303
        assert Client().post(f"{place}visit/", {**form, "key": "aaaa56789abcdef0"}).status_code == 409
        assert Client().post(link, {**form, "key": "fedcba9876543210"}).status_code == 303

        assert list(Booking.objects.order_by("pk").values_list("source", flat=True)) == [source, ""]

    def test_is_only_at_the_stores_of_the_offer(self, offer: Campaign, store: Any, stores: dict[str, Any]) -> None:
        other = stores["tianhe"]
        visits.change_terms(
            actor=SYSTEM,
            store_id=other.pk,
            terms=visits_queries.store_terms(access=SYSTEM, store_id=store.pk),
            now=timezone.now(),
        )
        offer.stores.set([other])
        place, client = self.complete(offer), Client()
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        form = {"what": "book", "at": at.isoformat(), "key": "0123456789abcdef"}

        page = text(client.get(f"{place}visit/"))
        refused = client.post(f"{place}visit/", {**form, "store": store.pk})
        client.post(f"{place}visit/", {**form, "store": other.pk})
        own = Booking.objects.get()

        assert store.name not in page
        assert f'name="store" value="{other.pk}"' in page
        assert refused.status_code == 409
        assert own.store_id == other.pk
        with pytest.raises(OfferIsUsedElsewhere):
            visits.move_booking(actor=SYSTEM, booking_id=own.pk, at=at, store_id=store.pk, now=timezone.now())

    def test_is_called_off_when_the_money_of_the_place_goes_back(self, offer: Campaign, store: Any) -> None:
        place, client = self.complete(offer), Client()
        seat = Seat.objects.get(token=place.split("/")[3])
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        client.post(
            f"{place}visit/", {"what": "book", "store": store.pk, "at": at.isoformat(), "key": "0123456789abcdef"}
        )
        (shown,) = visits_queries.bookings_of(access=SYSTEM, customer_id=seat.customer_id or 0, with_code=True)

        for _ in range(2):
            with contextlib.suppress(SeatCannotBeTakenOut):
                actions.take_out(actor=SYSTEM, seat_id=seat.pk, reason="买错了", now=timezone.now())

        page = text(client.get(place))
        booking = Booking.objects.get()
        assert (booking.state, booking.holds_place, Slot.objects.get().taken) == ("cancelled", False, 0)
        assert OutboxEvent.objects.filter(kind="visits.Cancelled").count() == 1
        assert "已随之取消" in page
        assert shown.code not in page
        with pytest.raises(PlaceWasGivenBack):
            visits.check_in(actor=SYSTEM, code=shown.code, now=timezone.now())
        with pytest.raises(PlaceWasGivenBack):
            visits.check_in_by_hand(actor=SYSTEM, booking_id=booking.pk, now=timezone.now())

    def test_that_was_booked_by_a_link_is_called_off_when_the_group_expires(self, offer: Campaign, store: Any) -> None:
        paid(Client(), started(Client(), offer))
        seat, now = Seat.objects.get(), timezone.now()
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        own = {"actor": SYSTEM, "customer_id": seat.customer_id, "store_id": store.pk, "now": now}
        visits.book(key="link", at=at, source=f"groupbuy:{offer.pk}", **own)
        visits.book(key="other", at=at + timedelta(hours=1), source="", **own)

        actions.end_groups(actor=SYSTEM, now=now + timedelta(hours=25))

        assert dict(Booking.objects.values_list("key", "state")) == {"link": "cancelled", "other": "booked"}

    def test_shows_nothing_that_the_person_booked_elsewhere(self, offer: Campaign, store: Any) -> None:
        place = self.complete(offer)
        person = Seat.objects.get(token=place.split("/")[3]).customer_id
        at = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        own = visits.book(
            actor=SYSTEM, key="elsewhere", customer_id=person, store_id=store.pk, at=at, source="", now=timezone.now()
        )

        page = text(Client().get(f"{place}visit/"))
        Client().post(f"{place}visit/", {"what": "cancel", "booking": own.id})

        assert own.code not in page
        assert own.code not in text(Client().get(place))
        assert Booking.objects.get(pk=own.id).state == "booked"

    def test_is_not_offered_before(self, offer: Campaign, store: Any) -> None:
        client = Client()
        place = paid(client, started(client, offer)).url

        assert f"{place}visit/" not in text(client.get(place))
        assert client.get(f"{place}visit/").url == place
