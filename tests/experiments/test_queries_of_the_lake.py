"""The sums from the lake against the same told person by person in Python: nothing before the draw counts after it, nothing after the day."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.lakes import write_lake
from yutang.experiments.figures import BEFORE_DAYS, cells_from, read_figures
from yutang.experiments.methods.moments import Moments, moments_of
from yutang.experiments.models import Experiment
from yutang.insight.lake_reading import open_engine

FIRST = date(2024, 3, 1)
AS_OF = date(2024, 5, 1)
WITHIN = 14
Rows = list[dict[str, Any]]

instants = st.integers(-110, 75).flatmap(
    lambda day: st.integers(0, 23).map(
        lambda hour: datetime.combine(FIRST, datetime.min.time()) + timedelta(days=day, hours=hour)
    )
)
people = st.integers(1, 14)
orders = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.none() | people,
            "status": st.sampled_from([0, 40, 40, 40, 50]),
            "placed_at": st.none() | instants,
            "at": instants,
            "currency": st.sampled_from(["CNY", "CNY", "USD"]),
            "total_minor": st.integers(100, 50_000),
            "refunded_minor": st.integers(0, 100),
        }
    ),
    max_size=50,
)
refunds = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.none() | st.integers(0, 20),
            "customer_id": people,
            "at": instants,
            "currency": st.sampled_from(["CNY", "USD"]),
            "amount_minor": st.integers(1, 90),
        }
    ),
    max_size=15,
)
consents = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": people,
            "purpose": st.sampled_from(["promotion", "promotion", "service"]),
            "granted": st.sampled_from([0, 0, 1]),
            "occurred_at": instants,
        }
    ),
    max_size=20,
)
coupons = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": people,
            "state": st.sampled_from(["redeemed", "redeemed", "given"]),
            "redeemed_at": instants,
        }
    ),
    max_size=20,
)
draws = st.dictionaries(people, st.tuples(st.integers(0, 2), st.integers(0, 1), instants), min_size=1)


def tables(drawn: dict[int, Any], sold: Rows, returned: Rows, said: Rows, had: Rows) -> dict[str, Rows]:
    return {
        # Of 14 people the last two were merged into others or deleted.
        "customers_customer": [{"customer_id": key} for key in range(1, 13)],
        "experiments_assignment": [
            {
                "assignment_id": 100 + key,
                "experiment_id": 7,
                "customer_id": key,
                "arm": arm,
                "version": version,
                "assigned_at": at,
                "assigned_date": at.date(),
            }
            for key, (arm, version, at) in drawn.items()
        ]
        + [
            {
                "assignment_id": 1,
                "experiment_id": 8,
                "customer_id": 1,
                "arm": 0,
                "version": 0,
                "assigned_at": datetime.combine(FIRST, time()),
                "assigned_date": date(2024, 3, 1),
            }
        ],
        "orders_order": [
            {"order_id": place, "business_date": (o["placed_at"] or o["at"]).date(), **o}
            for place, o in enumerate(sold)
        ],
        "orders_refund": [{"business_date": r["at"].date(), "refunded_at": r["at"], **r} for r in returned],
        "customers_consent": [{"consent_id": place, **c} for place, c in enumerate(said)],
        "coupons_coupon": [
            {"coupon_id": place, "redeemed_date": c["redeemed_at"].date(), **c} for place, c in enumerate(had)
        ],
    }


def sides(moment: datetime | None, day: date, drawn: datetime) -> tuple[bool, bool]:
    """Return whether something counts after the draw, and whether before it."""
    after = day > drawn.date() or (day == drawn.date() and moment is not None and moment >= drawn)
    apart = (day - drawn.date()).days
    return after and apart <= WITHIN, not after and apart >= -BEFORE_DAYS


def bought_by_hand(key: int, drawn: datetime, sold: Rows, returned: Rows) -> tuple[list[int], list[int]]:
    """Return orders and net amounts of a person, after the draw and before it."""
    later: dict[int, int] = defaultdict(int)
    for r in returned:
        if r["order_id"] is not None and r["at"].date() >= AS_OF:
            later[r["order_id"]] += r["amount_minor"]
    counts, net = [0, 0], [0, 0]
    for place, o in enumerate(sold):
        if o["customer_id"] != key or o["status"] in {0, 50}:
            continue
        for side, is_in in enumerate(sides(o["placed_at"], (o["placed_at"] or o["at"]).date(), drawn)):
            back = o["refunded_minor"] - min(o["refunded_minor"], later[place])
            counts[side] += is_in
            net[side] += (o["total_minor"] - back) * is_in * (o["currency"] == "CNY")
    for r in returned:
        if r["order_id"] is None and r["customer_id"] == key and r["currency"] == "CNY":
            for side, is_in in enumerate(sides(r["at"], r["at"].date(), drawn)):
                net[side] -= r["amount_minor"] * is_in
    return counts, net


def left_by_hand(key: int, drawn: datetime, said: Rows) -> list[bool]:
    """Return whether a person withdrew the consent to promotion, after the draw and before it."""
    left = [False, False]
    for c in said:
        is_no = c["customer_id"] == key and c["purpose"] == "promotion" and not c["granted"]
        if is_no and -BEFORE_DAYS <= (c["occurred_at"].date() - drawn.date()).days <= WITHIN:
            left[0 if c["occurred_at"] >= drawn else 1] = True
    return left


def redeemed_by_hand(key: int, drawn: datetime, had: Rows) -> list[bool]:
    """Return whether a person redeemed a coupon, after the draw and before it."""
    did = [False, False]
    for c in had:
        is_theirs = c["customer_id"] == key and c["state"] == "redeemed"
        if is_theirs and -BEFORE_DAYS <= (c["redeemed_at"].date() - drawn.date()).days <= WITHIN:
            did[0 if c["redeemed_at"] >= drawn else 1] = True
    return did


def by_hand(
    drawn: dict[int, Any], sold: Rows, returned: Rows, said: Rows, had: Rows
) -> dict[str, dict[tuple[int, int], Moments]]:
    columns: dict[str, dict[tuple[int, int], list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for key, (arm, version, at) in drawn.items():
        if key > 12 or not at.date() + timedelta(days=WITHIN) < AS_OF:
            continue
        counts, net = bought_by_hand(key, at, sold, returned)
        left = left_by_hand(key, at, said)
        columns["bought"][version, arm].append((float(counts[0] > 0), float(counts[1] > 0)))
        columns["orders"][version, arm].append((counts[0], counts[1]))
        columns["value"][version, arm].append((net[0], net[1]))
        columns["unsubscribed"][version, arm].append((float(left[0]), float(left[1])))
        did = redeemed_by_hand(key, at, had)
        columns["redeemed"][version, arm].append((float(did[0]), float(did[1])))
    return {
        measure: {
            place: moments_of(y=np.array([y for y, _ in rows], float), x=np.array([x for _, x in rows], float))
            for place, rows in cells.items()
        }
        for measure, cells in columns.items()
    }


def read(**rows: Rows) -> dict[str, dict[tuple[int, int], Moments]]:
    experiment = Experiment(pk=7, within_days=WITHIN)
    with tempfile.TemporaryDirectory() as folder, open_engine(write_lake(Path(folder), rows)) as engine:
        figures = read_figures(engine, experiment=experiment, as_of=AS_OF, currency="CNY")
    assert cells_from(figures.as_json()) == figures.cells
    return {measure: dict(cells) for measure, cells in figures.cells.items() if cells}


def assert_alike(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {measure: set(cells) for measure, cells in found.items()} == {m: set(cells) for m, cells in expected.items()}
    for measure, cells in expected.items():
        for place, moments in cells.items():
            told = found[measure][place]
            for name, value in vars(moments).items():
                assert getattr(told, name) == pytest.approx(value, rel=1e-9, abs=1e-6), (measure, place, name)


class TestPeople:
    @given(drawn=draws, sold=orders, returned=refunds, said=consents, had=coupons)
    @settings(max_examples=30, deadline=None)
    def test_equals_person_by_person(
        self, drawn: dict[int, Any], sold: Rows, returned: Rows, said: Rows, had: Rows
    ) -> None:
        assert_alike(read(**tables(drawn, sold, returned, said, had)), by_hand(drawn, sold, returned, said, had))


class TestGroups:
    def test_a_group_is_its_people_added_up_as_it_was_when_it_was_drawn(self) -> None:
        drawn = datetime.combine(date(2024, 3, 10), time(12))
        base = {"experiment_id": 7, "version": 0, "assigned_at": drawn, "assigned_date": drawn.date()}
        order = {"status": 40, "currency": "CNY", "refunded_minor": 0}
        found = read(
            customers_customer=[{"customer_id": key} for key in (1, 2, 3, 4)],
            experiments_assignment=[
                {"assignment_id": 1, "customer_id": None, "arm": 0, **base},
                {"assignment_id": 2, "customer_id": None, "arm": 1, **base},
                {"assignment_id": 3, "customer_id": None, "arm": 1, **base},
            ],
            experiments_groupmember=[
                {"assignment_id": group, "customer_id": person, "assigned_date": drawn.date()}
                for group, person in ((1, 1), (2, 2), (2, 3), (3, 3), (3, 4))
            ],
            orders_order=[
                {"order_id": 1, "customer_id": 2, "business_date": date(2024, 3, 12), "total_minor": 500, **order},
                {"order_id": 2, "customer_id": 3, "business_date": date(2024, 3, 13), "total_minor": 300, **order},
                {"order_id": 3, "customer_id": 3, "business_date": date(2024, 3, 14), "total_minor": 200, **order},
                {"order_id": 4, "customer_id": 4, "business_date": date(2024, 3, 9), "total_minor": 700, **order},
            ],
        )

        assert (found["bought"][0, 0].units, found["bought"][0, 0].y_mean) == (1, 0)
        treated = found["value"][0, 1]
        assert (treated.units, treated.people, treated.size_mean) == (2, 4, 2)
        # 1,000 in the one, 500 in the other, whose second member had bought for 700 before.
        assert (treated.y_mean, treated.x_mean) == (750, 350)
        assert treated.yx_cov == pytest.approx(np.cov([1_000, 500], [0, 700])[0, 1])
        assert found["bought"][0, 1].y_mean == 1.5
