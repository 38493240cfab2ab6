"""Cohorts, time to the second order and what is bought next, against plain Python."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.lakes import write_lake
from yutang.foundation.access import Actor
from yutang.insight.queries import next_things as next_room
from yutang.insight.queries import second_orders as cohort_room
from yutang.insight.queries.change import UnknownBreakdown
from yutang.insight.queries.next_things import LEAST_BOTH, LEAST_FIRST, next_products, next_things_for
from yutang.insight.queries.second_orders import FIRST_BY, LEAST_CUSTOMERS, SPAN_DAYS, coming_back

SYSTEM = Actor.system()
LAST = date(2024, 6, 30)
TODAY = date(2024, 7, 1)
PRODUCTS = ("丝巾", "卫衣", "风衣", "连衣裙", "发带", "衬衫", "开衫", "阔腿裤", "半身裙", "牛仔裤", "船袜", "帆布包")
Rows = list[dict[str, Any]]


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setattr("yutang.insight.queries.groups._known", lambda by, access: {})

    def laid(orders: Rows, lines: Rows) -> None:
        rows = {
            "orders_order": orders,
            "orders_line": lines,
            "orders_shop": [{"shop_id": 1, "platform": "own"}, {"shop_id": 2, "platform": "taobao"}],
            "orders_product": [{"product_id": n, "code": "x", "name": name} for n, name in enumerate(PRODUCTS)],
        }
        snapshot = write_lake(tmp_path, rows)
        for room in (cohort_room, next_room):
            monkeypatch.setattr(room, "lake_seen", lambda: snapshot)

    return laid


def made_up(seed: int, people: int = 300) -> tuple[Rows, Rows]:
    """Orders of people who come back now and then; after a scarf mostly a coat."""
    rng = random.Random(seed)
    orders: Rows = []
    lines: Rows = []
    for customer in range(1, people + 1):
        day = date(2023, 7, 1) + timedelta(days=rng.randrange(360))
        last = -1
        while day <= LAST:
            status = rng.choice([40, 40, 40, 20, 50])
            orders.append(
                {
                    "order_id": len(orders) + 1, "customer_id": customer, "store_id": rng.choice([None, 1, 2]),
                    "shop_id": rng.choice([1, 2]), "channel": rng.choice(["", "live"]), "status": status,
                    "business_date": day, "currency": "CNY", "total_minor": 100, "refunded_minor": 0,
                }
            )  # fmt: skip
            for _ in range(rng.choice([1, 1, 2])):
                last = 2 if last == 0 and rng.random() < 0.7 else rng.randrange(len(PRODUCTS))
                amount = rng.randrange(900)
                lines.append(
                    {"line_id": len(lines) + 1, "order_id": len(orders), "product_id": last, "amount_minor": amount}
                )
            if rng.random() < 0.35:
                break
            day += timedelta(days=rng.choice([0, 7, 31, 60, 90]))
    orders.append({**orders[0], "order_id": len(orders) + 1, "customer_id": None, "business_date": LAST, "status": 40})
    return orders, lines


def sale_days(orders: Rows) -> dict[int, list[date]]:
    days: dict[int, set[date]] = defaultdict(set)
    for order in orders:
        if order["status"] not in {0, 50} and order["customer_id"]:
            days[order["customer_id"]].add(order["business_date"])
    return {customer: sorted(found) for customer, found in days.items()}


def group_of(customer: int, first: date, by: str, orders: Rows, lines: Rows) -> str | None:
    order = min(
        (
            one
            for one in orders
            if one["customer_id"] == customer and one["business_date"] == first and one["status"] not in {0, 50}
        ),
        key=lambda one: one["order_id"],
    )
    if by == "month":
        return f"{first:%Y-%m}"
    if by == "store":
        return None if order["store_id"] is None else str(order["store_id"])
    if by == "channel":
        return f"{'own' if order['shop_id'] == 1 else 'taobao'}/{order['channel']}"
    own = [line for line in lines if line["order_id"] == order["order_id"]]
    return PRODUCTS[min(own, key=lambda line: (-line["amount_minor"], line["line_id"]))["product_id"]]


class TestComingBack:
    @pytest.mark.parametrize("by", FIRST_BY)
    def test_equals_plain_python(self, lake: Any, by: Any) -> None:
        orders, lines = made_up(seed=3)
        lake(orders, lines)
        groups: dict[str | None, list[list[date]]] = defaultdict(list)
        for customer, days in sale_days(orders).items():
            if days[0] >= date(2023, 8, 1):
                groups[group_of(customer, days[0], by, orders, lines)].append(days)

        found = coming_back(access=SYSTEM, today=TODAY, by=by, months=11)

        assert found.since == date(2023, 8, 1)
        assert {group.key: group.customers for group in found.groups} == {key: len(p) for key, p in groups.items()}
        for group in found.groups:
            people = groups[group.key]
            assert group.came_back == sum(len(days) > 1 for days in people)
            for span, ratio in enumerate(group.ratios, 1):
                seen = [days for days in people if days[0] + timedelta(days=SPAN_DAYS * span) <= LAST]
                low, high = SPAN_DAYS * (span - 1), SPAN_DAYS * span
                active = sum(any(low < (day - days[0]).days <= high for day in days) for days in seen)
                assert ratio == (active / len(seen) if len(seen) >= LEAST_CUSTOMERS else None)

    def test_counts_who_is_still_open_as_long_as_watched(self, lake: Any) -> None:
        # 40 people: 20 come back after 10 days, 20 came only 5 days ago. Of those watched for 10 days all came back.
        early, late = LAST - timedelta(days=50), LAST - timedelta(days=5)
        orders = [order(n, early) for n in range(20)] + [order(n, early + timedelta(days=10)) for n in range(20)]
        orders += [order(n, late) for n in range(20, 40)] + [{**order(99, LAST), "customer_id": None}]
        lake(orders, [])

        found = coming_back(access=SYSTEM, today=TODAY, by="store")

        assert (found.customers, found.came_back, found.median_days) == (40, 20, 10)
        assert found.share_within(9) == 0.0
        assert found.share_within(10) == 1.0

    def test_tells_no_share_of_a_few(self, lake: Any) -> None:
        lake([order(n, LAST - timedelta(days=100)) for n in range(1, LEAST_CUSTOMERS)] + [order(99, LAST)], [])

        found = coming_back(access=SYSTEM, today=TODAY, by="month")

        assert all(group.within_90 is None and set(group.ratios) == {None} for group in found.groups)

    def test_of_an_empty_lake_is_nobody_and_another_breakdown_is_refused(self, lake: Any) -> None:
        lake([], [])

        assert coming_back(access=SYSTEM, today=TODAY).groups == ()
        with pytest.raises(UnknownBreakdown):
            coming_back(access=SYSTEM, today=TODAY, by="weather")  # type: ignore[arg-type]


class TestNextProducts:
    def test_equal_plain_python_and_find_the_planted_pair(self, lake: Any) -> None:
        orders, lines = made_up(seed=4, people=900)
        lake(orders, lines)
        baskets: dict[int, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
        by_order = {one["order_id"]: one for one in orders}
        for line in lines:
            one = by_order[line["order_id"]]
            if one["status"] not in {0, 50} and one["customer_id"]:
                baskets[one["customer_id"]][one["business_date"]].add(PRODUCTS[line["product_id"]])
        first: dict[str, set[int]] = defaultdict(set)
        second: dict[str, set[int]] = defaultdict(set)
        both: dict[tuple[str, str], set[int]] = defaultdict(set)
        everybody = set()
        for customer, days in baskets.items():
            ordered = sorted(days)
            for day, after in itertools.pairwise(ordered):
                everybody.add(customer)
                for product in days[day]:
                    first[product].add(customer)
                    for following in days[after]:
                        second[following].add(customer)
                        if following != product:
                            both[product, following].add(customer)

        found = next_products(access=SYSTEM, today=TODAY)

        assert ("丝巾", "风衣") in {(each.first, each.following) for each in found}
        for each in found:
            people = both[each.first, each.following]
            assert (each.both, each.first_people) == (len(people), len(first[each.first]))
            assert each.lift == pytest.approx(
                len(people) / len(first[each.first]) / (len(second[each.following]) / len(everybody))
            )
            assert each.low > 1

    def test_are_not_told_of_a_few(self, lake: Any) -> None:
        pairs = [(n, LAST - timedelta(days=9), 0) for n in range(1, LEAST_FIRST)]
        pairs += [(n, LAST, 2) for n in range(1, LEAST_FIRST)] + [(99, LAST, 1)]
        orders = [{**order(customer, day), "order_id": n} for n, (customer, day, _) in enumerate(pairs, 1)]
        lines = [
            {"line_id": n, "order_id": n, "product_id": product, "amount_minor": 1}
            for n, (_, _, product) in enumerate(pairs, 1)
        ]
        lake(orders, lines)

        assert LEAST_BOTH < LEAST_FIRST
        assert next_products(access=SYSTEM, today=TODAY) == ()


class TestNextThingsFor:
    def ordered(self, monkeypatch: pytest.MonkeyPatch, *days: tuple[str, ...], title: str = "") -> None:
        """Let the customer have ordered products on days, the last first."""
        bought = [
            SimpleNamespace(
                is_sale=True,
                business_date=LAST - timedelta(days=ago),
                lines=tuple(SimpleNamespace(product_code="", product_name=name) for name in products),
                title=title,
            )
            for ago, products in enumerate(days)
        ]
        monkeypatch.setattr(next_room, "orders_of", lambda **asked: bought)

    def test_are_the_surest_after_what_was_bought_last(self, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        lake(*made_up(seed=4, people=900))
        self.ordered(monkeypatch, ("丝巾",))

        waiting = next_things_for(access=SYSTEM, customer_id=1, today=TODAY)
        next_products(access=SYSTEM, today=TODAY)
        found = next_things_for(access=SYSTEM, customer_id=1, today=TODAY)

        assert waiting.things == ()
        assert waiting.reason is not None
        assert "being computed" in waiting.reason.template
        assert found.things[0].following == "风衣"
        assert found.reason is None

    def test_are_nothing_that_was_bought_before(self, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        lake(*made_up(seed=4, people=900))
        next_products(access=SYSTEM, today=TODAY)
        self.ordered(monkeypatch, ("丝巾",), ("风衣",))

        found = next_things_for(access=SYSTEM, customer_id=1, today=TODAY)

        assert "风衣" not in {each.following for each in found.things}

    @pytest.mark.parametrize("title", ["丝巾 米白 均码(1件)", "卫衣 L(1件);丝巾(2件)"])
    def test_know_products_by_the_title_of_an_order_without_lines(
        self, lake: Any, monkeypatch: pytest.MonkeyPatch, title: str
    ) -> None:
        lake(*made_up(seed=4, people=900))
        next_products(access=SYSTEM, today=TODAY)
        self.ordered(monkeypatch, (), title=title)

        found = next_things_for(access=SYSTEM, customer_id=1, today=TODAY)

        assert (found.things[0].first, found.things[0].following) == ("丝巾", "风衣")

    def test_are_judged_by_the_last_day_that_names_a_product(self, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        lake(*made_up(seed=4, people=900))
        next_products(access=SYSTEM, today=TODAY)
        self.ordered(monkeypatch, (), ("丝巾",))

        assert next_things_for(access=SYSTEM, customer_id=1, today=TODAY).things[0].following == "风衣"

    def test_say_why_there_is_nothing(self, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        lake(*made_up(seed=4, people=20))
        next_products(access=SYSTEM, today=TODAY)
        self.ordered(monkeypatch, ("丝巾",))

        found = next_things_for(access=SYSTEM, customer_id=1, today=TODAY)

        assert found.things == ()
        assert found.reason is not None
        assert "丝巾" in str(found.reason)

    def test_know_nothing_of_who_bought_nothing(self, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        lake([], [])
        monkeypatch.setattr(next_room, "orders_of", lambda **asked: [])

        assert next_things_for(access=SYSTEM, customer_id=1, today=TODAY).reason is not None


def order(customer: int, day: date) -> dict[str, Any]:
    return {
        "order_id": customer, "customer_id": customer, "store_id": 1, "shop_id": 1, "channel": "", "status": 40,
        "business_date": day, "currency": "CNY", "total_minor": 100, "refunded_minor": 0,
    }  # fmt: skip
