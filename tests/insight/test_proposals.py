"""Every kind of proposal on a made-up shop: who is proposed, why, and when the reason has gone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.commerce import NOW, MadeUp, make_ground, touch, touch_whole
from yutang.customers.actions import withdraw_consent
from yutang.customers.models import NameToken, ReviewCase
from yutang.customers.rules import birthday_word
from yutang.foundation.access import Actor
from yutang.foundation.models import Setting
from yutang.foundation.sealing import seal, token8
from yutang.insight.actions import score_customers
from yutang.insight.models import CustomerValue
from yutang.insight.today import refresh_today
from yutang.orders.models import Order, Refund
from yutang.worklist.actions import complete, dismiss
from yutang.worklist.models import Proposal
from yutang.worklist.rules import REST_DAYS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lake_folder")]

SYSTEM = Actor.system()
TODAY = timezone.localtime(NOW).date()


def order(made: MadeUp, place: int, day: date, total: int = 10_000) -> Order:
    touch("orders_order", {day})
    return Order.objects.create(
        shop=made.shop,
        number=f"{place}-{day}-{total}",
        customer=made.customers[place],
        status=40,
        business_date=day,
        currency="CNY",
        total_minor=total,
        content_digest=b"",
    )


def refund(made: MadeUp, sale: Order, day: date, amount: int, digest: bytes) -> None:
    Refund.objects.create(
        shop=made.shop,
        number=digest.decode(),
        line_key=digest,
        order=sale,
        customer=sale.customer,
        amount_minor=amount,
        currency="CNY",
        business_date=day,
    )
    touch("orders_refund", {day})


def value(
    made: MadeUp, place: int, *, now: int, before: int | None, order_minor: int = 1_000, alive: float = 0.5
) -> None:
    CustomerValue.objects.create(
        customer=made.customers[place],
        p_alive=alive,
        orders_30=0.1,
        orders_90=0.3,
        orders_365=1.2,
        order_minor=order_minor,
        value_minor=now,
        low_minor=now // 2,
        high_minor=now * 2,
        before_minor=before,
    )
    touch_whole("insight_customer_value")


def born(made: MadeUp, place: int, day: date) -> None:
    NameToken.objects.create(token=token8(birthday_word(day.strftime("%m-%d"))), customer=made.customers[place])


@pytest.fixture
def made() -> MadeUp:
    """A shop in which everybody bought long ago and little, so that nobody has a reason."""
    made = make_ground(customers=12)
    for place in range(12):
        order(made, place, TODAY - timedelta(days=700), 100)
    return made


def refreshed() -> dict[str, list[int | None]]:
    score_customers(actor=SYSTEM, now=NOW)
    refresh_today(actor=SYSTEM, now=NOW)
    found: dict[str, list[int | None]] = {}
    for row in Proposal.objects.filter(status="open").order_by("-rank"):
        found.setdefault(row.kind, []).append(row.customer_id)
    return found


def the_only(kind: str) -> Proposal:
    return Proposal.objects.get(kind=kind)


def told(row: Proposal, *names: str) -> tuple[Any, ...]:
    return tuple(row.reason["values"][name] for name in names)


class TestDueForTheNextOrder:
    @pytest.fixture
    def rhythm(self, made: MadeUp) -> MadeUp:
        """Customer 1 buys every 40 days and did 39 days ago; 2 did so 20 days ago."""
        for k in range(5):
            order(made, 1, TODAY - timedelta(days=39 + 40 * k), 8_000)
            order(made, 2, TODAY - timedelta(days=20 + 40 * k), 8_000)
        order(made, 3, TODAY, 100)
        return made

    def test_is_proposed_when_the_usual_pause_is_over(self, rhythm: MadeUp) -> None:
        assert refreshed()["repurchase_due"] == [rhythm.customers[1].id]

        row = the_only("repurchase_due")
        assert told(row, "rhythm_days", "order_days", "silent_days") == (40, 6, 39)
        assert (row.stake_minor, row.chance, row.rank) == (40_100 // 6, 0.10, round(40_100 // 6 * 0.10))

    def test_lapses_with_the_order(self, rhythm: MadeUp) -> None:
        refreshed()
        order(rhythm, 1, TODAY)

        assert "repurchase_due" not in refreshed()
        assert the_only("repurchase_due").status == "lapsed"

    def test_leaves_out_who_said_no_to_promotion(self, rhythm: MadeUp) -> None:
        rhythm.customers[1].sealed_profile = seal({})
        rhythm.customers[1].save()
        withdraw_consent(
            actor=SYSTEM,
            customer_id=rhythm.customers[1].id,
            purpose="promotion",
            channel="phone",
            wording_version="1",
            evidence="said so on the phone",
            occurred_at=NOW - timedelta(days=1),
            now=NOW,
        )

        assert "repurchase_due" not in refreshed()


class TestUnhappy:
    def test_two_refunded_orders_are_a_reason_one_is_not(self, made: MadeUp) -> None:
        for place, times in ((1, 2), (2, 1)):
            for n in range(times):
                day = TODAY - timedelta(days=30 - n)
                refund(made, order(made, place, day, 30_000), day + timedelta(days=25), 5_000, f"{place}{n}".encode())
        order(made, 3, TODAY, 100)

        assert refreshed()["unhappy_refunds"] == [made.customers[1].id]
        row = the_only("unhappy_refunds")
        assert told(row, "times", "amount_minor", "last_date") == (2, 10_000, str(TODAY - timedelta(days=4)))
        assert row.stake_minor == (100 + 60_000) * 365 // 701

    def test_two_refunds_of_one_order_are_one(self, made: MadeUp) -> None:
        sale = order(made, 1, TODAY - timedelta(days=3), 30_000)
        refund(made, sale, TODAY, 100, b"a")
        refund(made, sale, TODAY, 200, b"b")

        assert "unhappy_refunds" not in refreshed()


class TestValueJumped:
    def test_by_half_and_two_orders_within_a_month(self, made: MadeUp) -> None:
        for place in (1, 2, 3):
            order(made, place, TODAY - timedelta(days=40), 90_000)
            order(made, place, TODAY - timedelta(days=2), 90_000)
        value(made, 1, now=30_000, before=10_000)
        value(made, 2, now=14_000, before=10_000)
        value(made, 3, now=30_000, before=None)

        assert refreshed()["value_jumped"] == [made.customers[1].id]
        row = the_only("value_jumped")
        assert told(row, "value_minor", "before_minor", "order_days") == (30_000, 10_000, 3)
        assert row.stake_minor == 20_000


class TestSilent:
    def test_stakes_what_is_lost_with_the_customer(self, made: MadeUp) -> None:
        # A long pause after a first order would make this silence a usual one.
        Order.objects.all().delete()
        for k in range(6):
            order(made, 1, TODAY - timedelta(days=95 + 30 * k), 80_000)
            order(made, 2, TODAY - timedelta(days=30 * k), 100)
        value(made, 1, now=40_000, before=60_000, alive=0.4)

        assert refreshed()["valuable_silent"] == [made.customers[1].id]
        # Alive it would bring 40,000 / 0.4; of these, 60 % are in danger.
        assert the_only("valuable_silent").stake_minor == 60_000


class TestBirthday:
    def test_of_buyers_within_three_days_due_on_the_day(self, made: MadeUp) -> None:
        for place in (1, 2):
            order(made, place, TODAY - timedelta(days=20), 50_000)
        order(made, 3, TODAY, 100)
        born(made, 1, TODAY + timedelta(days=3))
        born(made, 2, TODAY + timedelta(days=4))

        found = refreshed()

        assert found["birthday"] == [made.customers[1].id]
        row = the_only("birthday")
        assert timezone.localtime(row.due_at - timedelta(seconds=1)).date() == TODAY + timedelta(days=3)
        assert row.dedupe_key == f"birthday:{made.customers[1].id}:{(TODAY + timedelta(days=3)).year}"


class TestReviews:
    def test_the_dearest_open_pairs_and_lapses_when_decided(self, made: MadeUp) -> None:
        order(made, 1, TODAY - timedelta(days=300), 70_000)
        first, second = made.customers[1], made.customers[2]
        case = ReviewCase.objects.create(
            first=first, second=second, kind="x", reason={"template": "x", "values": {}}, opened_at=NOW
        )

        refreshed()

        row = the_only("identity_review")
        assert (row.customer_id, row.stake_minor, row.subject) == (None, 100, {"room": "review", "id": case.pk})
        case.status = "kept_apart"
        case.save()
        refreshed()
        row.refresh_from_db()
        assert row.status == "lapsed"


class TestNobodyTwice:
    @pytest.fixture
    def two_reasons(self, made: MadeUp) -> MadeUp:
        """Customer 1 is due for the next order and has a birthday."""
        for k in range(5):
            order(made, 1, TODAY - timedelta(days=39 + 40 * k), 8_000)
        order(made, 3, TODAY, 100)
        born(made, 1, TODAY + timedelta(days=1))
        return made

    def test_the_reason_with_the_most_to_win_comes_alone(self, two_reasons: MadeUp) -> None:
        found = refreshed()

        assert found["repurchase_due"] == [two_reasons.customers[1].id]
        assert "birthday" not in found

    def test_who_was_touched_rests(self, two_reasons: MadeUp) -> None:
        refreshed()
        complete(actor=SYSTEM, proposal_id=the_only("repurchase_due").pk, outcome="will_order", now=NOW)

        assert "birthday" not in refreshed()

    def test_and_comes_again_after_the_rest(self, two_reasons: MadeUp) -> None:
        refreshed()
        complete(actor=SYSTEM, proposal_id=the_only("repurchase_due").pk, outcome="will_order", now=NOW)
        Setting.objects.create(key=REST_DAYS, value=0)
        Proposal.objects.filter(kind="repurchase_due").update(closed_at=NOW - timedelta(days=1))

        assert refreshed()["birthday"] == [two_reasons.customers[1].id]

    def test_who_wants_no_contact_is_left_alone_for_a_year(self, two_reasons: MadeUp) -> None:
        refreshed()
        dismiss(actor=SYSTEM, proposal_id=the_only("repurchase_due").pk, outcome="unwanted", now=NOW)
        Setting.objects.create(key=REST_DAYS, value=0)
        Proposal.objects.update(closed_at=NOW - timedelta(days=300))

        assert "birthday" not in refreshed()


def test_nobody_is_proposed_without_a_reason(made: MadeUp) -> None:
    order(made, 3, TODAY, 100)

    assert refreshed() == {}
