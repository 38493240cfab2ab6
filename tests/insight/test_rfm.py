"""Grades from the store to the room: rules, as of when, who sees what, who moved, and that nothing later is known."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.again import laid
from tests.support.commerce import NOW, MadeUp, make_ground, make_orders
from yutang.customers.models import Customer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, Job, Staff
from yutang.foundation.queries import actor_for
from yutang.foundation.sealing import seal
from yutang.ingest.lake_sync import sync_lake
from yutang.insight.actions import score_customers
from yutang.insight.models import Score
from yutang.insight.queries import (
    CELL_GROUPS,
    GRADES,
    DayIsNotKnown,
    NoSuchCell,
    RfmAsked,
    RfmRules,
    cell_group_of,
    graded_days,
    rfm_customers,
    rfm_grid,
    rfm_movement,
    rfm_rules,
)
from yutang.insight.queries.rfm import month_before
from yutang.insight.rfm import GradingIsUnknown, ThresholdsAreWrong, rules_from, spend_limits
from yutang.insight.rfm_actions import change_rfm_rules, export_graded

SYSTEM = Actor.system()
TODAY = date(2024, 7, 1)
ALL = {"rs": GRADES, "fs": GRADES}


@pytest.fixture
def made() -> MadeUp:
    def make() -> MadeUp:
        made = make_ground(customers=60)
        make_orders(made, seed=5, n=400)
        sync_lake(now=NOW)
        return made

    return laid("graded shop", make)


def cells_of(found: Any) -> Counter[tuple[int, int]]:
    return Counter({(cell.r, cell.f): cell.customers for cell in found.cells if cell.customers})


class TestRules:
    def test_are_quintiles_of_the_chain_unless_somebody_says_otherwise(self) -> None:
        assert rules_from({}) == RfmRules("quintiles", "chain")

    def test_come_back_as_they_were_kept(self) -> None:
        rules = RfmRules("thresholds", "region", (1, 2, 3, 4), (2, 3, 4, 5), (5, 6, 7, 8))

        assert rules_from(rules.as_json()) == rules

    @pytest.mark.parametrize("given", [{"method": "ntile"}, {"within": "city"}, {"recency": [1, 2, 3, 4]}])
    def test_of_unknown_words_are_refused(self, given: dict[str, Any]) -> None:
        with pytest.raises(GradingIsUnknown, match="there are"):
            rules_from(given)

    @pytest.mark.parametrize(
        "limits",
        [[1, 2, 3], [1, 2, 3, 4, 5], [4, 3, 2, 1], [2, 2, 3, 4], [-1, 2, 3, 4], [2, 3, 4, "5"], [True, 2, 3, 4], "2345", [2, 3, 4, 5.0]],
    )  # fmt: skip
    @pytest.mark.parametrize(("name", "letter"), [("recency_days", "R"), ("orders", "F"), ("spend_minor", "M")])
    def test_of_wrong_thresholds_are_refused(self, name: str, letter: str, limits: Any) -> None:
        with pytest.raises(ThresholdsAreWrong, match=f"thresholds of {letter}: write four whole numbers"):
            rules_from({name: limits})

    def test_money_is_written_in_whole_units(self) -> None:
        assert spend_limits([1, 20, 300, 4000], currency="CNY") == [100, 2_000, 30_000, 400_000]
        assert spend_limits([1, 20, 300, 4000], currency="JPY") == [1, 20, 300, 4000]
        with pytest.raises(ThresholdsAreWrong, match="for example 100, 300, 800, 2000"):
            spend_limits(["1", 2, 3, 4], currency="CNY")

    def test_every_cell_belongs_to_one_group(self) -> None:
        found = Counter(cell_group_of(r=r, f=f).code for r in GRADES for f in GRADES)

        assert sum(found.values()) == 25
        assert found == {group.code: len(group.rs) * len(group.fs) for group in CELL_GROUPS}

    @pytest.mark.parametrize(
        ("day", "expected"),
        [("2024-03-31", "2024-02-29"), ("2023-03-30", "2023-02-28"), ("2024-01-01", "2023-12-01"), ("2024-05-15", "2024-04-15")],
    )  # fmt: skip
    def test_a_month_before_stays_within_its_month(self, day: str, expected: str) -> None:
        assert month_before(date.fromisoformat(day)) == date.fromisoformat(expected)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lake_folder")
class TestGrid:
    def test_is_empty_without_orders(self) -> None:
        assert rfm_grid(access=SYSTEM, today=TODAY).customers == 0
        assert rfm_movement(access=SYSTEM, today=TODAY) is None
        assert rfm_customers(access=SYSTEM, today=TODAY, **ALL).customers == ()
        assert graded_days(access=SYSTEM, today=TODAY) == ()

    def test_agrees_with_the_scores_that_are_kept(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)

        found = rfm_grid(access=SYSTEM, today=TODAY)

        scored = Score.objects.exclude(r=None).values_list("r", "f")
        assert cells_of(found) == Counter(scored)
        assert found.customers == len(scored) > 0
        assert sum(found.within(group) for group in CELL_GROUPS) == found.customers

    def test_of_a_past_day_does_not_change_with_later_orders(self, made: MadeUp) -> None:
        day = graded_days(access=SYSTEM, today=TODAY)[2]
        asked = RfmAsked(as_of=day)
        before = (
            rfm_grid(access=SYSTEM, today=TODAY, asked=asked),
            rfm_movement(access=SYSTEM, today=TODAY, asked=asked),
        )
        people = rfm_customers(access=SYSTEM, today=TODAY, **ALL, asked=asked, limit=100).customers

        make_orders(made, seed=6, n=200, first=day, days=(TODAY - day).days)
        sync_lake(now=NOW)

        assert (
            rfm_grid(access=SYSTEM, today=TODAY, asked=asked),
            rfm_movement(access=SYSTEM, today=TODAY, asked=asked),
        ) == before
        assert rfm_customers(access=SYSTEM, today=TODAY, **ALL, asked=asked, limit=100).customers == people
        assert rfm_grid(access=SYSTEM, today=TODAY) != before[0]

    def test_shows_a_manager_only_the_customers_of_the_own_stores(self, made: MadeUp) -> None:
        manager = actor_for(Staff.objects.get(username="manager1"))
        own = {customer.id for customer in made.customers if customer.store_id == made.stores[1].id}

        found = rfm_grid(access=manager, today=TODAY)
        page = rfm_customers(access=manager, today=TODAY, **ALL, limit=100)

        assert 0 < found.customers == page.count < rfm_grid(access=SYSTEM, today=TODAY).customers
        assert {one.customer_id for one in page.customers} <= own
        chosen = RfmAsked(store_ids=[made.stores[2].id])
        assert rfm_grid(access=manager, today=TODAY, asked=chosen).customers == 0

    def test_is_graded_within_each_store_where_that_is_wished(self, made: MadeUp) -> None:
        change_rfm_rules(actor=SYSTEM, changes={"within": "store"}, now=NOW)

        found = rfm_grid(access=SYSTEM, today=TODAY)

        assert set(found.groups) == {"", *(str(one.id) for one in made.stores)}
        assert sum(found.groups.values()) == found.customers
        one = str(made.stores[0].id)
        mine = rfm_grid(access=SYSTEM, today=TODAY, asked=RfmAsked(group_key=one))
        assert mine.customers == found.groups[one]
        # Fifths of one store spread over the grades, which those of the chain do not for each.
        assert {cell.r for cell in mine.cells if cell.customers} == set(GRADES)

    @pytest.mark.parametrize("day", [date(2020, 1, 1), date(2030, 1, 1)])
    def test_refuses_days_of_which_no_orders_are_known(self, made: MadeUp, day: date) -> None:
        with pytest.raises(DayIsNotKnown, match="orders are known from"):
            rfm_grid(access=SYSTEM, today=TODAY, asked=RfmAsked(as_of=day))

    def test_refuses_grades_that_do_not_exist(self, made: MadeUp) -> None:
        with pytest.raises(NoSuchCell, match="no grade 6"):
            rfm_customers(access=SYSTEM, today=TODAY, rs=[6], fs=[1])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lake_folder")
class TestMovement:
    def test_leads_from_one_grid_to_the_next(self, made: MadeUp) -> None:
        for day in graded_days(access=SYSTEM, today=TODAY)[:3]:
            asked = RfmAsked(as_of=day)
            moved = rfm_movement(access=SYSTEM, today=TODAY, asked=asked)

            assert moved is not None
            assert moved.since == month_before(day)
            after = cells_of(rfm_grid(access=SYSTEM, today=TODAY, asked=asked))
            before = cells_of(rfm_grid(access=SYSTEM, today=TODAY, asked=RfmAsked(as_of=moved.since)))
            came, left = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
            for r_before, f_before, r, f, customers in moved.moves:
                came[r, f] += customers
                if r_before:
                    left[r_before, f_before] += customers
            assert (came, left) == (after, before)
            assert moved.net == {(r, f): after[r, f] - before[r, f] for r in GRADES for f in GRADES}
            assert sum(moved.between_groups.values()) == sum(after.values())

    def test_is_not_told_where_orders_are_not_known_a_month_before(self, made: MadeUp) -> None:
        first = graded_days(access=SYSTEM, today=TODAY)[-1]

        assert rfm_movement(access=SYSTEM, today=TODAY, asked=RfmAsked(as_of=first)) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lake_folder")
class TestChangingRules:
    def test_is_followed_by_the_scores(self, made: MadeUp) -> None:
        limits = {"recency_days": [10, 20, 40, 80], "orders": [2, 4, 6, 8], "spend_minor": [100, 1_000, 50_000, 90_000]}
        change_rfm_rules(actor=SYSTEM, changes={"method": "thresholds", **limits}, now=NOW)

        report = score_customers(actor=SYSTEM, now=NOW)

        assert rfm_rules().method == "thresholds"
        assert Job.objects.filter(task_path__endswith="follow_orders").count() == 1
        scores = list(Score.objects.exclude(last_order_date=None))
        assert scores
        for score in scores:
            recency = (report.as_of - timedelta(days=1) - score.last_order_date).days  # type: ignore[operator]
            assert score.r == 1 + sum(recency <= limit for limit in limits["recency_days"])
            assert score.f == 1 + sum(score.orders >= limit for limit in limits["orders"])
            assert score.m == 1 + sum(score.spend_minor >= limit for limit in limits["spend_minor"])

    def test_keeps_what_is_not_said_and_asks_for_one_refresh(self) -> None:
        change_rfm_rules(actor=SYSTEM, changes={"within": "region"}, now=NOW)
        change_rfm_rules(actor=SYSTEM, changes={"orders": [3, 6, 9, 12]}, now=NOW)

        assert rfm_rules() == RfmRules(within="region", orders=(3, 6, 9, 12))
        assert Job.objects.filter(task_path__endswith="follow_orders").count() == 1

    def test_is_refused_for_wrong_rules_and_for_who_may_not(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            change_rfm_rules(actor=manager, changes={"within": "region"}, now=NOW)
        with pytest.raises(ThresholdsAreWrong):
            change_rfm_rules(actor=SYSTEM, changes={"orders": [3, 2, 9, 12]}, now=NOW)

        assert rfm_rules() == RfmRules()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lake_folder")
class TestExport:
    def test_holds_the_customers_of_the_cells_and_is_written_down(self, made: MadeUp) -> None:
        Customer.objects.update(sealed_profile=seal({"name": "王小明", "phones": [], "accounts": []}))
        asked = RfmAsked(as_of=graded_days(access=SYSTEM, today=TODAY)[1])
        found = rfm_customers(access=SYSTEM, today=TODAY, rs=[5], fs=GRADES, asked=asked, limit=100)

        exported = export_graded(actor=SYSTEM, today=TODAY, rs=[5], fs=GRADES, asked=asked, now=NOW)
        head, *rows = exported.rows(str)

        assert len(head) == len(rows[0])
        assert [int(row[0]) for row in rows] == [one.customer_id for one in found.customers]
        assert {row[4] for row in rows} == {"5"}
        entry = AuditEntry.objects.get(action="insight.export_rfm")
        assert entry.detail["customers"] == len(rows) == found.count

    def test_is_refused_for_who_may_not_take_people_along(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            export_graded(actor=manager, today=TODAY, rs=[5], fs=[5], asked=RfmAsked(), now=NOW)
