"""Who gets the scarce places: the messages that are expected to bring the most. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yutang.channels.columns import Flags, Ints


@dataclass(frozen=True)
class Candidates:
    """Messages that may all go out by the policy, of several wishes together, aligned by position.

    Attributes:
        receiver: key of the person or group. Shape (n,).
        expected_minor: what each is expected to bring, ``value x effect``. Minor units. Shape (n,).
        pool: place of the pool among `pools` from which each would take a place. Shape (n,).
        pools: places that each pool has left; None: as many as are asked for.
    """

    receiver: Ints
    expected_minor: Ints
    pool: Ints
    pools: tuple[int | None, ...]


def chosen(*, candidates: Candidates, a_receiver: int = 1) -> Flags:
    """Return which messages get a place; shape (n,).

    The one that is expected to bring the most is asked first; of equal ones that of the lower key of the receiver, then the
    one named first. So the same candidates get the same places, in whatever order the receivers come. With one pool nothing
    better can be chosen; with several the chosen are worth at least half of the best that could be.

    Args:
        candidates: all that compete.
        a_receiver: places of one receiver. Count, ``>= 1``.

    Source:
        Fisher, Nemhauser & Wolsey (1978), "An analysis of approximations for maximizing submodular set functions II",
        theorem 2.1: greedy over the intersection of two matroids.
    """
    n = len(candidates.receiver)
    order = np.lexsort((np.arange(n), candidates.receiver, -candidates.expected_minor))
    left = [n if places is None else places for places in candidates.pools]
    taken: dict[int, int] = {}
    places = []
    receivers, pools = candidates.receiver[order].tolist(), candidates.pool[order].tolist()
    for place, receiver, pool in zip(order.tolist(), receivers, pools, strict=True):
        if left[pool] > 0 and taken.get(receiver, 0) < a_receiver:
            left[pool] -= 1
            taken[receiver] = taken.get(receiver, 0) + 1
            places.append(place)
    is_chosen: Flags = np.zeros(n, dtype=bool)
    is_chosen[np.array(places, dtype=np.int64)] = True
    return is_chosen


def tasks_of(*, receivers: Mapping[str, Sequence[int | str]], most: int) -> Iterator[tuple[str, Sequence[int | str]]]:
    """Yield the tasks that the platform takes: one sender, and no more receivers than one task may name.

    Args:
        receivers: by sender, in order.
        most: receivers of one task. Count, ``>= 1``.
    """
    for sender in sorted(receivers):
        for start in range(0, len(receivers[sender]), most):
            yield sender, receivers[sender][start : start + most]
