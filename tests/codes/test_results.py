"""What codes brought is the same, whether it is counted in the store or lies in the lake, with what came since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.codes.conftest import SYSTEM, accounts, code, newcomers
from tests.conftest import NOW
from yutang.codes import actions, queries
from yutang.codes.models import Newcomer
from yutang.codes.results import Tally, tallies
from yutang.ingest.lake_sync import rebuild_lake

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def busy() -> Any:
    """A code by which people came over forty days, some of whom left after hours, days, weeks."""
    accounts()
    of = code(unit_cost_minor=100)
    newcomers(of, 5, added_at=NOW - 40 * DAY)
    newcomers(of, 3, added_at=NOW - 40 * DAY, left_after=timedelta(hours=5), was_known=True)
    newcomers(of, 2, added_at=NOW - 35 * DAY, left_after=10 * DAY)
    newcomers(of, 4, added_at=NOW - 9 * DAY, joined_group_at=NOW)
    newcomers(of, 1, added_at=NOW - 9 * DAY, left_after=3 * DAY)
    newcomers(of, 2, added_at=NOW - timedelta(hours=2))
    paid = {"actor": SYSTEM, "code_id": of.pk, "now": NOW}
    actions.add_cost(**paid, amount_minor=5_000, business_date=(NOW - 40 * DAY).date())
    actions.add_cost(**paid, amount_minor=700, business_date=NOW.date())
    return of


def test_who_came_who_stayed_and_what_it_cost(busy: Any) -> None:
    tally = tallies(access=SYSTEM, now=NOW).of[busy.pk]

    assert (tally.came, tally.fresh, tally.friends, tally.lost, tally.grouped) == (17, 14, 11, 6, 4)
    assert (tally.ripe_1, tally.kept_1) == (15, 12)
    assert (tally.ripe_7, tally.kept_7) == (15, 11)
    assert (tally.ripe_30, tally.kept_30) == (10, 5)
    assert tally.cost_minor == 5_700 + 17 * 100
    # Up to 30 days ago: the first payment, and ten who came by then; five stayed so long.
    assert (tally.kept_days, tally.cost_per_kept_minor) == (30, (5_000 + 10 * 100) // 5)
    assert tally.kept_ratio(days=7) == 11 / 15


@pytest.mark.django_db(transaction=True)
def test_the_lake_and_what_came_since_make_the_same_as_the_store(busy: Any) -> None:
    counted = tallies(access=SYSTEM, now=NOW).of[busy.pk]
    rebuild_lake(now=NOW)
    # The lake was written this moment by the machine's clock; all of these came long before.
    from_lake = tallies(access=SYSTEM, now=NOW).of[busy.pk]
    assert (from_lake.came, from_lake.friends, from_lake.fresh, from_lake.grouped) == (17, 11, 14, 4)
    assert from_lake.kept_1 >= counted.kept_1

    now = datetime.now(tz=NOW.tzinfo)
    newcomers(busy, 3, added_at=now)
    left = Newcomer.objects.filter(left_at=None, added_at__lt=NOW).order_by("pk").first()
    Newcomer.objects.filter(pk=left.pk).update(left_at=now, left_date=now.date())  # type: ignore[union-attr]
    live = tallies(access=SYSTEM, now=now).of[busy.pk]

    assert (live.came, live.friends) == (20, 13)


@pytest.mark.django_db(transaction=True)
def test_orders_since_count_and_those_before_do_not(busy: Any, stores: dict[str, Any]) -> None:
    from yutang.orders.models import Order, Shop

    shop = Shop.objects.create(platform="own", name="收银")
    first, second = Newcomer.objects.order_by("pk")[:2]
    for number, (person, days, total, status) in enumerate(
        [
            (first, 1, 10_000, 20),
            (first, 3, 5_000, 20),
            (first, -1, 99_000, 20),
            (second, 0, 2_000, 20),
            (second, 2, 8_000, 50),
        ]
    ):
        at = person.added_at + days * DAY
        Order.objects.create(
            shop=shop, number=f"W{number}", customer_id=person.customer_id, status=status, placed_at=at, business_date=at.date(),
            currency="CNY", goods_minor=total, total_minor=total, refunded_minor=500 if number == 1 else 0, item_count=1,
        )  # fmt: skip
    rebuild_lake(now=NOW)

    tally = tallies(access=SYSTEM, now=NOW).of[busy.pk]
    assert (tally.buyers, tally.orders, tally.sales_minor) == (2, 3, 16_500)


def test_the_curve_falls_where_people_left(busy: Any) -> None:
    steps = {step.day: step for step in queries.kept_curve(access=SYSTEM, code_id=busy.pk, now=NOW)}

    assert sorted(steps) == [0, 3, 10]
    assert steps[0].waiting == pytest.approx(14 / 17)
    # Who came this morning was watched for no day yet, who came nine days ago for nine.
    assert steps[3].waiting == pytest.approx(14 / 17 * 11 / 12)
    assert steps[10].waiting == pytest.approx(14 / 17 * 11 / 12 * 5 / 7)


def test_weeks_tell_who_is_still_there(busy: Any) -> None:
    weeks = queries.weeks(access=SYSTEM, code_id=busy.pk, since=(NOW - 60 * DAY).date(), now=NOW)

    assert sum(week.friends for week in weeks) == 11
    assert sum(week.left for week in weeks) == 6


def test_a_code_without_anybody_divides_by_nothing() -> None:
    tally = Tally(cost_minor=500, ripe_cost_minor={1: 0, 7: 0, 30: 0})

    assert (tally.cost_per_kept_minor, tally.cost_per_newcomer_minor, tally.kept_ratio(days=30)) == (None, None, None)
