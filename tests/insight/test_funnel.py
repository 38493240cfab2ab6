"""Funnels over a lake: counted as plain Python counts them, within reach, with the people behind each step."""

from __future__ import annotations

import itertools
import random
import statistics
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.lakes import write_lake
from yutang.foundation.access import Actor, NotAllowed
from yutang.insight.queries import funnels as room
from yutang.insight.queries.change import UnknownBreakdown
from yutang.insight.queries.dashboard import Period
from yutang.insight.queries.funnel_asked import (
    FUNNEL_BY,
    SALE,
    FunnelAsked,
    FunnelIsWrong,
    FunnelStep,
    window_read,
)
from yutang.insight.queries.funnels import funnel, funnel_kinds, funnel_people
from yutang.lake.engines.duckdb import DUCKDB

SYSTEM = Actor.system()
MONTH = Period(date(2024, 3, 1), date(2024, 4, 1))
KINDS = ("viewed", "cart", "chatted", SALE)


def at(text: str) -> datetime:
    """Return an instant in March 2024, UTC."""
    return datetime.fromisoformat(f"2024-03-{text}").replace(tzinfo=UTC)


def event(who: int | None, kind: str, when: str, *, store: int | None = None, source: str = "web") -> dict[str, Any]:
    happened = at(when)
    day = (happened + timedelta(hours=8)).date()
    return {
        "behaviour_id": 1, "customer_id": who, "kind": kind, "happened_at": happened.replace(tzinfo=None),
        "business_date": day, "store_id": store, "source": source,
    }  # fmt: skip


def sale(who: int | None, when: str, **more: Any) -> dict[str, Any]:
    placed = at(when)
    row = {
        "order_id": 1, "customer_id": who, "status": 40, "shop_id": 1, "channel": "live", "store_id": None,
        "placed_at": placed.replace(tzinfo=None), "business_date": (placed + timedelta(hours=8)).date(),
    }  # fmt: skip
    return row | more


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setattr("yutang.insight.queries.groups._known", lambda by, access: {})

    def laid(events: list[dict[str, Any]], orders: list[dict[str, Any]], people: int = 60) -> None:
        rows = {
            "api_behaviour": events,
            "orders_order": orders,
            "orders_shop": [{"shop_id": 1, "platform": "own"}],
            "customers_customer": [{"customer_id": who, "store_id": 1 + who % 2} for who in range(1, people + 1)],
        }
        snapshot = write_lake(tmp_path, {name: some for name, some in rows.items() if some})
        monkeypatch.setattr(room, "lake_seen", lambda: snapshot)

    return laid


@pytest.fixture(params=["here", "there"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read once as DuckDB in this process, once as an engine that goes through the events itself."""
    if request.param == "there":
        far = replace(DUCKDB, is_near=False)
        monkeypatch.setattr("yutang.insight.lake_reading.chosen_engine", lambda: far)
    return str(request.param)


def asked(*steps: FunnelStep | str, within: timedelta = timedelta(days=7), **more: Any) -> FunnelAsked:
    told = tuple(FunnelStep(step) if isinstance(step, str) else step for step in steps)
    return FunnelAsked(told, within, more.pop("period", MONTH), **more)


def people_of(found: Any) -> list[int]:
    return [stage.people for stage in found.stages]


def made_up(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rng = random.Random(seed)

    def when() -> str:
        return f"{rng.randint(1, 31):02d}T{rng.randrange(24):02d}:{rng.choice([0, 0, 30]):02d}:00.{rng.choice([0, 0, 250]):03d}"

    events = [
        event(rng.choice([None, *range(1, 40)]), rng.choice(KINDS[:3]), when(), store=rng.choice([None, 1, 2]), source=rng.choice(["web", "app"]))
        for _ in range(400)
    ]  # fmt: skip
    orders = [
        sale(rng.randint(1, 40), when(), store_id=rng.choice([None, 1, 2]), status=rng.choice([40, 40, 50, 0]))
        for _ in range(90)
    ]
    return events, orders


def plain_rows(events: list[dict[str, Any]], orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All that happened to known people in the month, with channel and instant in milliseconds."""
    told = [{**row, "channel": row["source"], "at": row["happened_at"]} for row in events]
    told += [
        {**row, "kind": SALE, "channel": f"own/{row['channel']}", "at": row["placed_at"]}
        for row in orders
        if row["status"] == 40
    ]
    return [
        {**row, "ms": (row["at"] - datetime(1970, 1, 1)) // timedelta(milliseconds=1)}  # noqa: DTZ001
        for row in told
        if row["customer_id"] is not None and MONTH.start <= row["business_date"] < MONTH.end
    ]


def plain_walk(
    rows: list[dict[str, Any]], steps: tuple[FunnelStep, ...], window_ms: int, by: str
) -> dict[int, tuple[int, str, list[int]]]:
    """Steps, group and waits of each person, by the longest chain for every event."""

    def fits(row: dict[str, Any], step: FunnelStep) -> bool:
        return (
            row["kind"] == step.kind
            and step.store_id in {None, row["store_id"]}
            and step.channel in {None, row["channel"]}
        )

    found = {}
    for who in sorted({row["customer_id"] for row in rows}):
        own = [row for row in rows if row["customer_id"] == who]
        # For each step: instant → latest beginning.
        levels: list[dict[int, int]] = []
        waits: list[int] = []
        for place, step in enumerate(steps):
            again = step.kind in {one.kind for one in steps[:place]}
            here: dict[int, int] = {}
            for row in own:
                if not fits(row, step):
                    continue
                now = row["ms"]
                if place == 0:
                    here[now] = now
                    continue
                before = [begun for then, begun in levels[-1].items() if (then < now if again else then <= now)]
                if before and now - max(before) <= window_ms:
                    here[now] = max(before)
            if not here:
                break
            if place:
                first = min(here)
                waits.append(first - max(then for then in levels[-1] if (then < first if again else then <= first)))
            levels.append(here)
        if levels:
            begun = levels[-1][min(levels[-1])]
            starts = [row for row in own if fits(row, steps[0]) and row["ms"] == begun]
            groups = [{"all": "", "store": str(row["store_id"] or ""), "channel": row["channel"]}[by] for row in starts]
            found[who] = (len(levels), min(groups), waits)
    return found


WAYS = [
    (FunnelStep("viewed"), FunnelStep("cart"), FunnelStep(SALE)),
    (FunnelStep("viewed", channel="app"), FunnelStep(SALE, store_id=2)),
    (FunnelStep("cart"), FunnelStep("cart"), FunnelStep(SALE), FunnelStep(SALE)),
    (FunnelStep("viewed"), FunnelStep("chatted", store_id=1), FunnelStep("viewed"), FunnelStep("cart"), FunnelStep("viewed"), FunnelStep("viewed", channel="web"), FunnelStep(SALE, channel="own/live"), FunnelStep("cart")),
]  # fmt: skip


class TestFunnel:
    @pytest.mark.parametrize("by", FUNNEL_BY)
    @pytest.mark.parametrize(("steps", "seed"), list(zip(WAYS, range(4), strict=True)))
    def test_counts_as_plain_python(
        self, lake: Any, way: str, steps: tuple[FunnelStep, ...], seed: int, by: Any
    ) -> None:
        events, orders = made_up(seed)
        lake(events, orders)
        window = timedelta(days=12)

        found = funnel(access=SYSTEM, asked=FunnelAsked(steps, window, MONTH, by))

        plain = plain_walk(plain_rows(events, orders), steps, window // timedelta(milliseconds=1), by)
        assert people_of(found) == [
            sum(1 for taken, _, _ in plain.values() if taken >= place) for place in range(1, len(steps) + 1)
        ]
        for place, stage in enumerate(found.stages[1:]):
            waits = [each[place] for _, _, each in plain.values() if len(each) > place]
            assert stage.median_seconds == (statistics.median(waits) / 1000 if waits else None)
        groups = {group.key or "": people_of(group) for group in found.groups}
        expected = {
            name: [
                sum(1 for taken, group, _ in plain.values() if group == name and taken >= place)
                for place in range(1, len(steps) + 1)
            ]
            for name in {group for _, group, _ in plain.values()}
        }
        assert groups == (expected if by != "all" else {})
        assert people_of(found)[1] > 0

    def test_goes_through_people_slice_by_slice(self, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        events, orders = made_up(7)
        lake(events, orders)
        question = asked("viewed", "cart", SALE, by="channel", within=timedelta(days=9))
        whole = funnel(access=SYSTEM, asked=question)
        monkeypatch.setattr(room.Engine, "memory_bytes", 50 * room._BYTES_AN_EVENT)
        monkeypatch.setattr(room, "kept_answer", lambda snapshot, *, name, key, compute: compute())

        sliced = funnel(access=SYSTEM, asked=question)

        assert sliced == whole

    def test_cuts_people_whose_keys_have_no_room(self, lake: Any) -> None:
        far = 2**33 + 1
        lake([event(far, "viewed", "02T10:00"), event(far, "cart", "02T11:00")], [])

        found = funnel(access=SYSTEM, asked=asked("viewed", "cart"))

        assert people_of(found) == [1, 1]

    def test_a_sale_without_a_time_counts_at_the_end_of_its_day(self, lake: Any, way: str) -> None:
        lake(
            [event(1, "viewed", "05T15:59"), event(2, "viewed", "05T16:01")],
            [sale(1, "05T02:00", placed_at=None), sale(2, "05T02:00", placed_at=None)],
        )

        assert people_of(funnel(access=SYSTEM, asked=asked("viewed", SALE))) == [2, 1]

    def test_only_these_people(self, lake: Any, way: str) -> None:
        lake([event(who, "viewed", "02T10:00") for who in (1, 2, 3)], [sale(2, "03T10:00")])

        found = funnel(access=SYSTEM, asked=asked("viewed", SALE, people=np.array([2, 3])))

        assert people_of(found) == [2, 1]
        assert found.stages[1].before_ratio == 0.5
        assert found.whole_ratio == 0.5

    def test_without_anybody_there_are_no_shares(self, lake: Any, way: str) -> None:
        lake([event(1, "viewed", "02T10:00")], [])

        found = funnel(access=SYSTEM, asked=asked("cart", "viewed", by="store"))

        assert people_of(found) == [0, 0]
        assert found.whole_ratio is None
        assert [stage.median_seconds for stage in found.stages] == [None, None]
        assert found.groups == ()

    @pytest.mark.parametrize(
        "wrong",
        [
            asked("viewed"), asked(*["viewed"] * 9), asked("viewed", "cart", within=timedelta(seconds=59)),
            asked("viewed", "cart", within=timedelta(days=367)), asked("viewed", ""),
            asked("viewed", "cart", period=Period(date(2024, 3, 2), date(2024, 3, 2))),
            asked("viewed", "cart", period=Period(date(2020, 1, 1), date(2024, 3, 2))),
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_funnel(self, lake: Any, wrong: FunnelAsked) -> None:
        lake([], [])

        with pytest.raises(FunnelIsWrong):
            funnel(access=SYSTEM, asked=wrong)

    def test_refuses_groups_that_there_are_not(self, lake: Any) -> None:
        lake([], [])

        with pytest.raises(UnknownBreakdown):
            funnel(access=SYSTEM, asked=asked("viewed", "cart", by="weather"))

    def test_names_kinds_by_how_often_they_were_seen(self, lake: Any) -> None:
        seen = [
            event(1, "viewed", "02T10:00"),
            event(1, "viewed", "09T10:00", source="app"),
            event(1, "cart", "03T10:00"),
        ]
        lake([*seen, event(None, "chatted", "04T10:00")], [])

        kinds = funnel_kinds(access=SYSTEM)

        assert [(one.kind, one.events, set(one.sources), one.last_date.day) for one in kinds] == [
            ("viewed", 2, {"web", "app"}, 9),
            ("cart", 1, {"web"}, 3),
        ]


class TestReach:
    def test_counts_what_happened_within_reach_only(self, lake: Any, way: str) -> None:
        lake(
            [
                event(1, "viewed", "02T10:00", store=1),
                event(2, "viewed", "02T10:00", store=2),
                event(3, "viewed", "02T10:00"),
            ],
            [sale(1, "03T10:00", store_id=1), sale(2, "03T10:00", store_id=1)],
        )
        manager = replace(SYSTEM, store_ids=frozenset({1}))

        assert people_of(funnel(access=manager, asked=asked("viewed", SALE))) == [1, 1]
        assert people_of(funnel(access=SYSTEM, asked=asked("viewed", SALE, store_ids=(2,)))) == [1, 0]
        assert people_of(funnel(access=manager, asked=asked("viewed", SALE, store_ids=(2,)))) == [0, 0]

    def test_needs_permissions(self, lake: Any) -> None:
        lake([], [])
        nobody = Actor(staff_id=1, role="own-1", store_ids=None, label="", granted=frozenset())
        sees_figures = replace(nobody, granted=frozenset({"insight.view"}))

        with pytest.raises(NotAllowed):
            funnel(access=nobody, asked=asked("viewed", "cart"))
        with pytest.raises(NotAllowed):
            funnel_people(access=sees_figures, asked=asked("viewed", "cart"), step=1)


class TestPeople:
    def test_names_who_took_a_step_and_who_stopped_there(self, lake: Any, way: str) -> None:
        lake(
            [event(who, "viewed", "02T10:00", store=1 + who % 2) for who in range(1, 8)],
            [sale(who, "03T10:00") for who in (2, 3, 6)],
        )
        question = asked("viewed", SALE)

        first = funnel_people(access=SYSTEM, asked=question, step=1, limit=4)
        second = funnel_people(access=SYSTEM, asked=question, step=1, limit=4, after=first.next_key)
        bought = funnel_people(access=SYSTEM, asked=question, step=2)
        stopped = funnel_people(access=SYSTEM, asked=question, step=1, side="stopped")
        in_store = funnel_people(access=SYSTEM, asked=replace(question, by="store"), step=1, group_key="1")

        assert list(first.steps.items()) == [(7, 1), (6, 2), (5, 1), (4, 1)]
        assert list(second.steps) == [3, 2, 1]
        assert (first.count, second.next_key) == (7, None)
        assert list(bought.steps) == [6, 3, 2]
        assert list(stopped.steps) == [7, 5, 4, 1]
        assert list(in_store.steps) == [6, 4, 2]

    def test_says_how_many_are_elsewhere(self, lake: Any) -> None:
        lake([event(who, "viewed", "02T10:00", store=1) for who in (1, 2, 3, 70)], [sale(1, "03T10:00")])
        manager = replace(SYSTEM, store_ids=frozenset({1}))

        found = funnel_people(access=manager, asked=asked("viewed", SALE), step=1)

        assert (list(found.steps), found.count, found.elsewhere) == ([2], 1, 3)

    @pytest.mark.parametrize("step", [0, 3])
    def test_refuses_a_step_that_there_is_not(self, lake: Any, step: int) -> None:
        lake([], [])

        with pytest.raises(FunnelIsWrong):
            funnel_people(access=SYSTEM, asked=asked("viewed", "cart"), step=step)

    def test_groups_add_up_to_the_whole(self, lake: Any, way: str) -> None:
        events, orders = made_up(11)
        lake(events, orders)
        question = asked("viewed", "cart", SALE, by="store", within=timedelta(days=20))

        found = funnel(access=SYSTEM, asked=question)
        listed = [
            funnel_people(access=SYSTEM, asked=question, step=place + 1, group_key=group.key, limit=100)
            for group, place in itertools.product(found.groups, range(3))
        ]

        counts = [stage.people for group in found.groups for stage in group.stages]
        assert [len(one.steps) for one in listed] == counts == [one.count for one in listed]
        assert [sum(group.stages[place].people for group in found.groups) for place in range(3)] == people_of(found)


class TestTexts:
    @given(
        kind=st.one_of(st.just(SALE), st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)),
        store=st.none() | st.integers(1, 10**17),
        channel=st.none() | st.text(min_size=1, max_size=30),
    )
    def test_a_step_is_read_as_it_was_written(self, kind: str, store: int | None, channel: str | None) -> None:
        step = FunnelStep(kind, store, channel)

        assert FunnelStep.read(step.text) == step

    @pytest.mark.parametrize(
        "text",
        ["", "Viewed", "viewed@", "viewed@x", "viewed~", "order:refunded", "viewed,cart", "a" * 41, "viewed@1@2"],
    )
    def test_refuses_what_is_no_step(self, text: str) -> None:
        with pytest.raises(FunnelIsWrong):
            FunnelStep.read(text)

    def test_reads_windows(self) -> None:
        assert [window_read(text) for text in ("1m", "12h", "366d")] == [
            timedelta(minutes=1),
            timedelta(hours=12),
            timedelta(days=366),
        ]

    @pytest.mark.parametrize("text", ["", "0d", "7", "7w", "367d", "-1d", "1d ", "999999d"])
    def test_refuses_what_is_no_window(self, text: str) -> None:
        with pytest.raises(FunnelIsWrong):
            window_read(text)
