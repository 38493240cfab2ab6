"""How far people come on a way of steps: against plain Python, against every possible choice of events, and against ClickHouse."""

from __future__ import annotations

import json
import random
import subprocess
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.foundation.access import Actor
from yutang.insight.methods import funnel as method
from yutang.insight.methods.funnel import PeopleAreTooMany, Ruler, least_group, walked
from yutang.insight.queries.dashboard import Period
from yutang.insight.queries.funnel_asked import (
    SALE,
)

SYSTEM = Actor.system()
ROOT = Path(__file__).resolve().parents[2]
MONTH = Period(date(2024, 3, 1), date(2024, 4, 1))
KINDS = ("viewed", "cart", "chatted", SALE)
Event = tuple[int, int, str]
"""Person, instant in milliseconds, kind."""


def as_clickhouse(events: list[tuple[int, str]], steps: tuple[str, ...], *, window: int) -> int:
    """How many steps `windowFunnel` tells in its default mode, as its source has it: (instant, step) in order, the latest beginning kept."""
    pairs = sorted((at, place) for at, kind in events for place, step in enumerate(steps) if step == kind)
    begun: list[int | None] = [None] * len(steps)
    for at, place in pairs:
        if place == 0:
            begun[0] = at
        elif (first := begun[place - 1]) is not None and at <= first + window:
            begun[place] = first
            if place + 1 == len(steps):
                return len(steps)
    return next((place + 1 for place in reversed(range(len(steps))) if begun[place] is not None), 0)


def by_trying_all(events: list[tuple[int, str]], steps: tuple[str, ...], *, window: int) -> int:
    """The most steps for which there are events that fulfil them in order; a kind asked for again needs a later instant than the step before."""
    again = [kind in steps[:place] for place, kind in enumerate(steps)]

    def reach(place: int, last: int, first: int) -> int:
        if place == len(steps):
            return place
        found = place
        for at, kind in events:
            fits = place == 0 or ((at > last if again[place] else at >= last) and at - first <= window)
            if kind == steps[place] and fits:
                found = max(found, reach(place + 1, at, at if place == 0 else first))
        return found

    return reach(0, 0, 0)


def taken_by_method(events: list[Event], steps: tuple[str, ...], *, window: int, slices: int = 1) -> dict[int, int]:
    found = {}
    for part in range(slices):
        ruler = Ruler.of(from_ms=0, until_ms=1_000, window_ms=window, slices=slices, slice_=part)
        keys = []
        for step in steps:
            rows = [(who, at) for who, at, kind in events if kind == step and who % slices == part]
            told = np.array(rows, np.int64).reshape(-1, 2)
            keys.append(ruler.keys(told[:, 0], told[:, 1]))
        again = [kind in steps[:place] for place, kind in enumerate(steps)]
        result = walked(iter(keys), ruler=ruler, again=again)
        found |= dict(zip(result.customer_ids.tolist(), result.steps.tolist(), strict=True))
    return found


def by_person(events: list[Event]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for who, at, kind in events:
        found[who].append((at, kind))
    return found


SOME_EVENTS = st.lists(
    st.tuples(st.integers(0, 4), st.one_of(st.integers(0, 12), st.integers(0, 999)), st.sampled_from(KINDS)),
    max_size=40,
)


class TestWay:
    @given(
        events=SOME_EVENTS,
        steps=st.permutations(KINDS),
        count=st.integers(2, 4),
        window=st.integers(0, 1_500),
        slices=st.integers(1, 3),
    )
    def test_tells_what_clickhouse_tells_in_its_default_mode(
        self, events: list[Event], steps: list[str], count: int, window: int, slices: int
    ) -> None:
        way = tuple(steps[:count])

        found = taken_by_method(events, way, window=window, slices=slices)

        plain = {who: as_clickhouse(own, way, window=window) for who, own in by_person(events).items()}
        assert found == {who: steps for who, steps in plain.items() if steps}

    @given(
        events=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.sampled_from(KINDS)), max_size=14),
        steps=st.lists(st.sampled_from(KINDS[:3]), min_size=2, max_size=5),
        window=st.integers(0, 10),
    )
    def test_finds_the_most_steps_that_any_choice_of_events_has(
        self, events: list[Event], steps: list[str], window: int
    ) -> None:
        way = tuple(steps)

        found = taken_by_method(events, way, window=window)

        plain = {who: by_trying_all(own, way, window=window) for who, own in by_person(events).items()}
        assert found == {who: steps for who, steps in plain.items() if steps}

    def test_looks_events_up_part_by_part(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(method, "_TOGETHER", 3)
        rng = random.Random(4)
        events = [(rng.randrange(9), rng.randrange(60), rng.choice(KINDS)) for _ in range(120)]

        found = taken_by_method(events, KINDS, window=7)

        plain = {who: as_clickhouse(own, KINDS, window=7) for who, own in by_person(events).items()}
        assert found == {who: steps for who, steps in plain.items() if steps}
        assert len(set(found.values())) > 2

    def test_events_of_one_instant_follow_each_other_in_the_order_of_the_steps(self) -> None:
        at_once = [(1, 5, "cart"), (1, 5, "viewed")]

        assert taken_by_method(at_once, ("viewed", "cart"), window=0) == {1: 2}

    def test_one_sale_is_not_two(self) -> None:
        once, twice = [(1, 5, SALE), (1, 3, "viewed")], [(2, 5, SALE), (2, 5, SALE), (2, 6, SALE), (2, 3, "viewed")]

        assert taken_by_method(once + twice, ("viewed", SALE, SALE), window=9) == {1: 2, 2: 3}

    def test_the_last_instant_of_the_window_belongs_to_it(self) -> None:
        events = [(1, 0, "viewed"), (1, 10, "cart"), (2, 0, "viewed"), (2, 11, "cart")]

        assert taken_by_method(events, ("viewed", "cart"), window=10) == {1: 2, 2: 1}

    def test_a_window_longer_than_the_period_reaches_nobody_else(self) -> None:
        events = [(1, 999, "viewed"), (2, 0, "cart")]

        assert taken_by_method(events, ("viewed", "cart"), window=10**9) == {1: 1}

    def test_says_into_how_many_slices_people_must_be_cut(self) -> None:
        ruler = Ruler.of(from_ms=0, until_ms=10**11, window_ms=5)

        with pytest.raises(PeopleAreTooMany) as told:
            ruler.keys(np.array([2**30]), np.array([0]))

        slices = told.value.slices
        cut = Ruler.of(from_ms=0, until_ms=10**11, window_ms=5, slices=slices)
        assert cut.keys(np.array([2**30]), np.array([7]))[0] > 0

    @given(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=30),
        st.data(),
    )
    def test_the_group_of_an_instant_is_the_least_of_its_events(self, events: list[tuple[int, int]], data: Any) -> None:
        keys = sorted({key for key, _ in events})
        wanted = sorted(data.draw(st.sets(st.sampled_from(keys), min_size=1)))

        found = least_group(
            np.array([key for key, _ in events]), np.array([group for _, group in events], np.int32), np.array(wanted)
        )

        assert found.tolist() == [min(group for key, group in events if key == one) for one in wanted]


_BY_CHDB = """
import json, sys, chdb
told = json.load(sys.stdin)
rows = ", ".join(f"({who}, {at}, '{kind}')" for who, at, kind in told["events"])
steps = ", ".join(f"kind = '{kind}'" for kind in told["steps"])
for mode in told["modes"]:
    inside = f"{told['window']}" + (f", '{mode}'" if mode else "")
    answer = chdb.query(
        f"SELECT who, windowFunnel({inside})(at, {steps}) AS level FROM values('who UInt32, at UInt32, kind String', {rows}) "
        "GROUP BY who ORDER BY who", "JSONCompact")
    print(json.dumps(json.loads(answer.bytes())["data"]))
"""


class TestClickhouse:
    @pytest.mark.parametrize("seed", range(6))
    def test_tells_the_same(self, seed: int) -> None:
        python = ROOT / ".venv-peers" / "bin" / "python"
        if not python.exists():
            pytest.skip(
                "chDB is asked where the programs to compare with are installed: python -m benchmarks.compare makes .venv-peers"
            )
        rng = random.Random(seed)
        events = [(rng.randrange(40), rng.randrange(90), rng.choice(KINDS)) for _ in range(500)]
        way = tuple(rng.sample(KINDS, rng.choice([2, 3, 4])))
        window = rng.choice([0, 3, 20, 200])
        told = {"events": events, "steps": way, "window": window, "modes": [""]}
        done = subprocess.run(
            [python, "-c", _BY_CHDB], input=json.dumps(told), text=True, capture_output=True, check=True
        )

        by_chdb = {who: steps for who, steps in json.loads(done.stdout) if steps}

        assert taken_by_method(events, way, window=window) == by_chdb

    @pytest.mark.parametrize("seed", range(3))
    def test_a_kind_asked_for_again_is_what_it_calls_strict_once(self, seed: int) -> None:
        python = ROOT / ".venv-peers" / "bin" / "python"
        if not python.exists():
            pytest.skip(
                "chDB is asked where the programs to compare with are installed: python -m benchmarks.compare makes .venv-peers"
            )
        rng = random.Random(seed)
        # Of one person no two events of one instant: there the two differ by design.
        events = [(who, at, rng.choice(KINDS[:2])) for who in range(40) for at in rng.sample(range(60), 9)]
        way = ("viewed", "cart", "cart", "viewed")
        told = {"events": events, "steps": way, "window": 20, "modes": ["strict_once"]}
        done = subprocess.run(
            [python, "-c", _BY_CHDB], input=json.dumps(told), text=True, capture_output=True, check=True
        )

        by_chdb = {who: steps for who, steps in json.loads(done.stdout) if steps}

        assert taken_by_method(events, way, window=20) == by_chdb
