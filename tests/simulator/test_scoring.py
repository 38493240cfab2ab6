"""Identity is scored by counts of pairs."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.conftest import World
from yutang.simulator.scoring import read_truth, score

# Orders 1-3 are of Zhang, 4-5 of Li, 6 of Wang.
TRUTH = {("till", str(n)): person for n, person in enumerate(["zhang", "zhang", "zhang", "li", "li", "wang"], start=1)}


def found(*customers: int | None) -> list[tuple[str, str, int | None]]:
    """Orders 1, 2, ... with the customer that the product gave them."""
    return [("till", str(n), customer) for n, customer in enumerate(customers, start=1)]


class TestScore:
    def test_is_perfect_when_customers_are_people(self) -> None:
        result = score(TRUTH, found(1, 1, 1, 2, 2, 3))

        assert (result.precision, result.recall) == (1.0, 1.0)
        assert (result.same_person, result.same_customer, result.both) == (4, 4, 4)
        assert result.mixed == {}

    def test_loses_recall_when_a_person_is_split(self) -> None:
        result = score(TRUTH, found(1, 1, 9, 2, 2, 3))

        assert (result.precision, result.recall) == (1.0, 0.5)

    def test_loses_precision_when_people_are_mixed(self) -> None:
        result = score(TRUTH, found(1, 1, 1, 1, 1, 3))

        assert (result.precision, result.recall) == (0.4, 1.0)
        assert result.mixed == {1: ("zhang", "li")}

    def test_takes_orders_without_a_customer_as_people_of_their_own(self) -> None:
        result = score(TRUTH, found(1, 1, None, None, None, None))

        assert (result.precision, result.recall, result.customers) == (1.0, 0.25, 5)

    def test_leaves_out_unknown_and_repeated_orders(self) -> None:
        result = score(TRUTH, [*found(1, 1), ("till", "1", 7), ("jd", "1", 1)])

        assert (result.orders, result.both) == (2, 1)

    def test_has_no_ratio_without_a_pair(self) -> None:
        result = score(TRUTH, [])

        assert (result.precision, result.recall) == (None, None)

    @given(st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 5)), max_size=40))
    def test_equals_counting_every_pair(self, orders: list[tuple[int, int | None]]) -> None:
        truth = {("till", str(n)): person for n, (person, _) in enumerate(orders)}

        result = score(truth, [("till", str(n), customer) for n, (_, customer) in enumerate(orders)])

        pairs = list(combinations(orders, 2))
        assert result.same_person == sum(a[0] == b[0] for a, b in pairs)
        assert result.same_customer == sum(a[1] is not None and a[1] == b[1] for a, b in pairs)
        assert result.both == sum(a[0] == b[0] and a[1] is not None and a[1] == b[1] for a, b in pairs)


class TestReadTruth:
    def test_gives_the_person_of_each_order_of_the_wanted_platforms(self, world: World, tmp_path: Path) -> None:
        truth = read_truth(world.folder, platforms=["jd"])

        assert len(truth) == world.summary.orders["jd"]
        assert {platform for platform, _ in truth} == {"jd"}

    def test_leaves_out_walk_ins(self, world: World) -> None:
        assert len(read_truth(world.folder, platforms=["till"])) < world.summary.orders["till"]
