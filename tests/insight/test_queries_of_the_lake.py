"""The named queries against the same figures computed row by row in Python."""

from __future__ import annotations

import itertools
import statistics
import tempfile
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.lakes import write_lake
from yutang.insight.lake_reading import answer, open_engine
from yutang.lake.catalogue import broken_promises, catalogue_of

FIRST = date(2024, 1, 1)
AS_OF = date(2024, 7, 1)

days = st.integers(0, 200).map(lambda n: FIRST + timedelta(days=n))
orders = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.one_of(st.none(), st.integers(1, 12)),
            "store_id": st.one_of(st.none(), st.integers(1, 3)),
            "status": st.sampled_from([0, 10, 20, 40, 50, 60]),
            "business_date": st.one_of(st.none(), days),
            "currency": st.sampled_from(["CNY", "CNY", "CNY", "USD"]),
            "total_minor": st.integers(0, 100_000),
            "refunded_minor": st.integers(0, 500),
        }
    ),
    max_size=60,
)
refunds = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from([None, None, 5]),
            "customer_id": st.one_of(st.none(), st.integers(1, 12)),
            "business_date": st.one_of(st.none(), days),
            "currency": st.sampled_from(["CNY", "USD"]),
            "amount_minor": st.integers(0, 5_000),
        }
    ),
    max_size=10,
)
Rows = list[dict[str, Any]]
IN_CHAIN = {"as_of": AS_OF, "currency": "CNY", "within": "chain"}


def run(name: str, params: dict[str, Any], **tables: Rows) -> Rows:
    with tempfile.TemporaryDirectory() as folder, open_engine(write_lake(Path(folder), tables)) as engine:
        return answer(engine, name, params).to_pylist()


def is_sale(order: dict[str, Any]) -> bool:
    return order["status"] not in {0, 50} and order["business_date"] is not None


def known_sales(rows: Rows, *, before: date = AS_OF) -> Rows:
    return [row for row in rows if is_sale(row) and row["business_date"] < before and row["customer_id"] is not None]


def net(order: dict[str, Any]) -> int:
    return order["total_minor"] - order["refunded_minor"]


def grade(value: Any, values: list[Any]) -> int:
    """Quintile by the middle of the ranks of equal values, exact."""
    below, equal = sum(each < value for each in values), sum(each == value for each in values)
    return 1 + 5 * (2 * below + equal) // (2 * len(values))


@pytest.mark.parametrize("query", list(catalogue_of("yutang")), ids=lambda query: query.name)
def test_every_query_reads_what_its_header_says(query: Any) -> None:
    assert broken_promises(query) == []


class TestRfm:
    @given(orders=orders, refunds=refunds)
    @settings(max_examples=25, deadline=None)
    def test_equals_row_by_row(self, orders: Rows, refunds: Rows) -> None:
        by_customer: dict[int, Rows] = defaultdict(list)
        for order in known_sales(orders):
            by_customer[order["customer_id"]].append(order)
        spend = {
            key: sum(net(o) for o in found if o["currency"] == "CNY")
            - sum(
                r["amount_minor"]
                for r in refunds
                if r["order_id"] is None
                and r["customer_id"] == key
                and r["currency"] == "CNY"
                and r["business_date"] is not None
                and r["business_date"] < AS_OF
            )
            for key, found in by_customer.items()
        }
        last = {key: max(o["business_date"] for o in found) for key, found in by_customer.items()}
        count = {key: len(found) for key, found in by_customer.items()}
        expected = {
            key: {
                "orders": count[key],
                "order_days": len({o["business_date"] for o in found}),
                "spend_minor": spend[key],
                "first_order_date": min(o["business_date"] for o in found),
                "last_order_date": last[key],
                "recency_days": (AS_OF - last[key]).days - 1,
                "r": grade(last[key], list(last.values())),
                "f": grade(count[key], list(count.values())),
                "m": grade(spend[key], list(spend.values())),
            }
            for key, found in by_customer.items()
        }

        rows = run("insight.rfm", IN_CHAIN, orders_order=orders, orders_refund=refunds)

        assert {row.pop("group_key") for row in rows} <= {""}
        assert {row.pop("customer_id"): row for row in rows} == expected

    def test_grades_distinct_values_in_fifths_and_equal_values_alike(self) -> None:
        distinct = [
            {
                "customer_id": i,
                "status": 40,
                "business_date": FIRST,
                "currency": "CNY",
                "total_minor": 100 * i,
                "refunded_minor": 0,
            }
            for i in range(1, 101)
        ]

        rows = run("insight.rfm", IN_CHAIN, orders_order=distinct)

        assert Counter(row["m"] for row in rows) == {1: 20, 2: 20, 3: 20, 4: 20, 5: 20}
        assert {row["r"] for row in rows} == {row["f"] for row in rows} == {3}


class TestRhythm:
    @given(orders=orders)
    @settings(max_examples=25, deadline=None)
    def test_equals_row_by_row(self, orders: Rows) -> None:
        by_customer: dict[int, set[date]] = defaultdict(set)
        for order in known_sales(orders):
            by_customer[order["customer_id"]].add(order["business_date"])
        expected = {}
        for key, found in by_customer.items():
            ordered = sorted(found)
            gaps = [(b - a).days for a, b in itertools.pairwise(ordered)]
            if gaps:
                expected[key] = int(Fraction(statistics.median(gaps)) + Fraction(1, 2))

        rows = run("insight.rhythm", {"as_of": AS_OF}, orders_order=orders)

        assert {row["customer_id"]: row["rhythm_days"] for row in rows} == expected


class TestPeriodFigures:
    @given(orders=orders, refunds=refunds, length=st.integers(1, 90), stores=st.sampled_from([None, [1], [1, 2], []]))
    @settings(max_examples=40, deadline=None)
    def test_equals_row_by_row(self, orders: Rows, refunds: Rows, length: int, stores: list[int] | None) -> None:
        end = date(2024, 6, 1)
        start, before = end - timedelta(days=length), end - timedelta(days=2 * length)
        expected = {}
        for period, low, high in (("now", start, end), ("before", before, start)):
            sales = [
                o
                for o in orders
                if is_sale(o)
                and low <= o["business_date"] < high
                and o["currency"] == "CNY"
                and (stores is None or o["store_id"] in stores)
            ]
            returned = [
                r
                for r in refunds
                if r["order_id"] is None
                and r["business_date"] is not None
                and low <= r["business_date"] < high
                and r["currency"] == "CNY"
                and stores is None
            ]
            known = [o for o in sales if o["customer_id"] is not None]
            if sales or returned:
                expected[period] = {
                    "known_sales_minor": sum(map(net, known))
                    - sum(r["amount_minor"] for r in returned if r["customer_id"] is not None),
                    "anonymous_sales_minor": sum(net(o) for o in sales if o["customer_id"] is None)
                    - sum(r["amount_minor"] for r in returned if r["customer_id"] is None),
                    "orders": len(known),
                    "anonymous_orders": len(sales) - len(known),
                    "buyers": len({o["customer_id"] for o in known}),
                }

        params = {"before_date": before, "start_date": start, "end_date": end, "currency": "CNY", "stores": stores}
        rows = run("insight.period_figures", params, orders_order=orders, orders_refund=refunds)
        daily = run(
            "insight.daily_sales",
            {"start_date": before, "end_date": end, "currency": "CNY", "stores": stores},
            orders_order=orders,
            orders_refund=refunds,
        )

        assert {row.pop("period"): row for row in rows} == expected
        assert sum(row["sales_minor"] for row in daily) == sum(
            each["known_sales_minor"] + each["anonymous_sales_minor"] for each in expected.values()
        )
        assert sum(row["orders"] for row in daily) == sum(
            e["orders"] + e["anonymous_orders"] for e in expected.values()
        )


class TestCohorts:
    @given(orders=orders, stores=st.sampled_from([None, [1], [2, 3]]))
    @settings(max_examples=25, deadline=None)
    def test_equals_row_by_row(self, orders: Rows, stores: list[int] | None) -> None:
        months: dict[int, set[int]] = defaultdict(set)
        for order in known_sales(orders):
            if stores is None or order["store_id"] in stores:
                months[order["customer_id"]].add(order["business_date"].year * 12 + order["business_date"].month - 1)
        first_month = 2024 * 12 + 1
        expected = Counter(
            (min(found), month - min(found))
            for found in months.values()
            for month in found
            if min(found) >= first_month
        )

        params = {"first_month": first_month, "end_date": AS_OF, "stores": stores}
        rows = run("insight.cohorts", params, orders_order=orders)

        assert {(row["cohort_month"], row["month_offset"]): row["customers"] for row in rows} == expected
