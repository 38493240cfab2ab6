"""The people behind figures, figures of one channel, and what is prepared for areas, against counting the orders by hand."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.commerce import NOW, MadeUp, make_ground, make_orders
from yutang.foundation.access import Actor
from yutang.foundation.models import Region, Staff
from yutang.ingest.lake_sync import sync_lake, the_lake
from yutang.insight import queries
from yutang.insight.actions import score_customers
from yutang.insight.areas import LENGTHS, areas_of_staff, prepare_areas
from yutang.insight.lake_reading import business_today
from yutang.insight.models import Score
from yutang.orders.models import Order

SYSTEM = Actor.system()
TODAY = business_today(NOW)
PERIOD = queries.Period(date(2024, 4, 1), date(2024, 7, 1))


@pytest.fixture
def made(lake_folder: Path, transactional_db: None) -> MadeUp:
    """Random orders of three stores through a shop of Taobao, live and not, in the lake."""
    made = make_ground()
    make_orders(made, seed=7, n=400)
    sync_lake(now=NOW)
    return made


def sold(period: queries.Period, **asked: Any) -> list[Order]:
    rows = Order.objects.exclude(status__in=(0, 50)).filter(currency="CNY", **asked)
    return list(rows.filter(business_date__gte=period.start, business_date__lt=period.end))


def every_page(**asked: Any) -> list[queries.Buyer]:
    found: list[queries.Buyer] = []
    after = None
    while True:
        page = queries.buyers_of(access=SYSTEM, today=TODAY, after=after, limit=7, **asked)
        found += page.buyers
        after = page.next_key
        if after is None:
            return found


class TestBuyers:
    @pytest.mark.parametrize("by", ["all", "store"])
    def test_are_those_of_the_orders(self, made: MadeUp, by: str) -> None:
        store = made.stores[1]
        comparison = queries.Comparison(PERIOD, by=by)  # type: ignore[arg-type]
        orders = [one for one in sold(PERIOD) if one.customer_id and (by == "all" or one.store_id == store.pk)]
        spent: Counter[int] = Counter()
        for one in orders:
            spent[one.customer_id or 0] += one.total_minor - one.refunded_minor

        found = every_page(asked=comparison, group_key=None if by == "all" else str(store.pk))

        assert {one.customer_id: one.spend_minor for one in found} == dict(spent)
        assert sum(one.orders for one in found) == len(orders)
        assert [one.spend_minor for one in found] == sorted((one.spend_minor or 0 for one in found), reverse=True)

    def test_add_up_to_the_figure_that_leads_to_them(self, made: MadeUp) -> None:
        shown = queries.dashboard(access=SYSTEM, today=TODAY, days=90, period_end=PERIOD.end)

        found = queries.buyers_of(
            access=SYSTEM, today=TODAY, asked=queries.Comparison(shown.period, by="all"), group_key=None, limit=1_000
        )

        assert (found.count, found.orders) == (shown.now_figures.buyers, shown.now_figures.orders)

    @pytest.mark.parametrize("by", ["all", "store"])
    def test_and_the_sales_besides_add_up_to_the_whole_figure(self, made: MadeUp, by: str) -> None:
        store = made.stores[1]
        manager = Actor(None, "store_manager", frozenset({store.pk}), "m")
        theirs = {one.pk for one in made.customers if one.store_id == store.pk}
        orders = [one for one in sold(PERIOD) if one.store_id == store.pk]
        key = None if by == "all" else str(store.pk)

        found = queries.buyers_of(
            access=manager, today=TODAY, asked=queries.Comparison(PERIOD, by=by), group_key=key, limit=1  # type: ignore[arg-type]
        )  # fmt: skip

        nameless = [one.total_minor - one.refunded_minor for one in orders if one.customer_id is None]
        elsewhere = [
            one.total_minor - one.refunded_minor
            for one in orders
            if one.customer_id is not None and one.customer_id not in theirs
        ]
        assert nameless
        assert elsewhere
        assert found.besides == queries.Besides(len(nameless), sum(nameless), len(elsewhere), sum(elsewhere))
        assert (found.orders or 0) + len(nameless) + len(elsewhere) == len(orders)

    def test_are_within_reach(self, made: MadeUp) -> None:
        manager = Actor(None, "store_manager", frozenset({made.stores[1].pk}), "m")

        found = queries.buyers_of(
            access=manager, today=TODAY, asked=queries.Comparison(PERIOD, by="all"), group_key=None, limit=1_000
        )

        stores = {made.customers[0].__class__.objects.get(pk=one.customer_id).store_id for one in found.buyers}
        assert stores == {made.stores[1].pk}

    def test_cannot_be_told_of_goods(self, made: MadeUp) -> None:
        with pytest.raises(queries.UnknownBreakdown):
            queries.buyers_of(
                access=SYSTEM, today=TODAY, asked=queries.Comparison(PERIOD, by="product"), group_key=None
            )


class TestCohortPeople:
    def test_are_as_many_as_the_cohort_says(self, made: MadeUp) -> None:
        told = queries.cohorts(access=SYSTEM, today=TODAY)

        for row in told.rows[-4:]:
            for offset, count in enumerate(row.active):
                if count is None:
                    continue
                found = queries.cohort_people(access=SYSTEM, today=TODAY, month=row.month, offset=offset, limit=1_000)
                assert found.count == len({one.customer_id for one in found.buyers}) == count

    def test_come_page_by_page(self, made: MadeUp) -> None:
        row = max(queries.cohorts(access=SYSTEM, today=TODAY).rows, key=lambda one: one.size)
        asked: dict[str, Any] = {"access": SYSTEM, "today": TODAY, "month": row.month, "offset": 0}
        first = queries.cohort_people(**asked, limit=3)
        second = queries.cohort_people(**asked, limit=1_000, after=first.next_key)

        assert len({one.customer_id for one in (*first.buyers, *second.buyers)}) == row.size

    @pytest.mark.parametrize("month", ["", "2024", "2024-13", "x-y", "2024-01-01-01"])
    def test_need_a_month(self, made: MadeUp, month: str) -> None:
        with pytest.raises(queries.UnknownBreakdown):
            queries.cohort_people(access=SYSTEM, today=TODAY, month=month, offset=0)


class TestChannel:
    def test_is_offered_with_its_sales(self, made: MadeUp) -> None:
        known = {one.key: one.orders for one in queries.channels(access=SYSTEM, today=TODAY)}

        orders = Order.objects.exclude(status__in=(0, 50)).filter(business_date__lte=TODAY)
        assert known == {f"taobao/{name}": orders.filter(channel=name).count() for name in ("", "live")}

    def test_narrows_every_figure_to_what_was_sold_through_it(self, made: MadeUp) -> None:
        asked: dict[str, Any] = {"access": SYSTEM, "today": TODAY, "days": 91, "period_end": PERIOD.end}
        live, rest = (queries.dashboard(**asked, channel=f"taobao/{name}") for name in ("live", ""))
        orders = sold(live.period, channel="live")
        whole = queries.dashboard(**asked)
        change = queries.sales_change(
            access=SYSTEM,
            today=TODAY,
            asked=queries.Comparison(live.period, live.before, by="store", formula="buyers", channel="taobao/live"),
        )

        assert live.now_figures.sales_minor == sum(one.total_minor - one.refunded_minor for one in orders)
        assert live.now_figures.buyers == len({one.customer_id for one in orders if one.customer_id})
        assert sum(day.sales_minor for day in live.days) == live.now_figures.sales_minor == change.now_minor
        named = live.now_figures.orders + rest.now_figures.orders
        assert named == whole.now_figures.orders

    def test_counts_its_own_first_sales(self, made: MadeUp) -> None:
        found = queries.cohorts(access=SYSTEM, today=TODAY, channel="taobao/live")

        first: dict[int, date] = {}
        for one in Order.objects.exclude(status__in=(0, 50)).filter(channel="live", business_date__isnull=False):
            if one.customer_id and one.business_date:
                first[one.customer_id] = min(first.get(one.customer_id, one.business_date), one.business_date)
        months = Counter(f"{day:%Y-%m}" for day in first.values())
        assert {row.month: row.size for row in found.rows if row.size} == dict(months)


class TestAreas:
    def manager(self, made: MadeUp, name: str, *stores: int, role: str = "region_manager") -> Staff:
        staff = Staff.objects.create(username=name, display_name=name, role=role)
        staff.stores.set([made.stores[place] for place in stores])
        return staff

    def test_are_the_sets_of_stores_that_people_look_after(self, made: MadeUp) -> None:
        for name in ("a", "b"):
            self.manager(made, name, 0, 1)
        self.manager(made, "c", 2).regions.add(Region.objects.get())
        self.manager(made, "owner", 0, 2, role="owner")
        Staff.objects.filter(pk=self.manager(made, "gone", 0, 2).pk).update(is_active=False)

        keys = [store.pk for store in made.stores]
        assert areas_of_staff() == [frozenset(keys[:2]), frozenset(keys[1:])]

    def test_find_their_first_answers_prepared(self, made: MadeUp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.manager(made, "a", 0, 1)
        prepare_areas(actor=SYSTEM, today=TODAY)
        looks = Actor(None, "region_manager", frozenset(store.pk for store in made.stores[:2]), "a")

        def fail(*_args: object, **_named: object) -> None:
            raise AssertionError("computed anew")

        # A package offers functions of the names of its modules.
        for room in ("dashboard", "change", "cohorts"):
            monkeypatch.setattr(sys.modules[f"yutang.insight.queries.{room}"], "open_engine", fail)
        for days in LENGTHS:
            shown = queries.dashboard(access=looks, today=TODAY, days=days)
            asked = queries.Comparison(shown.period, shown.before, by="store", formula="buyers")
            assert (
                queries.sales_change(access=looks, today=TODAY, asked=asked).now_minor == shown.now_figures.sales_minor
            )
        assert queries.cohorts(access=looks, today=TODAY).rows
        assert the_lake().snapshot().version


class TestStages:
    def test_by_store_are_those_of_the_scores(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        store = made.stores[1].pk
        manager = Actor(None, "store_manager", frozenset({store}), "m")

        counted = Counter(Score.objects.filter(store_id=store).values_list("stage", flat=True))
        told = queries.stage_counts(access=manager)
        assert {stage: count for stage, count in told.items() if count} == dict(counted)
        assert queries.stage_counts_by_store(access=manager) == {store: dict(counted)}
        both = [made.stores[0].pk, store]
        everywhere = queries.stage_counts(access=replace(manager, store_ids=None), store_ids=both)
        assert sum(everywhere.values()) == Score.objects.filter(store_id__in=both).count()
