from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.support.commerce import NOW, MadeUp, make_ground, touch
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.jobs import run_inline
from yutang.foundation.models import Job, Staff
from yutang.ingest.events import ImportFinished
from yutang.insight.actions import follow_new_orders, score_customers
from yutang.insight.models import ScoringRun
from yutang.insight.tasks import follow_orders
from yutang.insight.today import refresh_today
from yutang.orders.models import Order
from yutang.worklist.models import Proposal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lake_folder")]

SYSTEM = Actor.system()
TODAY = date(2024, 7, 1)


def order(made: MadeUp, place: int, day: date, total: int = 10_000) -> None:
    Order.objects.create(
        shop=made.shop,
        number=f"{place}-{day}",
        customer=made.customers[place],
        status=40,
        business_date=day,
        currency="CNY",
        total_minor=total,
        content_digest=b"",
    )
    touch("orders_order", {day})


@pytest.fixture
def made() -> MadeUp:
    """Customer 1: silent and valuable; 2: first order; 3: loyal and active; 5..9: old and small."""
    made = make_ground(customers=12)
    for k in range(6):
        order(made, 1, TODAY - timedelta(days=95 + 30 * k), 80_000)
        order(made, 3, TODAY - timedelta(days=5 + 30 * k), 50_000)
    order(made, 2, TODAY - timedelta(days=2), 12_800)
    for place in range(5, 10):
        order(made, place, TODAY - timedelta(days=160), 100)
        order(made, place, TODAY - timedelta(days=190), 100)
    order(made, 10, TODAY - timedelta(days=1), 100)
    return made


def by_kind() -> dict[str, list[int | None]]:
    found: dict[str, list[int | None]] = {}
    for row in Proposal.objects.filter(status="open").order_by("-rank"):
        found.setdefault(row.kind, []).append(row.customer_id)
    return found


class TestRefreshToday:
    def test_proposes_thanks_and_the_silent_to_the_staff_of_the_store(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)

        report = refresh_today(actor=SYSTEM, now=NOW)

        one = made.customers
        assert by_kind() == {"valuable_silent": [one[1].id], "first_order_thanks": [one[2].id, one[10].id]}
        assert report.proposed == 3
        silent = Proposal.objects.get(kind="valuable_silent")
        assert silent.owner is not None
        assert silent.owner.username == f"manager{made.stores.index(one[1].store)}"
        values = silent.reason["values"]
        assert (values["silent_days"], values["rhythm_days"], values["spend_minor"]) == (94, 30, 480_000)

    def test_does_not_propose_twice_and_lapses_who_came_back(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        refresh_today(actor=SYSTEM, now=NOW)
        order(made, 1, TODAY)
        order(made, 2, TODAY)
        score_customers(actor=SYSTEM, now=NOW)

        report = refresh_today(actor=SYSTEM, now=NOW)

        assert (report.proposed, report.lapsed) == (0, 2)
        assert by_kind() == {"first_order_thanks": [made.customers[10].id]}

    def test_a_new_silence_is_a_new_reason(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        refresh_today(actor=SYSTEM, now=NOW)
        order(made, 1, TODAY)
        order(made, 3, TODAY + timedelta(days=94))
        later = NOW + timedelta(days=95)
        score_customers(actor=SYSTEM, now=later)

        refresh_today(actor=SYSTEM, now=later)

        assert Proposal.objects.filter(kind="valuable_silent", customer=made.customers[1]).count() == 2

    def test_works_before_any_score(self) -> None:
        assert refresh_today(actor=SYSTEM, now=NOW).proposed == 0


class TestAfterAnImport:
    def test_lake_scores_and_today_follow_once_for_a_burst(self, made: MadeUp) -> None:
        for import_id in range(3):
            outbox.record(ImportFinished(import_id=import_id, target="orders", changed=True), now=NOW)

        delivery = Job.objects.get(task_path=outbox.deliver_events.module_path)
        run_inline(delivery.pk)
        follow = Job.objects.get(task_path=follow_orders.module_path)
        run_inline(follow.pk)

        assert ScoringRun.objects.count() == 1
        assert Proposal.objects.exists()
        follow.refresh_from_db()
        assert follow.result["customers"] == len(made.customers)

    def test_all_in_one_call(self, made: MadeUp) -> None:
        Staff.objects.create(username="boss", display_name="Boss", role="owner")

        report = follow_new_orders(actor=SYSTEM, now=NOW)

        assert report.scores.customers == len(made.customers)
        assert report.today.proposed == 3
