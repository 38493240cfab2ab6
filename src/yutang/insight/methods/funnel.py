"""How far people came on a way of several steps within a window of time: one pass over sorted instants for each step.

The question is that of `windowFunnel` of ClickHouse in its default mode: the most steps k for which a person has events of step 1,
step 2 … step k, none earlier than the one before, and the last at most the window after the first. Events of one instant follow each
other in the order of the steps. An event counts for every step that it fulfils; a step that is `again` takes only events later than
the one of the step before, so that one event is not two.

Source:
    ClickHouse, `windowFunnel`: `src/AggregateFunctions/AggregateFunctionWindowFunnel.cpp`, `getEventLevelNonStrictOnce`: for each
    step the latest beginning from which it can be reached is kept. The latest is the best for every later event, so that the greedy
    pass finds the most steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

#: Events that are looked up together, so that what they are looked up in stays in the processor's cache.
_TOGETHER = 1 << 16
#: Bits of a key.
_BITS = 63


class PeopleAreTooMany(Exception):
    """Keys of people have no room beside the instants; the message says how many slices of the people have.

    Attributes:
        slices: into how many the people must be cut.
    """

    def __init__(self, slices: int) -> None:
        self.slices = slices
        super().__init__(f"cut the people into {slices} slices")


@dataclass(frozen=True)
class Ruler:
    """How a person and an instant become one whole number, by whose order people lie side by side and their instants rise.

    Attributes:
        from_ms: the first instant. Milliseconds.
        bits: room of the instants, so wide that nothing of one person lies within a window of another.
        window_ms: between the first step and the last, inclusive. Milliseconds, ``< 2 ** (bits - 1)``.
        slices: into how many the people are cut, by the rest of their key.
        slice: which of them this is, from 0.
    """

    from_ms: int
    bits: int
    window_ms: int
    slices: int = 1
    slice: int = 0

    @classmethod
    def of(cls, *, from_ms: int, until_ms: int, window_ms: int, slices: int = 1, slice_: int = 0) -> Ruler:
        """Return the ruler for the instants ``[from_ms, until_ms)``; a longer window is as good as the whole."""
        span = until_ms - from_ms
        return cls(from_ms, (2 * span + 1).bit_length(), min(window_ms, span), slices, slice_)

    def keys(self, customer_ids: IntArray, at_ms: IntArray) -> IntArray:
        """Return a key for each event. Shape (n,), in the order of the events.

        Args:
            customer_ids: whose. Shape (n,), ``>= 0``.
            at_ms: when, within the ruler. Milliseconds, shape (n,).

        Raises:
            PeopleAreTooMany: a key of a person has no room.
        """
        places = customer_ids // self.slices if self.slices > 1 else customer_ids
        highest = int(places.max(initial=0))
        if highest >> (_BITS - self.bits):
            raise PeopleAreTooMany(self.slices * (1 + (highest >> (_BITS - self.bits))))
        keys: IntArray = np.left_shift(places, self.bits)
        keys += at_ms
        keys -= self.from_ms
        return keys


@dataclass(frozen=True)
class Walked:
    """How far people came; one row a person who took the first step, by key. Arrays of shape ``(n,)``.

    Attributes:
        customer_ids: keys, rising.
        steps: how many steps each took. Count, ``>= 1``.
        begun: key, by the ruler, of the event with which the chain began that came so far first.
        waits_ms: from the step before to the first time that the step was taken, one array for each step from the second on; -1 where it
            was not taken. Milliseconds.
    """

    customer_ids: IntArray
    steps: NDArray[np.int8]
    begun: IntArray
    waits_ms: tuple[IntArray, ...]


def walked(steps: Iterable[IntArray], *, ruler: Ruler, again: Sequence[bool]) -> Walked:
    """Return how far everybody came who took the first step.

    Args:
        steps: for each step the keys of its events, in any order; they are sorted where they lie, and asked for one after the other.
        ruler: of the keys.
        again: for each step whether it takes only events later than that of the step before; the first is never asked.
    """
    coming = iter(steps)
    taken = next(coming)
    taken.sort()
    begun = taken
    firsts = _firsts(taken >> ruler.bits)
    people = taken[firsts] >> ruler.bits
    furthest, chains = np.ones(len(people), np.int8), taken[firsts]
    waits = []
    for place, is_again in enumerate(again[1:], 2):
        following = next(coming) if len(taken) else np.empty(0, np.int64)
        following.sort()
        before, events = _before(taken, following, begun, window_ms=ruler.window_ms, is_again=is_again)
        codes = events >> ruler.bits
        firsts = _firsts(codes)
        who = np.searchsorted(people, codes[firsts])
        wait = np.full(len(people), -1, np.int64)
        wait[who] = events[firsts] - taken[before[firsts]]
        waits.append(wait)
        taken, begun = events, begun[before]
        furthest[who], chains[who] = place, begun[firsts]
    return Walked(people * ruler.slices + ruler.slice, furthest, chains, tuple(waits))


def least_group(keys: IntArray, groups: NDArray[np.int32], wanted: IntArray) -> NDArray[np.int32]:
    """Return the group of each wanted key: the least of those of its events.

    Args:
        keys: of events, in any order. Shape (n,).
        groups: of the same events. Shape (n,).
        wanted: keys that are among them, rising. Shape (m,).
    """
    order = np.argsort(keys)
    ordered, theirs = keys[order], groups[order]
    edges = np.stack([np.searchsorted(ordered, wanted, side=side) for side in ("left", "right")], axis=1).ravel()
    # Every other stretch lies between two wanted keys; the last needs an end that exists.
    least: NDArray[np.int32] = np.minimum.reduceat(np.append(theirs, np.int32(0)), edges)[::2]
    return least


def _before(
    taken: IntArray, following: IntArray, begun: IntArray, *, window_ms: int, is_again: bool
) -> tuple[IntArray, IntArray]:
    """Return the events that take a step, and the place among those who took the step before from which they go on.

    The latest event of the step before has the latest beginning, because beginnings rise with the events.
    """
    places, events = np.empty(len(following), np.int64), np.empty(len(following), np.int64)
    fitting = 0
    for start in range(0, len(following), _TOGETHER):
        part = following[start : start + _TOGETHER]
        low = max(0, int(np.searchsorted(taken, part[0])) - 1)
        high = int(np.searchsorted(taken, part[-1], side="right"))
        found = np.searchsorted(taken[low:high], part, side="left" if is_again else "right") + (low - 1)
        # Where nothing lies before, the place is -1, and what stands there says nothing.
        fits = np.flatnonzero((found >= 0) & (part - begun[found] <= window_ms))
        places[fitting : fitting + len(fits)], events[fitting : fitting + len(fits)] = found[fits], part[fits]
        fitting += len(fits)
    return places[:fitting], events[:fitting]


def _firsts(codes: IntArray) -> IntArray:
    """Return the places at which rising numbers begin anew."""
    if not len(codes):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
