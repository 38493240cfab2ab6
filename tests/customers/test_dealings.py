"""Who is a customer already is told by the books as they stand, and not by what the lake has prepared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.coupons.conftest import give, kind
from tests.groupbuy.conftest import campaign, join, pay, people, start
from tests.referral.conftest import come, coupons, invited, programme
from yutang.coupons.models import Coupon
from yutang.customers.dealings import DEALINGS, who_dealt
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.groupbuy import actions as groupbuy
from yutang.groupbuy import neighbours
from yutang.groupbuy.refusals import OnlyNewcomers
from yutang.membership.actions import top_up
from yutang.orders.models import Order, OrderStatus, Shop
from yutang.orders.queries import NOT_A_SALE
from yutang.referral.finding import person_of_phone
from yutang.referral.refusals import NumberIsKnown
from yutang.visits.models import Booking, BookingState

pytestmark = pytest.mark.django_db
__all__ = ["coupons"]
SYSTEM = Actor.system()
PHONE = "13800138009"


@pytest.fixture(autouse=True)
def guard_lets_in(monkeypatch: pytest.MonkeyPatch, stores: dict[str, Store]) -> None:
    """The guard, whose rules are not what is tried here, lets everybody in; and there are stores."""
    monkeypatch.setattr(neighbours.NEIGHBOURS, "judge", lambda _ask, _now: neighbours.Told())


def order(person: int, status: int = OrderStatus.PAID) -> None:
    shop, _made = Shop.objects.get_or_create(platform="youzan", name="店")
    Order.objects.create(shop=shop, number=f"{person}-{status}", customer_id=person, status=status, currency="CNY")


def booking(person: int, state: str = BookingState.CAME) -> None:
    came = state == BookingState.CAME
    Booking.objects.create(
        key=f"{person}-{state}", customer_id=person, store=Store.objects.order_by("id")[0], starts_at=NOW,
        business_date=NOW.date(), state=state, holds_place=came, digest=f"{person}-{state}".encode(), sealed_code=b"",
        made_at=NOW, came_at=NOW if came else None,
    )  # fmt: skip


def paid_place(person: int) -> None:
    campaign()
    pay(start(person))


def topped_up(person: int) -> None:
    top_up(
        actor=SYSTEM, key=f"t{person}", customer_id=person, principal_fen=500_000, bonus_fen=0, store_id=None, now=NOW
    )


def redeemed(person: int) -> None:
    coupon = give(kind(code=f"k{person}", name=f"体验券{person}"), person)
    Coupon.objects.filter(pk=coupon).update(state="redeemed", redeemed_at=NOW)


WAYS = {"bought": order, "paid_place": paid_place, "topped_up": topped_up, "redeemed": redeemed, "came": booking}


class TestWhoDealt:
    def test_every_way_is_tried(self) -> None:
        assert {one.name for one in DEALINGS} == set(WAYS)

    @pytest.mark.parametrize("deal", WAYS.values(), ids=WAYS.keys())
    def test_knows_it_at_once(self, deal: Callable[[int], None]) -> None:
        person, other = people(2)
        assert who_dealt([person, other]) == set()

        deal(person)

        assert who_dealt([person, other]) == {person}

    def test_what_came_to_nothing_makes_nobody_a_customer(self) -> None:
        person, captain = people(2)
        for status in NOT_A_SALE:
            order(person, status)
        booking(person, BookingState.MISSED)
        give(kind(code=f"k{person}", name=f"体验券{person}"), person)
        campaign()
        seat = pay(start(person))
        join(seat.group, captain)
        assert who_dealt([person]) == {person}

        groupbuy.leave_group(actor=SYSTEM, token=seat.token, now=NOW)

        # The one got the money back; the other has not paid yet.
        assert who_dealt([person, captain]) == set()

    def test_is_one_question_for_many_by_an_index_of_each_book(self) -> None:
        some = people(30)

        with CaptureQueriesContext(connection) as asked:
            who_dealt(some)

        (question,) = asked.captured_queries
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {question['sql']}")
                plan = [row[3] for row in cursor.fetchall()]
            assert [one for one in plan if one.startswith("SCAN")] == []


class TestWhoAsks:
    @pytest.mark.usefixtures("coupons")
    @pytest.mark.parametrize("deal", WAYS.values(), ids=WAYS.keys())
    def test_a_friend_who_dealt_a_moment_ago_is_no_newcomer(self, deal: Callable[[int], None]) -> None:
        token = invited(programme())
        friend = person_of_phone(PHONE, now=NOW)
        assert Customer.objects.get(pk=friend).first_seen_at == NOW

        deal(friend)

        with pytest.raises(NumberIsKnown):
            come(token, PHONE)

    @pytest.mark.parametrize("deal", [one for one in WAYS.values() if one is not paid_place])
    def test_places_for_newcomers_are_not_for_who_dealt_a_moment_ago(self, deal: Callable[[int], None]) -> None:
        campaign(newcomer_places=1)
        captain, other, newcomer = people(3)
        deal(captain)
        deal(other)
        group = start(captain).group

        with pytest.raises(OnlyNewcomers):
            join(group, other)
        assert join(group, newcomer).is_newcomer

    def test_who_paid_for_a_place_is_no_newcomer_in_another_offer_while_the_group_still_runs(self) -> None:
        campaign()
        campaign(code="other", name="另一个", newcomer_places=1)
        captain, other = people(2)
        pay(start(captain))
        pay(start(other, key="k2"))

        group = start(captain, code="other", now=NOW + timedelta(minutes=1)).group

        with pytest.raises(OnlyNewcomers):
            join(group, other)
