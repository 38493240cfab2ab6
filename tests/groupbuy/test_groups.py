"""Groups from their start to their end: filled, expired, left, paid too late; each step once, and the money right at every moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.groupbuy.conftest import (
    JUDGED,
    SYSTEM,
    campaign,
    fresh,
    join,
    pay,
    pay_late,
    payment_of,
    people,
    start,
    wrong_counters,
)
from yutang.customers.models import Customer
from yutang.foundation.models import OutboxEvent, Store
from yutang.groupbuy import actions, neighbours, queries
from yutang.groupbuy.models import Campaign, Group, Seat
from yutang.groupbuy.refusals import (
    CampaignIsNotOpen,
    GroupIsFull,
    GroupIsOver,
    JoinKeyIsTaken,
    OnlyNewcomers,
    PersonHasEnoughSeats,
    PersonIsIn,
    PhoneIsWrong,
    PlaceIsMissing,
    SeatCannotBeLeft,
    SeatWasStopped,
    SizeIsNotOffered,
    SlowDown,
    StockIsGone,
    TooFarAway,
)
from yutang.kit.geography import Place
from yutang.kit.text import Sentence
from yutang.orders.models import Order, OrderStatus, Shop
from yutang.payments import actions as payments
from yutang.payments import ledger
from yutang.payments.models import Refund

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(hours=25)
SHANGHAI, NEAR, FAR = Place(31.19, 121.43), Place(31.20, 121.45), Place(30.27, 120.15)


@pytest.fixture(autouse=True)
def books_and_counters_are_right() -> object:
    """After every test the counters tell what the seats tell, and the books are right."""
    yield
    assert wrong_counters() == []
    assert ledger.unbalanced() == []


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Return what was asked of the database besides beginning and ending transactions."""
    ends = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [one["sql"] for one in captured.captured_queries if not one["sql"].startswith(ends)]


def told(kind: str) -> int:
    return OutboxEvent.objects.filter(kind=f"groupbuy.{kind}").count()


class TestFilling:
    def test_a_group_fills_when_its_last_member_has_paid(self) -> None:
        campaign()
        one, other = people(2)
        captain = start(one)
        pay(captain)
        seat = join(captain.group, other)

        assert fresh(seat).group.state == "open"
        pay(seat)

        group = fresh(seat).group
        assert (group.state, group.paid, group.ended_at) == ("filled", 2, NOW)
        assert (told("SeatPaid"), told("GroupFilled")) == (2, 1)

    def test_a_larger_group_pays_less(self) -> None:
        campaign()

        assert start(people(1)[0], size=3).price_minor == 8_900

    def test_the_same_key_is_the_same_seat(self) -> None:
        campaign()
        one, other = people(2)
        captain = start(one, key="a")

        assert start(one, key="a") == captain
        assert join(captain.group, other, key="b") == join(captain.group, other, key="b")
        assert (Group.objects.count(), Seat.objects.count()) == (1, 2)
        with pytest.raises(JoinKeyIsTaken):
            join(captain.group, one, key="b")

    def test_paying_is_taken_once_however_often_it_is_told(self) -> None:
        campaign()
        seat = start(people(1)[0])

        for _ in range(3):
            pay(seat)

        assert (fresh(seat).group.paid, told("SeatPaid")) == (1, 1)

    def test_paying_asks_the_database_little_and_being_told_again_next_to_nothing(self) -> None:
        campaign()
        captain = start(people(1)[0], size=3)
        payment = payment_of(captain)
        # The delivery of events is awake from here on.
        pay(start(people(1)[0], size=3))

        with CaptureQueriesContext(connection) as paying:
            payments.pay_in_sandbox(actor=SYSTEM, number=payment.number, now=NOW)
        with CaptureQueriesContext(connection) as taking:
            actions.take_paid_seat(actor=SYSTEM, seat_id=captain.pk, now=NOW)
        with CaptureQueriesContext(connection) as again:
            actions.take_paid_seat(actor=SYSTEM, seat_id=captain.pk, now=NOW)

        assert fresh(captain).state == "paid"
        assert [len(statements(one)) for one in (paying, taking, again)] == [5, 6, 1]

    def test_events_of_payments_take_the_place_where_no_page_did(self) -> None:
        from yutang.groupbuy.handlers import free_places, take_seats
        from yutang.payments.events import Failed, Paid

        campaign()
        one, other = (start(person) for person in people(2))
        payments.pay_in_sandbox(actor=SYSTEM, number=payment_of(one).number, now=NOW)
        for event_id in (1, 2):
            take_seats(Paid(1, "", f"groupbuy-seat:{one.pk}", 9_900, "CNY"), event_id=event_id, now=NOW)
            free_places(Failed(1, "", f"groupbuy-seat:{other.pk}"), event_id=event_id, now=NOW)
        take_seats(Paid(1, "", "top-up:7", 9_900, "CNY"), event_id=3, now=NOW)

        assert (fresh(one).state, fresh(other).state) == ("paid", "lapsed")


class TestRefusals:
    def test_full_over_closed_and_paused(self) -> None:
        made = campaign()
        one, other, third, fourth = people(4)
        captain = start(one)
        join(captain.group, other)

        with pytest.raises(GroupIsFull):
            join(captain.group, third)
        with pytest.raises(GroupIsOver):
            join(captain.group, third, now=NOW + DAY)
        running = start(third).group
        actions.pause_campaign(actor=SYSTEM, campaign_id=made.pk, why="test", now=NOW)
        with pytest.raises(CampaignIsNotOpen):
            start(fourth)
        with pytest.raises(CampaignIsNotOpen):
            join(running, fourth)
        actions.resume_campaign(actor=SYSTEM, campaign_id=made.pk, now=NOW)
        actions.close_campaign(actor=SYSTEM, campaign_id=made.pk, now=NOW)
        with pytest.raises(CampaignIsNotOpen):
            start(fourth)
        # Who is in a group that runs was promised that it can fill.
        assert join(running, fourth).state == "held"

    def test_a_person_is_once_in_a_group_and_buys_as_often_as_one_may(self) -> None:
        campaign(per_person=2)
        (one,) = people(1)
        seat = start(one)

        with pytest.raises(PersonIsIn):
            join(seat.group, one)
        start(one, now=NOW + HOUR)
        with pytest.raises(PersonHasEnoughSeats):
            start(one, now=NOW + 2 * HOUR)

    def test_no_group_passes_the_stock_and_an_ended_one_returns_its_places(self) -> None:
        made = campaign(stock=5)
        one, other, third = people(3)
        start(one, size=3)

        with pytest.raises(SizeIsNotOffered):
            start(other, size=4)
        with pytest.raises(StockIsGone):
            start(other, size=3)
        start(other, size=2)
        with pytest.raises(StockIsGone):
            start(third, size=2)
        with pytest.raises(IntegrityError), transaction.atomic():
            Campaign.objects.update(set_aside=6)

        actions.lapse_holds(actor=SYSTEM, now=NOW + HOUR)
        made.refresh_from_db()
        assert made.set_aside == 0

    def test_places_for_newcomers_are_kept_for_them(self, stores: dict[str, Store]) -> None:
        campaign(newcomer_places=1)
        regular, other, newcomer = people(3)
        shop = Shop.objects.create(platform="youzan", name="店")
        for number, person in enumerate((regular, other)):
            Order.objects.create(
                shop=shop, number=str(number), customer_id=person, status=OrderStatus.PAID, currency="CNY"
            )
        captain = start(regular)

        with pytest.raises(OnlyNewcomers):
            join(captain.group, other)
        assert join(captain.group, newcomer).is_newcomer

    def test_a_local_offer_looks_at_the_way_to_the_nearest_store(self, stores: dict[str, Store]) -> None:
        Store.objects.filter(pk=stores["xuhui"].pk).update(latitude=SHANGHAI.latitude, longitude=SHANGHAI.longitude)
        campaign(radius_km=10)
        one, other = people(2)

        with pytest.raises(PlaceIsMissing):
            start(one)
        with pytest.raises(TooFarAway) as refusal:
            start(one, place=FAR)
        assert refusal.value.data["store"] == "徐汇店"
        seat = start(one, place=NEAR)
        assert (seat.store_id, seat.distance_km) == (stores["xuhui"].pk, 2)
        assert Group.objects.count() == 1
        del other

    def test_the_guard_has_its_say(self, monkeypatch: pytest.MonkeyPatch) -> None:
        campaign()
        asked: list[neighbours.SeatAsk] = []
        verdicts = iter(
            [
                neighbours.Told("refuse", Sentence("too many from one phone")),
                neighbours.Told("slow", wait_seconds=30),
                neighbours.Told("review"),
                neighbours.Told(),
            ]
        )

        def judge(ask: neighbours.SeatAsk, _now: object) -> neighbours.Told:
            asked.append(ask)
            return next(verdicts)

        monkeypatch.setattr(neighbours.NEIGHBOURS, "judge", judge)
        (one,) = people(1)

        with pytest.raises(SeatWasStopped, match="too many from one phone"):
            start(one, key="k", device="d", address="203.0.113.9")
        with pytest.raises(SlowDown):
            start(one, key="k")
        with pytest.raises(SeatWasStopped, match="looks into this first"):
            start(one, key="k")
        assert start(one, key="k").state == "held"
        assert (asked[0].key, asked[0].person_id, asked[0].value_fen, asked[0].device) == (
            "groupbuy:k",
            one,
            50_000,
            "d",
        )
        assert Group.objects.count() == 1


class TestEnding:
    def test_an_expired_group_pays_everybody_back_once(self) -> None:
        campaign()
        one, _other = people(2)
        captain = pay(start(one, size=3))

        for _ in range(2):
            actions.end_groups(actor=SYSTEM, now=NOW + DAY)
            payments.send_refunds(actor=SYSTEM, now=NOW + DAY)

        assert (fresh(captain).state, fresh(captain).group.state) == ("refunded", "expired")
        assert list(Refund.objects.values_list("amount_minor", "state", "reason")) == [(8_900, "done", "group_expired")]
        assert told("GroupExpired") == 1

    def test_a_group_waits_for_a_place_that_is_held_at_its_end(self) -> None:
        campaign(hold_minutes=15)
        one, other = people(2)
        captain = pay(start(one))
        at_the_end = NOW + timedelta(hours=24) - timedelta(minutes=1)
        seat = join(captain.group, other, now=at_the_end)

        assert actions.end_groups(actor=SYSTEM, now=at_the_end + timedelta(minutes=5)) == 0
        pay(seat, now=at_the_end + timedelta(minutes=10))

        assert fresh(seat).group.state == "filled"

    def test_a_held_place_is_free_again_when_its_time_is_over(self) -> None:
        campaign()
        one, other, third = people(3)
        captain = pay(start(one))
        slow = join(captain.group, other)

        with pytest.raises(GroupIsFull):
            join(captain.group, third, now=NOW + timedelta(minutes=14))
        quick = join(captain.group, third, now=NOW + timedelta(minutes=16))

        assert (fresh(slow).state, quick.state) == ("lapsed", "held")

    def test_a_group_in_which_nobody_paid_is_told_of_to_nobody(self) -> None:
        campaign()
        seat = start(people(1)[0])
        actions.lapse_holds(actor=SYSTEM, now=NOW + HOUR)
        actions.end_groups(actor=SYSTEM, now=NOW + HOUR)

        assert fresh(seat).group.state == "lapsed"
        assert told("GroupExpired") == 0


class TestLate:
    def test_the_place_is_taken_anew_where_it_is_still_free(self) -> None:
        campaign()
        one, other = people(2)
        seat = start(one)
        pay(join(seat.group, other))
        actions.lapse_holds(actor=SYSTEM, now=NOW + HOUR)

        assert pay_late(seat, now=NOW + HOUR - timedelta(minutes=10)).state == "paid"
        assert told("PaidTooLate") == 0

    def test_else_the_money_goes_back(self) -> None:
        campaign()
        one, other, third = people(3)
        captain = pay(start(one))
        slow = join(captain.group, other)
        actions.lapse_holds(actor=SYSTEM, now=NOW + HOUR)
        pay(join(captain.group, third, now=NOW + HOUR), now=NOW + HOUR)

        for _ in range(2):
            pay_late(slow, now=NOW + HOUR)

        assert (fresh(slow).state, told("PaidTooLate")) == ("late", 1)
        assert list(Refund.objects.values_list("amount_minor", "reason")) == [(9_900, "paid_too_late")]

    def test_or_a_new_group_begins_where_the_campaign_says_so(self) -> None:
        campaign(when_late="new_group")
        one, other, third = people(3)
        captain = pay(start(one))
        slow = join(captain.group, other)
        actions.lapse_holds(actor=SYSTEM, now=NOW + HOUR)
        pay(join(captain.group, third, now=NOW + HOUR), now=NOW + HOUR)

        moved = pay_late(slow, now=NOW + HOUR)

        assert (moved.state, moved.group.state, moved.group.paid) == ("paid", "open", 1)
        assert moved.group != captain.group
        assert Refund.objects.count() == 0

    def test_who_left_before_the_payment_came_gets_it_back(self) -> None:
        campaign(when_late="new_group")
        seat = start(people(1)[0])
        actions.leave_group(actor=SYSTEM, token=seat.token, now=NOW)

        assert pay_late(seat).state == "late"
        assert Refund.objects.count() == 1


class TestLeaving:
    def test_a_captain_who_leaves_is_paid_back_and_the_next_one_is_captain(self) -> None:
        campaign()
        one, other, third = people(3)
        captain = pay(start(one, size=3))
        second = pay(join(captain.group, other))

        assert actions.leave_group(actor=SYSTEM, token=captain.token, now=NOW)

        view = queries.seat_at_link(token=second.token, now=NOW)
        assert view.is_captain
        assert [one.is_captain for one in view.group.members] == [True]
        assert Refund.objects.get().reason == "left_group"
        pay(join(captain.group, third))
        pay(join(captain.group, people(1)[0]))
        assert fresh(second).group.state == "filled"

    def test_not_twice_and_not_when_the_group_is_complete(self) -> None:
        campaign()
        one, other = people(2)
        captain = pay(start(one))
        seat = join(captain.group, other)
        assert not actions.leave_group(actor=SYSTEM, token=seat.token, now=NOW)
        with pytest.raises(SeatCannotBeLeft):
            actions.leave_group(actor=SYSTEM, token=seat.token, now=NOW)
        pay(join(captain.group, other, key="again"))

        with pytest.raises(SeatCannotBeLeft):
            actions.leave_group(actor=SYSTEM, token=captain.token, now=NOW)


class TestNeighbours:
    def test_hear_of_a_group_that_filled_and_of_none_that_did_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        notes: list[neighbours.Note] = []
        monkeypatch.setattr(neighbours.NEIGHBOURS, "notes", lambda some, _now: notes.extend(some))
        made = campaign(cost_minor=15_000)
        one, other, third = people(3)
        captain = pay(start(one))
        pay(start(third))
        pay(join(captain.group, other))
        actions.end_groups(actor=SYSTEM, now=NOW + DAY)

        assert {note.programme for note in notes} == {f"groupbuy:{made.pk}"}
        assert sorted((note.kind, note.amount_fen) for note in notes) == [
            ("cost", 5_100), ("cost", 5_100), ("joined", 0), ("joined", 0),
        ]  # fmt: skip

    def test_the_guard_that_is_there_keeps_its_decision(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from yutang.risk.models import Decision

        monkeypatch.setattr(neighbours.NEIGHBOURS, "judge", JUDGED)
        made = campaign()
        seat = start(people(1)[0], key="k", device="d", address="203.0.113.9")

        decision = Decision.objects.get(key="groupbuy:k")
        assert (decision.verdict, decision.programme) == ("allow", f"groupbuy:{made.pk}")
        assert seat.state == "held"

    def test_a_campaign_that_costs_more_than_it_is_worth_is_paused_by_itself(self) -> None:
        from yutang.economics.events import ProgrammePaused
        from yutang.economics.models import Entry, Programme
        from yutang.groupbuy.handlers import pause_what_does_not_pay

        made = campaign(cost_minor=15_000, worth_minor=20_000, budget_minor=100_000)
        one, other = people(2)
        captain = pay(start(one))
        pay(join(captain.group, other))
        told = ProgrammePaused(f"groupbuy:{made.pk}", 1, "cost", 0)
        for event_id in (1, 2):
            pause_what_does_not_pay(told, event_id=event_id, now=NOW)
        pause_what_does_not_pay(ProgrammePaused("referral:1", 1, "cost", 0), event_id=3, now=NOW)

        # By the price of the largest group, the lowest one.
        assert Programme.objects.get().unit_cost_fen == 6_100
        assert sorted(Entry.objects.values_list("kind", "amount_fen")) == [
            ("cost", 5_100),
            ("cost", 5_100),
            ("joined", 0),
            ("joined", 0),
        ]
        made.refresh_from_db()
        assert (made.state, made.paused_why) == ("paused", "economics")


class TestKnowingPeople:
    def test_a_number_is_one_person_however_it_is_typed(self) -> None:
        first = actions.known_person(actor=SYSTEM, phone="138 0013 8000", name="张小鱼", now=NOW)
        second = actions.known_person(actor=SYSTEM, phone="+8613800138000", now=NOW)

        assert first[0] == second[0]
        assert first[1] == "张**"
        # Who gives no name is shown by nothing: not by a part of the number.
        assert second[1] == ""

    @pytest.mark.parametrize(
        "typed", ["1861320009", "186132000", "02112345678", "+862112345678", "12800138000", "+85221234567", "12345", ""]
    )
    def test_only_a_mobile_number_is_taken(self, typed: str) -> None:
        with pytest.raises(PhoneIsWrong):
            actions.known_person(actor=SYSTEM, phone=typed, now=NOW)

        assert not Customer.objects.exists()

    @pytest.mark.parametrize("typed", ["+852 5123 4567", "+1 415 555 2671", "86 138-0013-8000"])
    def test_a_mobile_number_of_another_country_is_taken(self, typed: str) -> None:
        assert actions.known_person(actor=SYSTEM, phone=typed, now=NOW)[0]

    @pytest.mark.parametrize(("typed", "shown"), [("甲", "甲"), ("A", "A"), ("张先生", "张**")])
    def test_a_name_too_short_to_tell_people_apart_is_taken(self, typed: str, shown: str) -> None:
        whole = actions.known_person(actor=SYSTEM, phone="13800138000", name="王小鱼", now=NOW)

        again = actions.known_person(actor=SYSTEM, phone="13800138000", name=typed, now=NOW)
        other = actions.known_person(actor=SYSTEM, phone="13800138001", name=typed, now=NOW)

        assert again == (whole[0], shown)
        assert other[0] != whole[0]
        assert other[1] == shown
