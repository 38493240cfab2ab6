"""Checking in by code, once and on the day; who is reminded, who missed; what led people there."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.utils.translation import gettext, override

from tests.conftest import NOW
from tests.visits.conftest import DAY, HOUR, SYSTEM, TEN, booked, opened, people
from tests.visits.test_bookings import told
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, Store
from yutang.visits import actions, queries
from yutang.visits.models import Hook
from yutang.visits.refusals import (
    BookingIsElsewhere,
    BookingIsOnAnotherDay,
    BookingKeyIsTaken,
    BookingWasCalledOff,
    CameAlready,
    CheckInCodeIsMistyped,
    CheckInCodeIsUnknown,
    HookIsWrong,
    NobodyCameYet,
    NoSuchHook,
)

pytestmark = pytest.mark.django_db
THERE = TEN.astimezone(UTC) + timedelta(minutes=5)


class TestCheckIn:
    def test_works_once_however_the_code_is_written(self, stores: dict[str, Store], manager: Actor) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        mine = booked(store, someone, source="groupbuy:12")

        view = actions.check_in(actor=manager, code=f" {mine.code.lower()} ", now=THERE)

        assert (view.state, view.came_at) == ("came", THERE)
        assert [(one["customer_id"], one["source"]) for one in told("Came")] == [(someone, "groupbuy:12")]
        assert AuditEntry.objects.get(action="visits.check_in").actor_id == manager.staff_id
        with pytest.raises(CameAlready):
            actions.check_in(actor=manager, code=mine.code, now=THERE + HOUR)
        assert len(told("Came")) == 1

    def test_is_for_the_day_of_the_booking_on_the_clock_of_the_store(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        mine = booked(store, someone)
        midnight = TEN.replace(hour=0).astimezone(UTC)

        for at in (NOW, midnight - timedelta(seconds=1), midnight + DAY):
            with pytest.raises(BookingIsOnAnotherDay):
                actions.check_in(actor=SYSTEM, code=mine.code, now=at)

        assert actions.check_in(actor=SYSTEM, code=mine.code, now=midnight).state == "came"

    def test_tells_a_slip_from_a_code_that_nobody_has(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        code = booked(store, someone).code
        slip = code[:-1] + ("2" if code[-1] != "2" else "3")

        with pytest.raises(CheckInCodeIsMistyped) as refusal:
            actions.check_in(actor=SYSTEM, code=slip, now=THERE)
        # Whatever language a page was asked in before.
        with override("zh-hans"):
            assert gettext(refusal.value.message).startswith("到店码有误")
        for written in ("", "22222222", "K7QM", "鱼塘", "x" * 60):
            with pytest.raises(CheckInCodeIsUnknown):
                actions.check_in(actor=SYSTEM, code=written, now=THERE)

    def test_says_where_it_is_booked_and_what_was_called_off(self, stores: dict[str, Store], manager: Actor) -> None:
        there, (one, other) = opened(stores["tianhe"]), people(2)
        mine, off = booked(there, one), booked(there, other)
        actions.cancel_booking(actor=SYSTEM, booking_id=off.id, now=NOW)

        with pytest.raises(BookingIsElsewhere):
            actions.check_in(actor=manager, code=mine.code, now=THERE)
        with pytest.raises(BookingWasCalledOff):
            actions.check_in(actor=SYSTEM, code=off.code, now=THERE)

    def test_who_comes_late_the_same_day_came_all_the_same(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        mine = booked(store, someone)
        actions.follow_bookings(actor=SYSTEM, now=THERE + 4 * HOUR)
        assert queries.booking_view(access=SYSTEM, booking_id=mine.id).state == "missed"

        assert actions.check_in(actor=SYSTEM, code=mine.code, now=THERE + 5 * HOUR).state == "came"

    def test_a_visit_without_booking_is_noted_once(self, stores: dict[str, Store]) -> None:
        store, (someone, other) = stores["xuhui"], people(2)
        own = {"actor": SYSTEM, "key": "w", "store_id": store.pk, "source": "groupbuy:12", "now": NOW}

        first = actions.note_visit(customer_id=someone, **own)
        again = actions.note_visit(customer_id=someone, **own)

        assert first.id == again.id
        assert (first.state, first.has_slot) == ("came", False)
        assert len(told("Came")) == 1
        with pytest.raises(BookingKeyIsTaken):
            actions.note_visit(customer_id=other, **own)

    def test_an_upgrade_is_offered_to_who_is_there(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        mine = booked(store, someone)
        with pytest.raises(NobodyCameYet):
            actions.note_offer(actor=SYSTEM, booking_id=mine.id, now=THERE)
        actions.check_in(actor=SYSTEM, code=mine.code, now=THERE)

        for at in (THERE, THERE + HOUR):
            actions.note_offer(actor=SYSTEM, booking_id=mine.id, now=at)

        assert queries.booking_view(access=SYSTEM, booking_id=mine.id).offered_at == THERE


class TestFollowing:
    def test_tells_once_who_comes_soon_and_not_who_booked_just_now(self, stores: dict[str, Store]) -> None:
        store, (early, late, far) = opened(stores["xuhui"]), people(3)
        booked(store, early, TEN + DAY)
        booked(store, late, TEN + DAY, now=NOW + DAY + HOUR)
        booked(store, far, TEN + 5 * DAY)

        first = actions.follow_bookings(actor=SYSTEM, now=NOW + DAY + 2 * HOUR)
        again = actions.follow_bookings(actor=SYSTEM, now=NOW + DAY + 3 * HOUR)

        assert (first, again) == ({"near": 1, "missed": 0}, {"near": 0, "missed": 0})
        assert [one["customer_id"] for one in told("VisitNeared")] == [early]

    def test_who_moves_is_reminded_of_the_new_time(self, stores: dict[str, Store]) -> None:
        store, (someone,) = opened(stores["xuhui"]), people(1)
        mine = booked(store, someone, TEN + DAY)
        actions.follow_bookings(actor=SYSTEM, now=NOW + DAY + 2 * HOUR)
        actions.move_booking(actor=SYSTEM, booking_id=mine.id, at=TEN + 4 * DAY, now=NOW + DAY + 2 * HOUR)

        actions.follow_bookings(actor=SYSTEM, now=NOW + 4 * DAY + 2 * HOUR)

        assert [one["starts_at"][:10] for one in told("VisitNeared")] == ["2026-03-13", "2026-03-16"]

    def test_writes_down_who_did_not_come(self, stores: dict[str, Store]) -> None:
        store, (came, missed) = opened(stores["xuhui"]), people(2)
        mine = booked(store, came)
        booked(store, missed)
        actions.check_in(actor=SYSTEM, code=mine.code, now=THERE)

        early = actions.follow_bookings(actor=SYSTEM, now=TEN + 3 * HOUR)
        late = actions.follow_bookings(actor=SYSTEM, now=TEN + 3 * HOUR + timedelta(minutes=1))

        assert (early["missed"], late["missed"]) == (0, 1)
        assert [one["customer_id"] for one in told("Missed")] == [missed]
        day = queries.day_of(access=SYSTEM, day=TEN.date())
        assert (day.booked, day.came, day.missed) == (0, 1, 1)


class TestHooks:
    def test_are_noted_paid_and_given_back_once_each(self) -> None:
        (someone,) = people(1)
        own = {"actor": SYSTEM, "key": "seat:5", "customer_id": someone, "source": "groupbuy:12", "hook_minor": 9_900}

        ids = {actions.note_hook(now=NOW, **own) for _ in range(2)}
        for _ in range(2):
            actions.note_hook_paid(actor=SYSTEM, key="seat:5", now=NOW + HOUR)
        actions.note_hook_refunded(actor=SYSTEM, key="seat:5", now=NOW + DAY)
        actions.note_hook_paid(actor=SYSTEM, key="seat:5", now=NOW + DAY)

        assert ids == {Hook.objects.get().pk}
        assert [(one["customer_id"], one["hook_minor"]) for one in told("HookPaid")] == [(someone, 9_900)]
        (view,) = queries.hooks_of(access=SYSTEM, customer_id=someone)
        assert (view.paid_at, view.refunded_at) == (NOW + HOUR, NOW + DAY)

    def test_that_cannot_be_are_refused(self) -> None:
        one, other = people(2)
        own = {
            "actor": SYSTEM,
            "key": "k",
            "customer_id": one,
            "source": "groupbuy:12",
            "hook_minor": 9_900,
            "now": NOW,
        }
        actions.note_hook(**own)

        for wrong in ({"customer_id": other}, {"source": ""}, {"hook_minor": -1}, {"source": "groupbuy:13"}):
            with pytest.raises(HookIsWrong):
                actions.note_hook(**{**own, **wrong})
        with pytest.raises(NoSuchHook):
            actions.note_hook_paid(actor=SYSTEM, key="nobody", now=NOW)
