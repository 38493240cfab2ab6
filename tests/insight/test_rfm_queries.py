"""Grades against the same grades computed customer by customer in Python, exactly: in every kind of group, and by thresholds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.lakes import write_lake
from yutang.insight.grading import graded_as_of
from yutang.insight.lake_reading import answer, open_engine
from yutang.insight.rfm import GRADES, RfmRules

FIRST = date(2024, 1, 1)
AS_OF = date(2024, 6, 1)
REGIONS = {1: 7, 2: 7, 3: None}
PLATFORMS = {1: "own", 2: "tmall", 3: "tmall"}
Rows = list[dict[str, Any]]

orders = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.one_of(st.none(), st.integers(1, 14)),
            "store_id": st.one_of(st.none(), st.sampled_from(list(REGIONS))),
            "shop_id": st.sampled_from(list(PLATFORMS)),
            "status": st.sampled_from([0, 20, 40, 40, 40, 50, 60]),
            "business_date": st.one_of(st.none(), st.integers(0, 200).map(lambda n: FIRST + timedelta(days=n))),
            "currency": st.sampled_from(["CNY", "CNY", "USD"]),
            "total_minor": st.integers(600, 50_000),
            "refunded_minor": st.integers(0, 600),
        }
    ),
    max_size=70,
).map(lambda rows: [{"order_id": key, **row} for key, row in enumerate(rows, 1)])
refunds = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.one_of(st.none(), st.integers(1, 70)),
            "customer_id": st.one_of(st.none(), st.integers(1, 14)),
            "business_date": st.one_of(st.none(), st.integers(100, 200).map(lambda n: FIRST + timedelta(days=n))),
            "currency": st.just("CNY"),
            "amount_minor": st.integers(1, 900),
        }
    ),
    max_size=25,
)
thresholds = st.lists(st.integers(1, 200), min_size=4, max_size=4, unique=True).map(sorted)


def graded(rules: RfmRules, sold: Rows, given_back: Rows, as_of: date = AS_OF) -> dict[int, dict[str, Any]]:
    tables = {
        "orders_order": sold,
        "orders_refund": given_back,
        "orders_shop": [{"shop_id": key, "platform": platform} for key, platform in PLATFORMS.items()],
        "foundation_store": [{"store_id": key, "region_id": region} for key, region in REGIONS.items()],
    }
    with TemporaryDirectory() as folder, open_engine(write_lake(Path(folder), tables)) as engine:
        rows = graded_as_of(engine, as_of=as_of, currency="CNY", rules=rules).to_pylist()
    found = {row.pop("customer_id"): row for row in rows}
    assert len(found) == len(rows)
    return found


def plain_buyers(within: str, sold: Rows, given_back: Rows, as_of: date = AS_OF) -> dict[int, dict[str, Any]]:
    """What each customer bought before the day, in which group it is, by going through the rows."""
    bought: dict[int, Rows] = defaultdict(list)
    for order in sold:
        known = order["customer_id"] is not None and order["business_date"] is not None
        if known and order["status"] not in {0, 50} and order["business_date"] < as_of:
            bought[order["customer_id"]].append(order)
    found = {}
    for customer, mine in bought.items():
        last = max(mine, key=lambda order: (order["business_date"], order["order_id"]))
        group: Any = {
            "chain": None,
            "store": last["store_id"],
            "region": REGIONS.get(last["store_id"]),
            "platform": PLATFORMS[last["shop_id"]],
        }[within]
        found[customer] = {
            "orders": len(mine),
            "order_days": len({order["business_date"] for order in mine}),
            "spend_minor": sum(kept_of(order, given_back, as_of) for order in mine if order["currency"] == "CNY")
            - loose_of(customer, given_back, as_of),
            "first_order_date": min(order["business_date"] for order in mine),
            "last_order_date": last["business_date"],
            "recency_days": (as_of - last["business_date"]).days - 1,
            "group_key": "" if group is None else str(group),
        }
    return found


def kept_of(order: Mapping[str, Any], given_back: Rows, as_of: date) -> int:
    """The order's net amount as it was known then: what was given back later had not been given back."""
    later = sum(
        row["amount_minor"]
        for row in given_back
        if row["order_id"] == order["order_id"] and row["business_date"] is not None and row["business_date"] >= as_of
    )
    return int(order["total_minor"] - order["refunded_minor"] + min(order["refunded_minor"], later))


def loose_of(customer: int, given_back: Rows, as_of: date) -> int:
    return sum(
        row["amount_minor"]
        for row in given_back
        if row["order_id"] is None
        and row["customer_id"] == customer
        and row["business_date"] is not None
        and row["business_date"] < as_of
    )


def fifth(value: int, values: Sequence[int]) -> int:
    """The fifth in which the middle of the ranks of equal values lies, by counting; the last fifth holds its end."""
    ordered = sorted(values)
    ranks = [place for place, each in enumerate(ordered) if each == value]
    middle_twice = ranks[0] + ranks[-1] + 1
    return next(grade for grade in GRADES if middle_twice * 5 < 2 * grade * len(ordered) or grade == 5)


@pytest.mark.parametrize("within", ["chain", "region", "store", "platform"])
class TestQuintiles:
    @given(sold=orders, given_back=refunds)
    @settings(max_examples=30, deadline=None)
    def test_equal_those_counted_customer_by_customer(self, within: Any, sold: Rows, given_back: Rows) -> None:
        expected = plain_buyers(within, sold, given_back)
        peers = defaultdict(list)
        for row in expected.values():
            peers[row["group_key"]].append(row)
        for row in expected.values():
            mine = peers[row["group_key"]]
            row |= {
                "r": fifth(-row["recency_days"], [-each["recency_days"] for each in mine]),
                "f": fifth(row["orders"], [each["orders"] for each in mine]),
                "m": fifth(row["spend_minor"], [each["spend_minor"] for each in mine]),
            }

        assert graded(RfmRules(within=within), sold, given_back) == expected

    @given(sold=orders, given_back=refunds)
    @settings(max_examples=15, deadline=None)
    def test_do_not_know_what_came_later(self, within: Any, sold: Rows, given_back: Rows) -> None:
        until = [row for row in sold if row["business_date"] is not None and row["business_date"] < AS_OF]
        kept = {row["order_id"]: row for row in until}
        early, late = [], Counter[int]()
        for row in given_back:
            if row["business_date"] is not None and row["business_date"] >= AS_OF:
                late[row["order_id"] or 0] += row["amount_minor"]
            else:
                early.append(row)
        # As the shop's files said it that morning: without the refunds to come in the orders' totals.
        then = [
            {**row, "refunded_minor": row["refunded_minor"] - min(row["refunded_minor"], late[key])}
            for key, row in kept.items()
        ]

        rules = RfmRules(within=within)
        assert graded(rules, sold, given_back) == graded(rules, then, early)


class TestThresholds:
    @given(sold=orders, given_back=refunds, days=thresholds, counts=thresholds, amounts=thresholds)
    @settings(max_examples=40, deadline=None)
    def test_equal_those_counted_customer_by_customer(
        self, sold: Rows, given_back: Rows, days: list[int], counts: list[int], amounts: list[int]
    ) -> None:
        money = [200 * each for each in amounts]
        rules = RfmRules("thresholds", "store", tuple(days), tuple(counts), tuple(money))
        expected = plain_buyers("store", sold, given_back)
        for row in expected.values():
            row |= {
                "r": 1 + sum(row["recency_days"] <= limit for limit in days),
                "f": 1 + sum(row["orders"] >= limit for limit in counts),
                "m": 1 + sum(row["spend_minor"] >= limit for limit in money),
            }

        assert graded(rules, sold, given_back) == expected

    def test_reach_their_grade_exactly_at_the_threshold(self) -> None:
        sold = [
            {"order_id": n, "customer_id": n, "shop_id": 1, "status": 40, "currency": "CNY", "refunded_minor": 0}
            | {"business_date": AS_OF - timedelta(days=1 + days), "total_minor": minor}
            for n, (days, minor) in enumerate([(30, 10_000), (31, 9_999), (365, 200_000), (366, 199_999)], 1)
        ]

        found = graded(RfmRules("thresholds"), sold, [])

        assert [(row["r"], row["f"], row["m"]) for _, row in sorted(found.items())] == [
            (5, 1, 2),
            (4, 1, 1),
            (2, 1, 5),
            (1, 1, 4),
        ]


SCORED = [
    {"customer_id": n, "group_key": "g" if n % 2 else "", "recency_days": n, "orders": n, "spend_minor": 100 * (n % 7)}
    | {"last_order_date": FIRST, "r": 1 + n % 5, "f": 1 + n % 3, "m": 1}
    for n in range(1, 60)
]
BEFORE = [{"customer_id": n, "r": 1 + n % 4, "f": 1 + n % 5} for n in range(1, 50)]
PEOPLE = [{"customer_id": n, "store_id": n % 3 or None} for n in range(1, 60)]


@pytest.mark.parametrize("stores", [None, [1], [1, 2], []])
@pytest.mark.parametrize("group", [None, "", "g"])
class TestGridMovementAndCustomers:
    def asked(self, name: str, params: dict[str, Any], **lent: Rows) -> Rows:
        import pyarrow as pa

        inputs = {table: pa.Table.from_pylist(rows) for table, rows in lent.items()}
        with TemporaryDirectory() as folder:
            snapshot = write_lake(Path(folder), {"customers_customer": PEOPLE})
            with open_engine(snapshot) as engine:
                return answer(engine, name, params, inputs).to_pylist()

    def reached(self, stores: list[int] | None, group: str | None) -> Rows:
        store = {row["customer_id"]: row["store_id"] for row in PEOPLE}
        return [
            row
            for row in SCORED
            if (stores is None or store[row["customer_id"]] in stores) and (group is None or row["group_key"] == group)
        ]

    def test_the_grid_counts_everybody_once(self, stores: list[int] | None, group: str | None) -> None:
        rows = self.asked("insight.rfm_grid", {"stores": stores}, scored=SCORED)

        mine = [row for row in rows if group is None or row["group_key"] == group]
        found = Counter[tuple[int, int]]()
        for row in mine:
            found[row["r"], row["f"]] += row["customers"]
        expected = self.reached(stores, group)
        assert found == Counter((row["r"], row["f"]) for row in expected)
        assert sum(row["spend_minor"] for row in mine) == sum(row["spend_minor"] for row in expected)

    def test_moves_lead_from_the_grades_before(self, stores: list[int] | None, group: str | None) -> None:
        params = {"stores": stores, "group_key": group}
        rows = self.asked("insight.rfm_movement", params, scored=SCORED, scored_before=BEFORE)

        before = {row["customer_id"]: (row["r"], row["f"]) for row in BEFORE}
        expected = Counter(
            (*before.get(row["customer_id"], (0, 0)), row["r"], row["f"]) for row in self.reached(stores, group)
        )
        assert {(row["from_r"], row["from_f"], row["r"], row["f"]): row["customers"] for row in rows} == expected

    def test_pages_hold_every_customer_of_the_cells_once(self, stores: list[int] | None, group: str | None) -> None:
        found: Rows = []
        edge: tuple[int | None, int | None] = (None, None)
        while True:
            params = {"rs": [1, 2, 5], "fs": [1, 3], "stores": stores, "group_key": group, "most": 4}
            page = self.asked(
                "insight.rfm_customers", params | {"after_minor": edge[0], "after_id": edge[1]}, scored=SCORED
            )
            if not page:
                break
            found += page
            edge = (page[-1]["spend_minor"], page[-1]["customer_id"])

        wanted = [row for row in self.reached(stores, group) if row["r"] in {1, 2, 5} and row["f"] in {1, 3}]
        wanted.sort(key=lambda row: (-row["spend_minor"], -row["customer_id"]))
        assert [row["customer_id"] for row in found] == [row["customer_id"] for row in wanted]
        assert {row["customers"] for row in found} <= {len(wanted)}
        assert {row["all_minor"] for row in found} <= {sum(row["spend_minor"] for row in wanted)}
