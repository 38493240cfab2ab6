"""The scarce places go to what brings the most."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yutang.channels.planning import Candidates, chosen, tasks_of

messages = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5), st.integers(0, 1)), max_size=8)


def candidates_of(rows: list[tuple[int, int, int]], pools: tuple[int | None, ...]) -> Candidates:
    receiver, expected, pool = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    return Candidates(receiver, expected, pool, pools)


def fits(rows: list[tuple[int, int, int]], pools: tuple[int | None, ...]) -> bool:
    receivers = [row[0] for row in rows]
    return len(set(receivers)) == len(receivers) and all(
        places is None or sum(row[2] == pool for row in rows) <= places for pool, places in enumerate(pools)
    )


def best(rows: list[tuple[int, int, int]], pools: tuple[int | None, ...]) -> int:
    """Return what the best choice of all brings."""
    subsets = (some for size in range(len(rows) + 1) for some in combinations(rows, size))
    return max(sum(row[1] for row in some) for some in subsets if fits(list(some), pools))


@settings(max_examples=150, deadline=None)
@given(messages, st.integers(0, 4))
def test_one_pool_is_filled_with_the_best_there_is(rows: list[tuple[int, int, int]], places: int) -> None:
    rows = [(receiver, expected, 0) for receiver, expected, _ in rows]
    got = chosen(candidates=candidates_of(rows, (places,)))

    taken = [row for row, is_taken in zip(rows, got, strict=True) if is_taken]
    assert fits(taken, (places,))
    assert sum(row[1] for row in taken) == best(rows, (places,))


@settings(max_examples=150, deadline=None)
@given(messages, st.integers(0, 3), st.one_of(st.none(), st.integers(0, 3)))
def test_several_pools_are_worth_half_of_the_best_at_least(
    rows: list[tuple[int, int, int]], first: int, second: int | None
) -> None:
    pools = (first, second)

    got = chosen(candidates=candidates_of(rows, pools))

    taken = [row for row, is_taken in zip(rows, got, strict=True) if is_taken]
    assert fits(taken, pools)
    assert 2 * sum(row[1] for row in taken) >= best(rows, pools)


@given(messages.filter(lambda rows: len({row[0] for row in rows}) == len(rows)), st.randoms())
def test_the_order_in_which_receivers_come_changes_nothing(rows: list[tuple[int, int, int]], chance: object) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    first = chosen(candidates=candidates_of(rows, (2, 2)))
    second = chosen(candidates=candidates_of(shuffled, (2, 2)))

    assert {row for row, got in zip(rows, first, strict=True) if got} == {
        row for row, got in zip(shuffled, second, strict=True) if got
    }


def test_a_task_names_one_sender_and_no_more_than_the_platform_takes() -> None:
    tasks = list(tasks_of(receivers={"zhao": [1, 2, 3, 4, 5], "li": [6]}, most=2))

    assert tasks == [("li", [6]), ("zhao", [1, 2]), ("zhao", [3, 4]), ("zhao", [5])]
