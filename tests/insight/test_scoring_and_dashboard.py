from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.commerce import NOW, MadeUp, make_ground, make_orders, touch, touch_whole
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import lake_status, sync_lake
from yutang.insight.actions import score_customers
from yutang.insight.models import Score, ScoringRun
from yutang.insight.queries import cohorts, dashboard, score_of, scored_customers, scores_for, stage_counts, stage_flow
from yutang.orders.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lake_folder")]

SYSTEM = Actor.system()
TODAY = date(2024, 7, 1)


@pytest.fixture
def made() -> MadeUp:
    made = make_ground(customers=60)
    make_orders(made, seed=5, n=300)
    return made


def kept_scores() -> list[tuple[object, ...]]:
    return list(Score.objects.order_by("customer_id").values_list())


class TestScoreCustomers:
    def test_scores_everybody_once_and_changes_nothing_the_second_time(self, made: MadeUp) -> None:
        first = score_customers(actor=SYSTEM, now=NOW)
        scores = kept_scores()
        second = score_customers(actor=SYSTEM, now=NOW)

        assert first.customers == first.changed == len(made.customers) == Score.objects.count()
        assert second.changed == 0
        assert kept_scores() == scores
        assert sum(first.stages.values()) == len(made.customers)
        assert lake_status().waiting == 0

    def test_counts_as_far_as_orders_are_known(self, made: MadeUp) -> None:
        report = score_customers(actor=SYSTEM, now=NOW + timedelta(days=400))

        last = Order.objects.exclude(status__in=[0, 50]).order_by("-business_date")
        known = last.filter(business_date__isnull=False).values_list("business_date", flat=True)[0]
        assert report.as_of == known + timedelta(days=1)

    def test_ends_equal_to_scoring_from_nothing_after_changes(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        make_orders(made, seed=6, n=60)
        Customer.objects.filter(id=made.customers[3].id).update(merged_into=made.customers[4])
        moved = Order.objects.filter(customer=made.customers[3])
        touch("orders_order", set(moved.values_list("business_date", flat=True)))
        moved.update(customer=made.customers[4])
        touch_whole("customers_customer")
        score_customers(actor=SYSTEM, now=NOW)
        changed = kept_scores()
        Score.objects.all().delete()
        touch_whole("insight_score")

        score_customers(actor=SYSTEM, now=NOW)

        assert kept_scores() == changed
        assert not Score.objects.filter(customer=made.customers[3]).exists()

    def test_mends_scores_that_a_killed_run_left_half_written(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        right = kept_scores()
        Score.objects.filter(customer_id__lte=made.customers[20].id).update(stage="new", orders=99)
        touch_whole("insight_score")

        score_customers(actor=SYSTEM, now=NOW)

        assert kept_scores() == right

    def test_keeps_the_flow_of_stages(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)

        flow = stage_flow(access=SYSTEM)

        assert flow is not None
        assert flow.since == flow.as_of - timedelta(days=30)
        reached = Counter[str]()
        for _, stage, customers in flow.flows:
            reached[stage] += customers
        assert {k: v for k, v in flow.counts.items() if v} == reached
        assert dict(Counter(Score.objects.values_list("stage", flat=True))) == reached

    def test_takes_a_shop_without_orders(self) -> None:
        make_ground(customers=3)

        report = score_customers(actor=SYSTEM, now=NOW)

        assert report.stages["prospect"] == 3


class TestDashboard:
    def test_factors_multiply_to_the_sales_and_days_add_up(self, made: MadeUp) -> None:
        sync_lake(now=NOW)

        board = dashboard(access=SYSTEM, today=TODAY, days=45)

        for figures in (board.now_figures, board.before_figures):
            assert figures.orders_per_buyer is not None
            assert figures.order_value_minor is not None
            product = figures.buyers * figures.orders_per_buyer * figures.order_value_minor
            assert product == figures.known_sales_minor
            assert figures.sales_minor == figures.known_sales_minor + figures.anonymous_sales_minor
        assert len(board.days) == 45
        assert sum(day.sales_minor for day in board.days) == board.now_figures.sales_minor
        assert sum(day.before_sales_minor for day in board.days) == board.before_figures.sales_minor
        assert board.other_currencies == ("USD",)

    def test_stores_and_what_belongs_to_none_add_up_to_the_chain(self, made: MadeUp) -> None:
        sync_lake(now=NOW)
        whole = dashboard(access=SYSTEM, today=TODAY, days=90).now_figures.sales_minor
        period = dashboard(access=SYSTEM, today=TODAY, days=90).period
        single = [
            dashboard(access=SYSTEM, today=TODAY, days=90, store_ids=[store.id]).now_figures.sales_minor
            for store in made.stores
        ]
        together = dashboard(access=SYSTEM, today=TODAY, days=90, store_ids=[store.id for store in made.stores])

        nowhere = Order.objects.filter(
            store=None, currency="CNY", business_date__gte=period.start, business_date__lt=period.end
        ).exclude(status__in=[0, 50])
        rest = sum(o.total_minor - o.refunded_minor for o in nowhere) - sum(
            r.amount_minor for r in made.refunds if r.business_date and period.start <= r.business_date < period.end
        )
        assert together.now_figures.sales_minor == sum(single) == whole - rest

    def test_a_manager_sees_only_the_own_stores(self, made: MadeUp) -> None:
        sync_lake(now=NOW)
        store = made.stores[1].id
        manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({store}), label="m")

        own = dashboard(access=manager, today=TODAY, days=90)
        other = dashboard(access=manager, today=TODAY, days=90, store_ids=[made.stores[0].id])

        assert own.now_figures == dashboard(access=SYSTEM, today=TODAY, days=90, store_ids=[store]).now_figures
        assert other.now_figures.sales_minor == 0

    def test_follows_the_lake(self, made: MadeUp) -> None:
        sync_lake(now=NOW)
        before = dashboard(access=SYSTEM, today=TODAY, days=30)
        make_orders(made, seed=9, n=40, first=before.period.start, days=20)
        sync_lake(now=NOW)

        after = dashboard(access=SYSTEM, today=TODAY, days=30, period_end=before.period.end)

        assert after.now_figures.orders > before.now_figures.orders

    def test_answers_from_what_is_kept_beside_the_lake(self, made: MadeUp, lake_folder: Path) -> None:
        sync_lake(now=NOW)
        first = dashboard(access=SYSTEM, today=TODAY)
        for file in lake_folder.glob("orders_order/*.parquet"):
            file.unlink()

        assert dashboard(access=SYSTEM, today=TODAY) == first

    def test_without_days_it_ends_with_the_last_day_that_is_over(self, made: MadeUp) -> None:
        sync_lake(now=NOW)
        last = dashboard(access=SYSTEM, today=TODAY, days=30).known_until
        assert last is not None

        after = dashboard(access=SYSTEM, today=last + timedelta(days=1), days=30)
        running = dashboard(access=SYSTEM, today=last, days=30)

        assert after.period.last_day == last
        assert running.known_until == last
        assert running.period.last_day == running.days[-1].day == last - timedelta(days=1)
        assert running.before.last_day == running.period.start - timedelta(days=1)

    def test_the_running_day_stands_where_nothing_else_is_known(self, made: MadeUp) -> None:
        sync_lake(now=NOW)
        first = dashboard(access=SYSTEM, today=TODAY, days=1).known_since
        assert first is not None

        assert dashboard(access=SYSTEM, today=first, days=1).period.last_day == first

    def test_is_empty_before_the_first_sync(self) -> None:
        board = dashboard(access=SYSTEM, today=TODAY)

        assert board.now_figures.sales_minor == 0
        assert board.known_until is None
        assert [tile.value for tile in board.tiles] == [0, 0, None, None]
        assert cohorts(access=SYSTEM, today=TODAY).rows == ()


class TestCohorts:
    def test_shows_months_that_have_not_begun_as_none(self, made: MadeUp) -> None:
        sync_lake(now=NOW)

        found = cohorts(access=SYSTEM, today=TODAY, months=6)

        assert [row.month for row in found.rows][-1] == "2024-06"
        for place, row in enumerate(reversed(found.rows)):
            assert row.active[0] == row.size
            assert [each is None for each in row.active] == [k > place for k in range(6)]


class TestScores:
    def test_pages_by_key_without_gap_or_overlap(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        for sort in ("spend", "last_order"):
            seen, key = [], None
            while True:
                page = scored_customers(access=SYSTEM, sort=sort, after=key, limit=7)
                seen += [score.customer_id for score in page.scores]
                key = page.next_key
                if key is None:
                    break

            field = "spend_minor" if sort == "spend" else "last_order_date"
            rows = Score.objects.filter(**{f"{field}__isnull": False})
            assert seen == list(rows.order_by(f"-{field}", "-customer_id").values_list("customer_id", flat=True))

    def test_filters_by_stage_and_store(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        store = made.stores[2].id
        manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({store}), label="m")

        page = scored_customers(access=manager, stage="at_risk", limit=100)

        expected = Score.objects.filter(stage="at_risk", customer__store_id=store).values_list("customer_id", flat=True)
        assert {score.customer_id for score in page.scores} == set(expected)
        assert stage_counts(access=manager)["at_risk"] == len(expected)

    def test_hides_customers_out_of_reach(self, made: MadeUp) -> None:
        score_customers(actor=SYSTEM, now=NOW)
        other = next(c for c in made.customers if c.store_id == made.stores[0].id)
        manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({made.stores[1].id}), label="m")

        assert score_of(access=manager, customer_id=other.id) is None
        assert score_of(access=SYSTEM, customer_id=other.id) is not None

    def test_a_screenful_takes_two_statements(self, made: MadeUp, django_assert_num_queries: object) -> None:
        score_customers(actor=SYSTEM, now=NOW)

        with django_assert_num_queries(2):  # type: ignore[operator]
            found = scores_for(access=SYSTEM, customer_ids=[c.id for c in made.customers])

        assert len(found) == len(made.customers)
        assert ScoringRun.objects.count() == 1
