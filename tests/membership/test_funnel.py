"""From the offer to the balance: worked out by hand over a lake of a few people, and told to who may know."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.lakes import write_lake
from yutang.foundation.access import Actor
from yutang.insight.lake_reading import looking_at
from yutang.membership.funnel import HookFunnel, hook_funnel

SINCE, UNTIL = date(2024, 3, 1), date(2024, 4, 1)
GROUP, CODE = "groupbuy:12", "code:7"


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2024, 3, day, hour)  # noqa: DTZ001 - as the lake keeps it, without a zone


def hook(
    person: int, *, source: str = GROUP, store: int | None = 1, paid: int | None = 2, **more: Any
) -> dict[str, Any]:
    return {
        "hook_id": person, "customer_id": person, "source": source, "store_id": store, "hook_minor": 9_900, "currency": "CNY",
        "hooked_at": at(1), "hooked_date": at(1).date(), "paid_at": at(paid) if paid else None, **more,
    }  # fmt: skip


def visit(
    person: int, day: int, *, state: str = "came", store: int = 1, source: str = GROUP, made: int = 3, **more: Any
) -> Any:
    came = {"came_at": at(day, 11), "came_date": at(day).date()} if state == "came" else {}
    return {
        "booking_id": person * 10 + day, "customer_id": person, "store_id": store, "source": source, "state": state,
        "business_date": at(day).date(), "starts_at": at(day), "made_at": at(made), **came, **more,
    }  # fmt: skip


def order(person: int, day: int, total: int, *, hour: int = 12, store: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "order_id": person * 100 + day + total, "customer_id": person, "store_id": store, "status": 40, "currency": "CNY",
        "placed_at": at(day, hour), "business_date": at(day).date(), "total_minor": total, "refunded_minor": 0, **more,
    }  # fmt: skip


def top_up(person: int, day: date, minor: int, *, kind: str = "top_up") -> dict[str, Any]:
    return {
        "movement_id": person * 100 + day.day, "customer_id": person, "kind": kind, "currency": "CNY",
        "at": datetime(day.year, day.month, day.day, 13), "business_date": day, "till_minor": minor,  # noqa: DTZ001
    }  # fmt: skip


#: Nobody of whom it is said below that they did not reach a step counts there.
ROWS: dict[str, list[dict[str, Any]]] = {
    "visits_hook": [
        hook(1),  # everything: came, bought 1,280 more, topped up 5,000
        hook(2),  # came, bought for less than the offer
        hook(3),  # booked, did not come
        hook(4),  # paid only
        hook(5, paid=None),  # did not pay
        hook(6, refunded_at=at(4)),  # got the money back
        hook(7),  # came to another store than the offer named, bought before the check-in, topped up too late
        hook(8, source=CODE, store=None),  # another programme; the order was given back
        {**hook(9), "hooked_date": date(2024, 2, 28)},  # before the period
        {**hook(10), "customer_id": None},  # erased
    ],
    "visits_booking": [
        visit(1, 4, state="cancelled"),
        visit(1, 6, offered_at=at(6, 12)),
        visit(1, 20),
        visit(2, 6),
        visit(3, 6, state="missed"),
        visit(4, 6, source=CODE),  # for something else
        visit(4, 7, made=1),  # booked before it was paid
        visit(6, 6),
        visit(7, 8, store=2),
        visit(8, 9, source=CODE),
    ],
    "orders_order": [
        order(1, 6, 128_000),
        order(1, 6, 5_000),
        order(1, 20, 200_000),  # at the second visit
        order(2, 6, 9_900),
        order(3, 6, 50_000),  # without a visit
        order(7, 8, 50_000, store=2, hour=9),
        order(7, 8, 50_000, store=1),
        order(8, 9, 50_000, refunded_minor=45_000),
        order(8, 9, 60_000, status=50),  # cancelled
    ],
    "membership_movement": [
        top_up(1, date(2024, 3, 6), 500_000),
        top_up(1, date(2024, 3, 7), -100_000, kind="refund"),
        top_up(2, date(2024, 3, 5), 100_000),  # before the visit
        top_up(3, date(2024, 3, 6), 100_000),  # did not come
        top_up(7, date(2024, 4, 8), 100_000),  # 31 days after
        top_up(8, date(2024, 4, 8), 300_000),  # 30 days after
    ],
}
AT_ONE = HookFunnel(GROUP, 1, "CNY", 6, 4, 3, 2, 1, 1, 1, 39_600, 128_000, 500_000)
AT_TWO = HookFunnel(GROUP, 2, "CNY", 1, 1, 1, 1, 0, 0, 0, 9_900, 0, 0)
OF_CODE = HookFunnel(CODE, 1, "CNY", 1, 1, 1, 1, 0, 0, 1, 9_900, 0, 300_000)


def told(tmp_path: Path, access: Actor, **more: Any) -> set[HookFunnel]:
    snapshot = write_lake(tmp_path, ROWS)
    with looking_at(lambda: snapshot):
        return set(hook_funnel(access=access, since=SINCE, until=UNTIL, **more))


def test_counts_who_went_how_far_by_programme_and_store(tmp_path: Path) -> None:
    assert told(tmp_path, Actor.system()) == {AT_ONE, AT_TWO, OF_CODE}


def test_is_told_of_the_stores_within_reach(tmp_path: Path) -> None:
    manager = Actor(1, "store_manager", frozenset({2}), "x")

    assert told(tmp_path, manager) == {AT_TWO}
    assert told(tmp_path, manager, store_ids=[1]) == set()
    assert told(tmp_path, Actor.system(), store_ids=[1]) == {AT_ONE, OF_CODE}


def test_is_empty_without_the_tables(tmp_path: Path, settings: Any) -> None:
    settings.YUTANG_LAKE = tmp_path / "none"

    assert hook_funnel(access=Actor.system(), since=SINCE, until=UNTIL) == ()


@pytest.mark.django_db(transaction=True)
def test_reaches_the_lake_from_the_store(settings: Any, tmp_path: Path, stores: dict[str, Any]) -> None:
    """What the rooms write is what the query reads, through the lake as it is synced."""
    from datetime import UTC, timedelta

    from tests.conftest import NOW
    from tests.membership.conftest import paid_in
    from tests.visits.conftest import SYSTEM, TEN, booked, opened, people
    from yutang.ingest.lake_sync import sync_lake
    from yutang.visits import actions

    settings.YUTANG_LAKE = tmp_path / "lake"
    store, (someone,) = opened(stores["xuhui"]), people(1)
    actions.note_hook(actor=SYSTEM, key="h", customer_id=someone, source=GROUP, hook_minor=9_900, now=NOW)
    actions.note_hook_paid(actor=SYSTEM, key="h", now=NOW)
    mine = booked(store, someone, source=GROUP, now=NOW + timedelta(minutes=1))
    there = TEN.astimezone(UTC)
    actions.check_in(actor=SYSTEM, code=mine.code, now=there)
    actions.note_offer(actor=SYSTEM, booking_id=mine.id, now=there)
    paid_in(someone, now=there + timedelta(hours=1))
    sync_lake(now=there + timedelta(hours=2))

    (one,) = hook_funnel(access=SYSTEM, since=NOW.date(), until=NOW.date() + timedelta(days=1))

    assert one == HookFunnel(GROUP, store.pk, "CNY", 1, 1, 1, 1, 1, 0, 1, 9_900, 0, 500_000)
