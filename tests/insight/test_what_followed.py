"""What followed the touches, against plain Python and against a planted effect."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.again import laid
from tests.support.commerce import NOW, MadeUp, make_ground, touch
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff
from yutang.insight.actions import score_customers
from yutang.insight.lake_reading import open_engine
from yutang.insight.proposals.results import LEAST_SIMILAR, results_now
from yutang.insight.queries import latest_run
from yutang.insight.today import refresh_today
from yutang.orders.models import Order
from yutang.worklist.models import KindResult, Proposal
from yutang.worklist.queries import chances, kind_reports

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lake_folder")]

SYSTEM = Actor.system()
TODAY = timezone.localtime(NOW).date()
TOUCHED_ON = TODAY - timedelta(days=60)
KIND = "repurchase_due"


def orders_of(made: MadeUp, place: int, days: list[date], total: int) -> None:
    Order.objects.bulk_create(
        Order(
            shop=made.shop,
            number=f"{place}-{day}",
            customer=made.customers[place],
            status=40,
            business_date=day,
            currency="CNY",
            total_minor=total,
            content_digest=b"",
        )
        for day in days
    )
    touch("orders_order", set(days))


def touched(made: MadeUp, place: int, day: date, kind: str = KIND) -> None:
    at = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=15)
    Proposal.objects.create(
        kind=kind,
        dedupe_key=f"{kind}:{made.customers[place].pk}:{day}",
        customer=made.customers[place],
        reason={"template": "x", "values": {}},
        proposed_on=day,
        due_at=at,
        status="done",
        outcome="will_order",
        closed_at=at,
    )


@pytest.fixture
def made() -> MadeUp:
    """See `make`."""
    return laid("touched customers", make)


def make() -> MadeUp:
    """400 customers of two habits; of every second fourth one was touched, and the touched order more often afterwards."""
    rng = random.Random(5)
    made = make_ground(customers=400)
    for place in range(400):
        often = 1 + place % 2 * 3
        before = [TOUCHED_ON - timedelta(days=20 + 9 * k) for k in range(often)]
        is_touched = place % 4 < 2 and place < 200
        ordered = rng.random() < (0.6 if is_touched else 0.2)
        after = [TOUCHED_ON + timedelta(days=rng.randrange(1, 31))] if ordered else [TOUCHED_ON + timedelta(days=31)]
        orders_of(made, place, [*before, *after], 5_000 + 7 * place)
        if is_touched:
            touched(made, place, TOUCHED_ON)
    orders_of(made, 0, [TODAY], 100)
    return made


def by_hand(made: MadeUp) -> dict[str, float]:
    """Return the counts of `KindResult` worked out row by row."""
    done = set(Proposal.objects.values_list("customer_id", flat=True))
    groups: dict[tuple[int, int, int], list[tuple[bool, bool, int]]] = defaultdict(list)
    people = []
    for customer in made.customers:
        rows = list(Order.objects.filter(customer=customer).values_list("business_date", "total_minor"))
        past = [(day, total) for day, total in rows if day < TOUCHED_ON]
        later = [(day, total) for day, total in rows if 0 < (day - TOUCHED_ON).days <= 30]
        dear = sum(total for _, total in past) / len(past)
        people.append((customer.pk, past, later, dear))
    ranked = sorted(people, key=lambda each: (each[3], each[0]))
    size, rest = divmod(len(ranked), 3)
    edges = [size + (1 if n < rest else 0) for n in range(3)]
    third = {each[0]: 0 if i < edges[0] else 1 if i < edges[0] + edges[1] else 2 for i, each in enumerate(ranked)}
    for pk, past, later, _ in people:
        often = 6 if len(past) >= 6 else 3 if len(past) >= 3 else len(past)
        silence = (TOUCHED_ON - max(day for day, _ in past)).days
        ago = next((n for n, most in enumerate((7, 30, 60, 120, 240)) if silence <= most), 5)
        groups[often, ago, third[pk]].append((pk in done, bool(later), sum(t for _, t in later)))
    total: dict[str, float] = defaultdict(float)
    for members in groups.values():
        mine = [m for m in members if m[0]]
        similar = [m for m in members if not m[0]]
        if len(similar) < LEAST_SIMILAR:
            total["without_similar"] += len(mine)
            continue
        total["touched"] += len(mine)
        total["ordered"] += sum(m[1] for m in mine)
        total["expected"] += len(mine) * sum(m[1] for m in similar) / len(similar)
        total["sales_minor"] += sum(m[2] for m in mine)
        total["expected_minor"] += len(mine) * sum(m[2] for m in similar) / len(similar)
    return total


def the_result() -> Any:
    score_customers(actor=SYSTEM, now=NOW)
    run = latest_run()
    assert run is not None
    with open_engine() as engine:
        (result,) = results_now(engine, run=run)
    return result


class TestResultsNow:
    def test_are_those_worked_out_by_hand(self, made: MadeUp) -> None:
        result, expected = the_result(), by_hand(made)

        assert (result.kind, result.touched, result.ordered) == (KIND, expected["touched"], expected["ordered"])
        assert result.without_similar == expected["without_similar"]
        assert result.expected == pytest.approx(expected["expected"])
        assert result.sales_minor == expected["sales_minor"]
        assert result.expected_minor == pytest.approx(expected["expected_minor"], abs=1)

    def test_touches_too_young_to_be_judged_do_not_count(self, made: MadeUp) -> None:
        Proposal.objects.update(closed_at=NOW - timedelta(days=20))
        score_customers(actor=SYSTEM, now=NOW)
        run = latest_run()
        assert run is not None

        with open_engine() as engine:
            assert results_now(engine, run=run) == []

    def test_who_was_touched_for_something_else_is_nobodys_measure(self, made: MadeUp) -> None:
        before = the_result()
        for place in range(200, 400, 4):
            touched(made, place, TOUCHED_ON + timedelta(days=10), kind="birthday")

        with open_engine() as engine:
            run = latest_run()
            assert run is not None
            after = {each.kind: each for each in results_now(engine, run=run)}

        assert after[KIND].touched + after[KIND].without_similar == before.touched + before.without_similar
        assert after[KIND].expected != before.expected


class TestWhatIsLearnt:
    def test_the_planted_effect_is_found_and_moves_the_chance(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        refresh_today(actor=SYSTEM, now=NOW)

        effect = next(one for one in kind_reports(access=SYSTEM, now=NOW) if one.kind.code == KIND).effect
        assert effect is not None
        assert effect.is_sure
        assert 0.25 < effect.difference < 0.55
        assert 0.15 < chances()[KIND] < 0.35
        assert chances()["birthday"] == 0.03

    def test_a_second_look_replaces_the_first(self, made: MadeUp) -> None:
        for _ in range(2):
            score_customers(actor=SYSTEM, now=NOW)
            refresh_today(actor=SYSTEM, now=NOW)

        assert KindResult.objects.count() == 1


def test_reports_count_what_became_of_the_proposals_within_reach(made: MadeUp) -> None:
    Proposal.objects.update(store=None, proposed_on=TODAY)
    Proposal.objects.filter(customer_id__in=[c.pk for c in made.customers[:8]]).update(
        status="not_useful", outcome="unwanted", store=made.stores[0]
    )
    manager = Staff.objects.get(username="manager0")
    access = Actor(manager.pk, "store_manager", frozenset({made.stores[0].pk}), "m")

    (report,) = kind_reports(access=access, now=NOW)
    (whole,) = kind_reports(access=SYSTEM, now=NOW)

    assert (report.statuses, report.dismissals, report.outcomes) == ({"not_useful": 4}, {"unwanted": 4}, {})
    assert whole.statuses == {"not_useful": 4, "done": 96}
