"""What customers bought in all, counted by sorting, against the same by going through the sales, and against the query."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.lakes import write_lake
from yutang.insight.grading import graded_as_of
from yutang.insight.lake_reading import answer, open_engine
from yutang.insight.methods.buying import Buying
from yutang.insight.methods.side_by_side import LARGEST_ID, HasNoRoom, Sales
from yutang.insight.rfm import RfmRules

sales = st.lists(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 12), st.integers(-900, 90_000)), max_size=30), max_size=5
)


def told(batches: list[list[tuple[int, int, int]]]) -> list[Sales]:
    columns = [np.array(batch, np.int64).reshape(-1, 3) for batch in batches]
    return [Sales(*(each[:, place].copy() for place in range(3))) for each in columns]


def plainly(batches: list[list[tuple[int, int, int]]]) -> dict[int, tuple[int, ...]]:
    mine: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for batch in batches:
        for who, day, net in batch:
            mine[who].append((day, net))
    return {
        who: (
            len(all_of),
            len({day for day, _ in all_of}),
            min(day for day, _ in all_of),
            max(day for day, _ in all_of),
            sum(net for _, net in all_of),
        )
        for who, all_of in mine.items()
    }


@given(sales, st.sampled_from([0, 1, 2]), st.sampled_from([1, 2]))
def test_what_is_counted_is_what_the_sales_tell(
    batches: list[list[tuple[int, int, int]]], bits: int, threads: int
) -> None:
    found: list[tuple[int, ...]] = []
    for place in range(1 << bits):
        buying = Buying(most=200, bits=bits)
        for some in told([[sale for sale in batch if sale[0] % (1 << bits) == place] for batch in batches]):
            buying.take(some)
        for part in buying.counted(threads):
            columns = (part.orders, part.order_days, part.first_days, part.last_days, part.net_minor)
            found += zip(*(each.tolist() for each in (part.customer_ids, *columns)), strict=True)

    assert len(found) == len({row[0] for row in found})
    assert {row[0]: row[1:] for row in found} == plainly(batches)


@pytest.mark.parametrize(("who", "most"), [(9 << 18, 10), (LARGEST_ID + 1, LARGEST_ID)])
def test_what_has_no_room_is_told(who: int, most: int) -> None:
    (some,) = told([[(who, 1, 5)]])

    with pytest.raises(HasNoRoom):
        Buying(most=most).take(some)


class TestGrades:
    def of(self, tmp_path: Path, rows: list[tuple[int, date]]) -> tuple[pa.Table, pa.Table]:
        """Return the grades, and those that the query alone tells."""
        made = [
            {"order_id": key, "customer_id": who, "status": 40, "business_date": day, "currency": "CNY", "total_minor": 100 * key,
             "refunded_minor": 0, "shop_id": 1, "store_id": 1}
            for key, (who, day) in enumerate(rows, 1)
        ]  # fmt: skip
        asked: dict[str, Any] = {"as_of": date(2024, 6, 1), "currency": "CNY"}
        with open_engine(write_lake(tmp_path, {"orders_order": made})) as engine:
            here = graded_as_of(engine, rules=RfmRules(), **asked)
            there = answer(engine, "insight.rfm", {**asked, "within": "chain"})
        return here.sort_by("customer_id"), there.sort_by("customer_id")

    def test_are_those_of_the_query_alone(self, tmp_path: Path) -> None:
        days = [date(2024, 1 + n % 5, 1 + n % 7) for n in range(60)]

        here, there = self.of(tmp_path, [(1 + n % 9, day) for n, day in enumerate(days)])

        assert here.num_rows == 9
        assert here.equals(there)

    def test_are_those_of_the_query_too_where_keys_lie_far_apart(self, tmp_path: Path) -> None:
        rows = [(who, date(2024, 1 + n % 5, 1)) for who in (3, 1 << 50, 1 << 61) for n in range(1 + who % 7)]

        here, there = self.of(tmp_path, rows)

        assert here["customer_id"].to_pylist() == [3, 1 << 50, 1 << 61]
        assert here.equals(there)

    def test_know_days_of_every_year(self, tmp_path: Path) -> None:
        here, there = self.of(tmp_path, [(7, date(1, 1, 1)), (7, date(1960, 1, 1)), (7, date(2024, 1, 2))])

        assert here["order_days"].to_pylist() == [3]
        assert here.equals(there)

    def test_of_nobody_are_none(self, tmp_path: Path) -> None:
        here, there = self.of(tmp_path, [])

        assert here.num_rows == there.num_rows == 0
