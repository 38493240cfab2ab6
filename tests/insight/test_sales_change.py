"""Why sales moved: the figures of groups against plain Python, parts that add up, people behind them, words."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.lakes import write_lake
from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, open_engine
from yutang.insight.methods.causes import FORMULAS, PARTS
from yutang.insight.methods.decomposition import METHODS
from yutang.insight.queries import behind as behind_module
from yutang.insight.queries import change as change_module
from yutang.insight.queries.behind import NOBODY_BEHIND, CustomersBehind
from yutang.insight.queries.change import (
    Comparison,
    PeriodIsAhead,
    PeriodsCannotBeCompared,
    SalesChange,
    UnknownBreakdown,
    period_a_year_before,
)
from yutang.insight.queries.dashboard import Period
from yutang.insight.queries.groups import GROUPINGS

SYSTEM = Actor.system()
#: Every example lays a lake of its own.
ONE_LAKE_AT_A_TIME: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
TODAY = date(2024, 12, 31)
BEFORE, NOW = Period(date(2024, 3, 1), date(2024, 4, 1)), Period(date(2024, 4, 1), date(2024, 5, 1))
Rows = list[dict[str, Any]]

STORES = [
    {"store_id": 1, "name": "徐汇店", "region_id": 1},
    {"store_id": 2, "name": "浦东店", "region_id": 1},
    {"store_id": 3, "name": "天河店", "region_id": 2},
]
SHOPS = [{"shop_id": 1, "platform": "own", "name": ""}, {"shop_id": 2, "platform": "taobao", "name": ""}]
PRODUCTS = [
    {"product_id": 1, "shop_id": 1, "code": "A", "name": "丝巾"},
    {"product_id": 2, "shop_id": 2, "code": "A2", "name": "丝巾"},
    {"product_id": 3, "shop_id": 1, "code": "B", "name": ""},
]
PEOPLE = [{"customer_id": n, "store_id": n % 3 + 1} for n in range(1, 13)]
days = st.integers(0, 130).map(lambda n: date(2024, 1, 15) + timedelta(days=n))
order = st.fixed_dictionaries(
    {
        "customer_id": st.one_of(st.none(), st.integers(1, 12)),
        "store_id": st.one_of(st.none(), st.integers(1, 3)),
        "staff_id": st.one_of(st.none(), st.integers(1, 2)),
        "shop_id": st.integers(1, 2),
        "channel": st.sampled_from(["", "live"]),
        "status": st.sampled_from([0, 20, 40, 40, 50, 60]),
        "business_date": st.one_of(st.none(), days),
        "currency": st.sampled_from(["CNY", "CNY", "CNY", "USD"]),
        "total_minor": st.integers(0, 100_000),
        "refunded_minor": st.integers(0, 500),
    }
)
orders = st.lists(order, max_size=60).map(lambda rows: [{**row, "order_id": n} for n, row in enumerate(rows, 1)])
lines = st.lists(
    st.fixed_dictionaries(
        {"order_id": st.integers(1, 60), "product_id": st.integers(1, 3), "amount_minor": st.integers(-5, 900)}
    ),
    max_size=90,
).map(lambda rows: [{**row, "line_id": n} for n, row in enumerate(rows, 1)])
refunds = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from([None, None, 5]),
            "product_id": st.one_of(st.none(), st.integers(1, 3)),
            "business_date": days,
            "currency": st.sampled_from(["CNY", "USD"]),
            "amount_minor": st.integers(0, 5_000),
        }
    ),
    max_size=8,
)
footfall = st.lists(
    st.fixed_dictionaries(
        {
            "store_id": st.integers(1, 3),
            "business_date": days,
            "passers_by": st.one_of(st.none(), st.integers(0, 900)),
            "entries": st.one_of(st.none(), st.integers(0, 90)),
        }
    ),
    max_size=200,
    unique_by=lambda row: (row["store_id"], row["business_date"]),
)
#: Every store counts people every day.
ALL_DAYS = [
    {
        "store_id": store,
        "business_date": date(2024, 1, 1) + timedelta(days=n),
        "passers_by": 100 + n,
        "entries": 9 + n % 5,
    }
    for store in (1, 2, 3)
    for n in range(200)
]


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Answer questions from a lake of given rows."""
    names = {"store": {}, "region": {}, "staff": {}}
    monkeypatch.setattr("yutang.insight.queries.groups._known", lambda by, access: names.get(by, {}))

    def laid(folder: str, **tables: Rows) -> None:
        snapshot = write_lake(
            Path(folder),
            {
                "foundation_store": STORES,
                "orders_shop": SHOPS,
                "orders_product": PRODUCTS,
                "customers_customer": PEOPLE,
                **tables,
            },
        )
        monkeypatch.setattr(change_module, "lake_seen", lambda: snapshot)

    return laid


def is_sale(row: dict[str, Any]) -> bool:
    return row["status"] not in {0, 50} and row["business_date"] is not None


def within(period: Period, row: dict[str, Any]) -> bool:
    return period.start <= row["business_date"] < period.end


def sales_of(period: Period, rows: Rows, returned: Rows) -> int:
    sold = sum(
        row["total_minor"] - row["refunded_minor"]
        for row in rows
        if is_sale(row) and row["currency"] == "CNY" and within(period, row)
    )
    return sold - sum(
        row["amount_minor"]
        for row in returned
        if row["order_id"] is None and row["currency"] == "CNY" and within(period, row)
    )


def sales_change(*, access: Actor, today: date, method: Any = "shapley", **asked: Any) -> SalesChange:
    return change_module.sales_change(access=access, today=today, asked=Comparison(**asked), method=method)


def customers_behind(
    *,
    access: Actor,
    today: date,
    part: str,
    group_key: str | None,
    after: str | None = None,
    limit: int = 50,
    **asked: Any,
) -> CustomersBehind:
    return behind_module.customers_behind(
        access=access, today=today, asked=Comparison(**asked), part=part, group_key=group_key, after=after, limit=limit
    )


class TestSalesChange:
    @given(orders=orders, lines=lines, refunds=refunds, footfall=st.one_of(footfall, st.just(ALL_DAYS)))
    @settings(max_examples=8, **ONE_LAKE_AT_A_TIME)
    def test_adds_up_to_the_fen_in_every_breakdown_formula_and_method(
        self, lake: Any, orders: Rows, lines: Rows, refunds: Rows, footfall: Rows
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            lake(folder, orders_order=orders, orders_line=lines, orders_refund=refunds, visits_footfall=footfall)
            for by in GROUPINGS:
                for formula in FORMULAS:
                    for method in METHODS:
                        found = sales_change(
                            access=SYSTEM, today=TODAY, now=NOW, before=BEFORE, by=by, formula=formula, method=method,
                            currency="CNY",
                        )  # fmt: skip
                        assert found.now_minor == sales_of(NOW, orders, refunds)
                        assert found.before_minor == sales_of(BEFORE, orders, refunds)
                        assert sum(found.parts.values()) == found.difference_minor
                        for group in found.groups:
                            assert sum(group.split.parts.values()) == group.difference_minor
                        head = found.causes.values["head"]["template"] if found.groups else found.causes.template
                        assert head.startswith("Sales " if found.groups else "No sale ")

    @given(orders=orders)
    @settings(max_examples=20, **ONE_LAKE_AT_A_TIME)
    def test_counts_buyers_and_orders_like_plain_python(self, lake: Any, orders: Rows) -> None:
        first: dict[int, date] = {}
        for row in orders:
            if is_sale(row) and row["customer_id"]:
                day = row["business_date"]
                first[row["customer_id"]] = min(first.get(row["customer_id"], day), day)
        expected: dict[Any, Counter[str]] = defaultdict(Counter)
        people: dict[Any, set[int]] = defaultdict(set)
        for row in orders:
            if not (is_sale(row) and row["currency"] == "CNY" and row["customer_id"] and within(NOW, row)):
                continue
            kind = "new" if first[row["customer_id"]] >= NOW.start else "returning"
            expected[row["store_id"]][f"{kind}_orders"] += 1
            people[row["store_id"], kind].add(row["customer_id"])

        with tempfile.TemporaryDirectory() as folder:
            lake(folder, orders_order=orders)
            found = sales_change(
                access=SYSTEM, today=TODAY, now=NOW, before=BEFORE, by="store", formula="new_returning", currency="CNY"
            )

        for group in found.groups:
            store = int(group.key) if group.key else None
            for kind in ("new", "returning"):
                assert group.split.rungs[f"{kind}_orders"][1] == expected[store][f"{kind}_orders"]
                assert group.split.rungs[f"{kind}_buyers"][1] == len(people[store, kind])

    def test_counts_only_stores_within_reach(self, lake: Any, tmp_path: Path) -> None:
        rows = [
            sale(1, day=5, store=1, total=100),
            sale(2, day=5, store=2, total=900),
            sale(3, day=5, store=None, total=7),
        ]
        lake(str(tmp_path), orders_order=rows)
        manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({1}), label="")

        found = sales_change(access=manager, today=TODAY, now=NOW, before=BEFORE, by="store")

        assert [(group.key, group.difference_minor) for group in found.groups] == [("1", 100)]

    def test_tells_a_birth_a_death_and_a_planted_loss_of_traffic(self, lake: Any, tmp_path: Path) -> None:
        # Store 1 halves with its traffic; store 2 closes; store 3 opens.
        rows = [sale(n, day=-20 + n % 10, store=1, total=1000) for n in range(1, 21)]
        rows += [sale(n, day=5 + n % 10, store=1, total=1000) for n in range(1, 11)]
        rows += [sale(1, day=-9, store=2, total=300), sale(2, day=9, store=3, total=50)]
        counted = [
            {"store_id": 1, "business_date": row["business_date"], "passers_by": 400, "entries": 40}
            for row in rows
            if row["store_id"] == 1
        ]
        # Twice as many counting days before as now would be another cause: as many, half as full.
        counted = list({(one["business_date"]): one for one in counted}.values())
        for one in counted:
            one["passers_by"], one["entries"] = (400, 40) if one["business_date"] < NOW.start else (200, 20)
        lake(str(tmp_path), orders_order=number(rows), visits_footfall=counted)

        found = sales_change(access=SYSTEM, today=TODAY, now=NOW, before=BEFORE, by="store")

        assert {group.key: dict(group.split.parts) for group in found.groups} == {
            "1": {"traffic": -10_000},
            "2": {"closed": -300},
            "3": {"opened": 50},
        }
        assert found.rungs["passers_by"] == (4000, 2000)
        assert found.parts == {"traffic": -10_000, "opened": 50, "closed": -300}

    def test_says_the_causes_in_words(self, lake: Any, tmp_path: Path) -> None:
        from django.utils import translation

        from yutang.console.sentences import spoken

        rows = [sale(n, day=-5, store=1, total=100_000) for n in range(1, 5)] + [sale(1, day=5, store=1, total=120_000)]
        lake(str(tmp_path), orders_order=number(rows))
        found = sales_change(access=SYSTEM, today=TODAY, now=NOW, before=BEFORE)

        with translation.override("en"):
            english = spoken(found.causes)
        with translation.override("zh-hans"):
            chinese = spoken(found.causes)

        assert english == (
            "Sales fell by ¥2,800.00: ¥3,300.00 less because fewer people bought; "
            "¥500.00 more because an order was worth more."
        )
        assert "2,800.00" in chinese
        assert "购买的人少了" in chinese

    def test_names_no_group_where_there_is_but_one(self, lake: Any, tmp_path: Path) -> None:
        rows = [sale(n, day=-5, store=None, total=100_000) for n in range(1, 5)]
        rows += [sale(1, day=5, store=None, total=120_000)]
        lake(str(tmp_path / "alone"), orders_order=number(rows))
        alone = sales_change(access=SYSTEM, today=TODAY, now=NOW, before=BEFORE, by="store")
        lake(str(tmp_path / "beside"), orders_order=number([*rows, sale(9, day=5, store=1, total=120_000)]))
        beside = sales_change(access=SYSTEM, today=TODAY, now=NOW, before=BEFORE, by="store")

        told = [one["values"] for one in alone.causes.values.values() if "cause" in one["values"]]
        assert len(told) == 2
        assert not any("group" in one for one in told)
        assert any("group" in one["values"] for one in beside.causes.values.values())

    @pytest.mark.parametrize(
        ("now", "before"),
        [
            (Period(date(2024, 4, 1), date(2024, 4, 1)), BEFORE),
            (NOW, Period(date(2024, 3, 20), date(2024, 4, 2))),
        ],
    )
    def test_refuses_empty_or_overlapping_periods(self, lake: Any, tmp_path: Path, now: Period, before: Period) -> None:
        lake(str(tmp_path))

        with pytest.raises(PeriodsCannotBeCompared):
            sales_change(access=SYSTEM, today=TODAY, now=now, before=before)

    def test_refuses_a_period_that_has_not_begun(self, lake: Any, tmp_path: Path) -> None:
        lake(str(tmp_path))

        with pytest.raises(PeriodIsAhead):
            sales_change(access=SYSTEM, today=TODAY, now=Period(date(2025, 4, 1), date(2025, 5, 1)), before=BEFORE)

    def test_refuses_an_unknown_breakdown(self, lake: Any, tmp_path: Path) -> None:
        lake(str(tmp_path))

        with pytest.raises(UnknownBreakdown):
            sales_change(access=SYSTEM, today=TODAY, now=NOW, by="weather")


class TestCustomersBehind:
    @given(orders=orders, footfall=st.one_of(st.just([]), st.just(ALL_DAYS)), by=st.sampled_from(GROUPINGS[:5]))
    @settings(max_examples=20, **ONE_LAKE_AT_A_TIME)
    def test_of_all_buyers_parts_make_the_known_difference(
        self, lake: Any, orders: Rows, footfall: Rows, by: Any
    ) -> None:
        """Who came or left, and who stayed with another value or number of orders, bought all that known buyers bought more."""
        with tempfile.TemporaryDirectory() as folder:
            lake(folder, orders_order=orders, visits_footfall=footfall)
            shared = {"access": SYSTEM, "today": TODAY, "now": NOW, "before": BEFORE, "by": by, "currency": "CNY"}
            found = sales_change(**shared, formula="buyers")
            for group in found.groups:
                asked = {**shared, "formula": "buyers", "group_key": group.key}
                moved = customers_behind(part="buyers", limit=100, **asked)
                expected = {
                    row["customer_id"]
                    for row in orders
                    if is_sale(row) and row["currency"] == "CNY" and row["customer_id"] and within(NOW, row)
                    and key_of(row, by) == group.key
                } ^ {
                    row["customer_id"]
                    for row in orders
                    if is_sale(row) and row["currency"] == "CNY" and row["customer_id"] and within(BEFORE, row)
                    and key_of(row, by) == group.key
                }  # fmt: skip
                assert {one.customer_id for one in moved.customers} == expected
                assert moved.count == len(expected)
                assert moved.difference_minor == sum(one.difference_minor for one in moved.customers)

    def test_come_page_by_page_without_a_gap(self, lake: Any, tmp_path: Path) -> None:
        rows = [sale(n, day=5, store=1, total=100 * (n % 4)) for n in range(1, 13)]
        lake(str(tmp_path), orders_order=number(rows))
        asked = {"access": SYSTEM, "today": TODAY, "now": NOW, "before": BEFORE, "part": "buyers", "group_key": None}

        pages, key = [], None
        while True:
            page = customers_behind(**asked, after=key, limit=5)
            pages.append([one.customer_id for one in page.customers])
            assert page.count == 12
            key = page.next_key
            if key is None:
                break

        assert [len(page) for page in pages] == [5, 5, 2]
        assert sorted(one for page in pages for one in page) == list(range(1, 13))

    def test_are_only_those_within_reach(self, lake: Any, tmp_path: Path) -> None:
        rows = [sale(n, day=5, store=1, total=100) for n in range(1, 13)]
        lake(str(tmp_path), orders_order=number(rows))
        manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({1}), label="")

        found = customers_behind(
            access=manager, today=TODAY, now=NOW, before=BEFORE, part="opened", by="store", group_key="1"
        )

        assert {one.customer_id for one in found.customers} == {3, 6, 9, 12}

    def test_of_a_product_are_those_who_bought_it(self, lake: Any, tmp_path: Path) -> None:
        rows = number([sale(1, day=5, store=1, total=300), sale(2, day=6, store=1, total=500)])
        bought = [
            {"line_id": 1, "order_id": 1, "product_id": 1, "amount_minor": 100},
            {"line_id": 2, "order_id": 1, "product_id": 3, "amount_minor": 200},
            {"line_id": 3, "order_id": 2, "product_id": 3, "amount_minor": 500},
        ]
        lake(str(tmp_path), orders_order=rows, orders_line=bought)
        asked = {"access": SYSTEM, "today": TODAY, "now": NOW, "before": BEFORE, "by": "product"}

        found = sales_change(**asked)
        behind = customers_behind(**asked, part="opened", group_key="丝巾")

        assert {group.key: group.difference_minor for group in found.groups} == {"丝巾": 100, "B": 700}
        assert [(one.customer_id, one.difference_minor) for one in behind.customers] == [(1, 100)]

    def test_of_an_order_of_billions_share_it_to_the_last_unit(self, lake: Any, tmp_path: Path) -> None:
        # Rupiah have two decimals on paper: a van full of clothes is more than a product of two amounts in 64 bits.
        total = 98_765_432_101
        rows = number([sale(1, day=5, store=1, total=total)])
        amounts = (33_333_333_333, 33_333_333_334, 32_098_765_434)
        bought = [
            {"line_id": n, "order_id": 1, "product_id": n, "amount_minor": amount}
            for n, amount in enumerate(amounts, 1)
        ]
        lake(str(tmp_path), orders_order=rows, orders_line=bought)

        found = sales_change(access=SYSTEM, today=TODAY, now=NOW, before=BEFORE, by="product")

        assert {group.key: group.difference_minor for group in found.groups} == {
            "丝巾": amounts[0] + amounts[1],
            "B": amounts[2],
        }
        assert found.difference_minor == total

    def test_of_unknown_buyers_are_nobody(self, lake: Any, tmp_path: Path) -> None:
        lake(str(tmp_path), orders_order=number([sale(None, day=5, store=1, total=300)]))

        found = customers_behind(access=SYSTEM, today=TODAY, now=NOW, part="anonymous_orders", group_key=None)

        assert found.customers == ()
        assert {"anonymous_orders", "anonymous_value", "refunds"} == NOBODY_BEHIND < set(PARTS)


def key_of(row: dict[str, Any], by: str) -> str | None:
    """The group of an order as the lake names it."""
    region = {1: "1", 2: "1", 3: "2"}.get(row["store_id"])
    platform = {1: "own", 2: "taobao"}[row["shop_id"]]
    text = {"store": row["store_id"], "staff": row["staff_id"]}.get(by)
    return {"region": region, "channel": f"{platform}/{row['channel']}"}.get(by, None if text is None else str(text))


def sale(customer: int | None, *, day: int, store: int | None, total: int) -> dict[str, Any]:
    """A completed order so many days after the first day of the period."""
    return {
        "customer_id": customer, "store_id": store, "shop_id": 1, "channel": "", "status": 40, "currency": "CNY",
        "business_date": NOW.start + timedelta(days=day), "total_minor": total, "refunded_minor": 0,
    }  # fmt: skip


def number(rows: Rows) -> Rows:
    return [{**row, "order_id": n} for n, row in enumerate(rows, 1)]


def test_the_queries_agree_on_an_empty_lake(tmp_path: Path) -> None:
    params = {
        "grouping": "store", "before_start": BEFORE.start, "before_end": BEFORE.end, "now_start": NOW.start,
        "now_end": NOW.end, "currency": "CNY", "stores": None, "with_footfall": True,
    }  # fmt: skip
    with open_engine(write_lake(tmp_path, {})) as engine:
        assert answer(engine, "insight.period_groups", params).num_rows == 0


def test_a_year_earlier_never_shares_a_day_with_the_period() -> None:
    month = period_a_year_before(Period(date(2024, 6, 1), date(2024, 7, 1)))
    year = period_a_year_before(Period(date(2023, 7, 1), date(2024, 7, 1)))

    assert month == Period(date(2023, 6, 3), date(2023, 7, 3))
    assert year == Period(date(2022, 6, 30), date(2023, 7, 1))
