"""What bought traffic cost, against a small shop counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.lakes import write_lake
from yutang.foundation.access import Actor
from yutang.insight.organisation import AD_CHANNELS_SETTING
from yutang.insight.queries import paid_traffic as room
from yutang.insight.queries.dashboard import Period
from yutang.insight.queries.paid_traffic import KEPT_DAYS, traffic_cost

SYSTEM = Actor.system()
PERIOD = Period(date(2024, 1, 1), date(2024, 7, 1))
LAST = date(2024, 6, 30)


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setattr(room, "organisation_setting", lambda key: AD_CHANNELS_SETTING.default)

    def laid(orders: list[dict[str, Any]], costs: list[dict[str, Any]]) -> None:
        shops = [{"shop_id": 1, "platform": "own"}, {"shop_id": 2, "platform": "taobao"}]
        rows = {"orders_order": orders, "orders_shop": shops, "visits_ad_cost": costs}
        snapshot = write_lake(tmp_path, rows)
        monkeypatch.setattr(room, "lake_seen", lambda: snapshot)

    return laid


def order(number: int, customer: int | None, day: date, *, shop: int = 2, total: int = 100) -> dict[str, Any]:
    return {
        "order_id": number, "customer_id": customer, "shop_id": shop, "store_id": 1 if shop == 1 else None, "status": 40,
        "business_date": day, "currency": "CNY", "total_minor": total, "refunded_minor": 0,
    }  # fmt: skip


def cost(channel: str, day: date, minor: int) -> dict[str, Any]:
    return {"channel": channel, "business_date": day, "currency": "CNY", "cost_minor": minor}


def test_is_told_by_platform_for_orders_newcomers_and_kept_customers(lake: Any) -> None:
    early, late = date(2024, 2, 1), date(2024, 6, 1)
    orders = [
        order(1, 1, early), order(2, 1, early + timedelta(days=KEPT_DAYS)),  # kept on the last day that counts
        order(3, 2, early), order(4, 2, early + timedelta(days=KEPT_DAYS + 1)),  # came back too late
        order(5, 3, late), order(6, 3, late + timedelta(days=1)),  # not watched long enough
        order(7, 4, date(2023, 5, 1)), order(8, 4, late, total=700),  # an earlier buyer
        order(9, None, late, shop=1), order(10, 5, LAST, shop=1),
    ]  # fmt: skip
    lake(orders, [cost("直通车", early, 3_000), cost("直通车", late, 1_000), cost("某平台", late, 55)])

    found = traffic_cost(access=SYSTEM, today=date(2024, 7, 1), period=PERIOD)

    taobao = next(each for each in found.channels if each.platform == "taobao")
    assert (taobao.newcomers, taobao.ripe, taobao.kept) == (3, 2, 1)
    assert (taobao.new_orders, taobao.returning_orders, taobao.returning_minor) == (6, 1, 700)
    assert (taobao.cost_minor, taobao.ripe_cost_minor) == (4_000, 3_000)
    assert (taobao.cost_per_order_minor, taobao.cost_per_newcomer_minor) == (571, 1_333)
    assert taobao.cost_per_kept_minor == 3_000
    assert taobao.owned_ratio == 700 / 1_300
    own = next(each for each in found.channels if each.platform == "own")
    assert (own.cost_minor, own.cost_per_order_minor, own.anonymous_orders, own.newcomers) == (None, None, 1, 1)
    assert found.unplaced == (("某平台", 55),)
    assert (found.total.cost_minor, found.total.newcomers) == (4_055, 4)


def test_is_not_told_to_who_sees_one_store_only(lake: Any) -> None:
    lake([order(1, 1, LAST, shop=1), order(2, 2, LAST)], [cost("直通车", LAST, 500)])
    manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({1}), label="")

    found = traffic_cost(access=manager, today=date(2024, 7, 1), period=PERIOD)

    assert not found.has_cost
    assert [(each.platform, each.orders, each.cost_minor) for each in found.channels] == [("own", 1, None)]


def test_knows_no_kept_customer_before_the_days_are_over(lake: Any) -> None:
    lake([order(1, 1, LAST)], [cost("直通车", LAST, 500)])

    found = traffic_cost(access=SYSTEM, today=date(2024, 7, 1), period=Period(date(2024, 6, 1), date(2024, 7, 1)))

    assert found.ripe_before is None
    assert found.total.cost_per_kept_minor is None


def test_of_an_empty_lake_is_nothing(lake: Any) -> None:
    lake([], [])

    found = traffic_cost(access=SYSTEM, today=date(2024, 7, 1), period=PERIOD)

    assert (found.channels, found.total.orders, found.total.cost_per_order_minor) == ((), 0, None)


def test_the_total_asks_no_newcomer_to_carry_what_was_paid_for_platforms_that_hide_their_buyers(lake: Any) -> None:
    day = date(2024, 2, 1)
    orders = [order(1, 1, day), order(2, None, day, shop=1)]
    lake(orders, [cost("直通车", day, 3_000), cost("own", day, 500)])

    total = traffic_cost(access=SYSTEM, today=date(2024, 7, 1), period=PERIOD).total

    assert total.cost_minor == 3_500
    assert total.cost_per_order_minor == 1_750
    assert total.cost_per_newcomer_minor == 3_000
