"""The purchase summary and the weeks of repeat purchases against the same figures computed row by row."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.test_queries_of_the_lake import FIRST, Rows, days, is_sale, run
from tests.support.lakes import write_lake
from yutang.insight.lake_reading import open_engine
from yutang.insight.valuing import purchase_summary

ENDS = date(2024, 4, 10)
AS_OF = date(2024, 6, 20)

orders = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.one_of(st.none(), st.integers(1, 6)),
            "status": st.sampled_from([0, 10, 40, 40, 50, 60]),
            "business_date": st.one_of(st.none(), days),
            "currency": st.sampled_from(["CNY", "CNY", "USD"]),
            "total_minor": st.integers(0, 100_000),
            "refunded_minor": st.sampled_from([0, 0, 500, 2_000]),
        }
    ),
    max_size=60,
).map(lambda rows: [{**row, "order_id": place} for place, row in enumerate(rows)])
refunds = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.one_of(st.none(), st.integers(0, 59)),
            "customer_id": st.one_of(st.none(), st.integers(1, 6)),
            "business_date": st.one_of(st.none(), days),
            "currency": st.sampled_from(["CNY", "USD"]),
            "amount_minor": st.integers(0, 1_500),
        }
    ),
    max_size=10,
)


def summary(orders: Rows, refunds: Rows, *, ends: date = ENDS, as_of: date = AS_OF) -> dict[int, dict[str, Any]]:
    """What the product makes of the orders; the mean spend as an exact sum again."""
    tables = {"orders_order": orders, "orders_refund": refunds}
    with tempfile.TemporaryDirectory() as folder, open_engine(write_lake(Path(folder), tables)) as engine:
        found = purchase_summary(engine, calibration_end=ends, as_of=as_of, currency="CNY")
    return {
        int(key): {
            "x": int(x),
            "t_x": int(t_x),
            "T": int(age),
            "spend_orders": int(n),
            "spend": spend,
            "holdout": int(h),
            "later": (int(later), pytest.approx(float(money))),
        }
        for key, x, t_x, age, n, spend, h, later, money in zip(
            found.customer_id,
            found.x,
            found.t_x,
            found.T,
            found.spend_orders,
            found.mean_spend,
            found.holdout,
            found.later_orders,
            found.later_spend,
            strict=True,
        )
    }


def known_net(order: dict[str, Any], refunds: Rows, *, known_before: date = ENDS) -> int:
    later = sum(
        each["amount_minor"]
        for each in refunds
        if each["order_id"] == order["order_id"] and each["business_date"] and each["business_date"] >= known_before
    )
    return int(order["total_minor"] - max(order["refunded_minor"] - later, 0))


class TestPurchaseSummary:
    @given(orders=orders, refunds=refunds)
    @settings(max_examples=40, deadline=None)
    def test_equals_row_by_row(self, orders: Rows, refunds: Rows) -> None:
        by_customer: dict[int, dict[date, Rows]] = defaultdict(lambda: defaultdict(list))
        for order in orders:
            if is_sale(order) and order["customer_id"] is not None and order["business_date"] < AS_OF:
                by_customer[order["customer_id"]][order["business_date"]].append(order)
        expected = {}
        for customer, found in by_customer.items():
            known = sorted(day for day in found if day < ENDS)
            if not known:
                continue
            paid = [o for day in known[1:] for o in found[day] if o["currency"] == "CNY"]
            paid_days = len({o["business_date"] for o in paid})
            loose = sum(
                r["amount_minor"]
                for r in refunds
                if r["order_id"] is None
                and r["customer_id"] == customer
                and r["currency"] == "CNY"
                and r["business_date"]
                and r["business_date"] < ENDS
            )
            after = [o for day in found if day >= ENDS for o in found[day] if o["currency"] == "CNY"]
            spend = sum(known_net(o, refunds) for o in paid) / paid_days - loose / len(known) if paid_days else 0
            expected[customer] = {
                "x": len(known) - 1,
                "t_x": (known[-1] - known[0]).days,
                "T": (ENDS - known[0]).days - 1,
                "spend_orders": paid_days,
                "spend": pytest.approx(max(spend, 0) / 100),
                "holdout": len(found) - len(known),
                "later": (
                    len({o["business_date"] for o in after}),
                    sum(known_net(o, refunds, known_before=AS_OF) for o in after) / 100,
                ),
            }

        assert summary(orders, refunds) == expected

    @given(orders=orders, refunds=refunds, later=orders)
    @settings(max_examples=25, deadline=None)
    def test_knows_nothing_of_later_days(self, orders: Rows, refunds: Rows, later: Rows) -> None:
        future = [
            {
                **order,
                "order_id": order["order_id"] + 100,
                "business_date": order["business_date"] + timedelta(days=201),
            }
            for order in later
            if order["business_date"]
        ]
        given_back = [
            {
                "order_id": o["order_id"],
                "business_date": ENDS,
                "currency": o["currency"],
                "amount_minor": o["total_minor"],
            }
            for o in orders
            if not o["refunded_minor"]
        ]
        refunded = [
            {**order, "refunded_minor": order["total_minor"]} if not order["refunded_minor"] else order
            for order in orders
        ]
        before = summary(orders, refunds, as_of=ENDS)

        after = summary([*refunded, *future], [*refunds, *given_back], as_of=ENDS)

        assert after == before

    def test_two_orders_of_a_day_are_one_purchase_and_a_refunded_one_is_worth_nothing(self) -> None:
        def order(place: int, day: int, total: int, refunded: int = 0, status: int = 40) -> dict[str, Any]:
            return {
                "order_id": place, "customer_id": 1, "status": status, "business_date": FIRST + timedelta(days=day),
                "currency": "CNY", "total_minor": total, "refunded_minor": refunded,
            }  # fmt: skip

        rows = [
            order(1, 0, 9_000),
            order(2, 0, 1_000),
            order(3, 10, 500),
            order(4, 10, 700),
            order(5, 20, 800, refunded=800, status=60),
            order(6, 30, 600, status=50),
        ]

        assert summary(rows, [])[1] == {
            "x": 2, "t_x": 20, "T": 99, "spend_orders": 2, "spend": pytest.approx(6.0), "holdout": 0,
            "later": (0, 0.0),
        }  # fmt: skip


class TestRepeatDays:
    @given(orders=orders)
    @settings(max_examples=25, deadline=None)
    def test_equals_row_by_row(self, orders: Rows) -> None:
        by_customer: dict[int, set[date]] = defaultdict(set)
        for order in orders:
            if is_sale(order) and order["customer_id"] is not None and order["business_date"] < AS_OF:
                by_customer[order["customer_id"]].add(order["business_date"])
        expected: dict[date, list[int]] = defaultdict(lambda: [0, 0])
        for found in by_customer.values():
            if min(found) < ENDS:
                for day in found:
                    expected[day][day > min(found)] += 1

        rows = run("insight.repeat_days", {"calibration_end": ENDS, "as_of": AS_OF}, orders_order=orders)

        assert {row["business_date"]: [row["newcomers"], row["repeats"]] for row in rows} == expected

    @pytest.mark.parametrize(("bytes_a_sale", "apart"), [(16, 1), (1 << 28, 1), (1 << 28, 1 << 50), (16, 1 << 50)])
    def test_slices_of_customers_make_the_whole(
        self, monkeypatch: pytest.MonkeyPatch, bytes_a_sale: int, apart: int
    ) -> None:
        rows = [
            {"order_id": n, "customer_id": n % 7, "status": 40, "business_date": FIRST + timedelta(days=n), "currency": "CNY",
             "total_minor": 100 * n, "refunded_minor": 0}
            for n in range(60)
        ]  # fmt: skip
        whole = summary(rows, [])
        monkeypatch.setattr("yutang.insight.counting_sales._BYTES_A_SALE", bytes_a_sale)
        monkeypatch.setattr("yutang.insight.methods.side_by_side._TOGETHER", 4)

        found = summary([{**row, "customer_id": row["customer_id"] * apart} for row in rows], [])

        assert found == {key * apart: said for key, said in whole.items()}


def test_an_empty_lake_has_no_customers_and_no_days() -> None:
    assert summary([], []) == {}
    assert run("insight.repeat_days", {"calibration_end": ENDS, "as_of": AS_OF}) == []
