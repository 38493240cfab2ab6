"""What customers bought in all, from their sales in any order.

A hash of every customer and day has as many entries as there are sales, for most people come once a day, and does not fit into memory
where sales are very many. Here customer and day are one whole number; sorted, each customer's sales lie side by side and their days
rise, so that one pass counts them.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

#: Room of a day beside its customer: days since 1970 until the year 4840.
_DAY_BITS = 20
_DAY_MASK = (1 << _DAY_BITS) - 1
#: Keys of customers have the rest of 63 bits.
LARGEST_ID = (1 << (63 - _DAY_BITS)) - 1
#: There is room for so many numbers in any case.
_ROOM = 1 << 18
#: Neighbours that are compared at once, so that what is compared stays in the processor's cache.
_TOGETHER = 1 << 17


class HasNoRoom(Exception):
    """Keys of customers lie too far apart for a sum at each, or a day lies before 1970."""


@dataclass(frozen=True)
class Sales:
    """Some sales: arrays of shape (n,), aligned.

    Attributes:
        customer_ids: positive.
        days: since 1970, not negative.
        net_minor: minor currency unit.
    """

    customer_ids: IntArray
    days: IntArray
    net_minor: IntArray


@dataclass(frozen=True)
class Bought:
    """What each customer bought in all: arrays of shape (customers,), aligned.

    Attributes:
        customer_ids: keys.
        orders: sales. Count.
        order_days: distinct days of them. Count.
        first_days: the earliest, since 1970.
        last_days: the latest, since 1970.
        net_minor: sum. Minor currency unit.
    """

    customer_ids: IntArray
    orders: IntArray
    order_days: IntArray
    first_days: IntArray
    last_days: IntArray
    net_minor: IntArray


def bought_in_all(
    sales: Iterable[Sales], *, most: int, slices: int = 1, place: int = 0, lanes: int = 1
) -> list[Bought]:
    """Return what the customers of one slice bought, in parts that have no customer in common.

    Args:
        sales: of all customers, in any order.
        most: as many of them are there at most.
        slices: into how many customers are cut, by their key. A power of two.
        place: which slice this is, from 0.
        lanes: parts that are counted at the same time, each by a thread. A power of two.

    Raises:
        HasNoRoom: a key is larger than eight times `most`, or than `LARGEST_ID`, or a day is negative.
    """
    cuts = slices * lanes
    bits = cuts.bit_length() - 1
    own = [_Lane(place * lanes + lane, bits) for lane in range(lanes)]
    for some in sales:
        if not len(some.days):
            continue
        if int(some.days.min()) < 0 or int(some.customer_ids.max()) > min(8 * max(most, _ROOM), LARGEST_ID):
            raise HasNoRoom
        cut = some.customer_ids & (cuts - 1)
        for lane in own:
            lane.take(some, cut)
    with ThreadPoolExecutor(lanes) as pool:
        return list(pool.map(_Lane.counted, own))


class _Lane:
    """The sales of some customers: those whose key ends in certain bits."""

    def __init__(self, ends_in: int, bits: int) -> None:
        self._ends_in, self._bits = ends_in, bits
        self._keys, self._count = np.empty(_ROOM, np.int64), 0
        self._sums = np.zeros(_ROOM, np.int64)

    def take(self, some: Sales, cut: IntArray) -> None:
        """Keep what is this lane's of some sales; `cut` holds the last bits of their customers."""
        ids, days, net = some.customer_ids, some.days, some.net_minor
        if self._bits:
            mine = cut == self._ends_in
            ids, days, net = ids[mine], days[mine], net[mine]
        if not len(ids):
            return
        begin, self._count = self._count, self._count + len(ids)
        self._keys = _with_room(self._keys, self._count)
        self._keys[begin : self._count] = (ids << _DAY_BITS) | days
        places = ids >> self._bits
        self._sums = _with_room(self._sums, int(places.max()) + 1)
        np.add.at(self._sums, places, net)

    def counted(self) -> Bought:
        """Return what its customers bought; what it kept is gone then."""
        keys, self._keys = self._keys[: self._count], np.empty(0, np.int64)
        keys.sort()
        is_first, days_so_far = _changes(keys)
        starts = np.flatnonzero(is_first)
        lasts = np.append(starts[1:], len(keys))[: len(starts)] - 1
        first, last = keys[starts], keys[lasts]
        ids = first >> _DAY_BITS
        return Bought(
            customer_ids=ids,
            orders=lasts - starts + 1,
            order_days=(days_so_far[lasts] - days_so_far[starts] + 1).astype(np.int64),
            first_days=first & _DAY_MASK,
            last_days=last & _DAY_MASK,
            net_minor=self._sums[ids >> self._bits],
        )


def _with_room(numbers: IntArray, count: int) -> IntArray:
    """Return numbers with room for so many; what is new is zero."""
    if count > len(numbers):
        # In place where the system can: a copy of everything would double what is held.
        numbers.resize(max(count, len(numbers) * 3 // 2), refcheck=False)
    return numbers


def _changes(keys: IntArray) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Return for each of sorted keys whether it is the first of its customer, and how many days of customers there were up to it."""
    is_first, is_new_day = np.ones(len(keys), np.bool_), np.ones(len(keys), np.bool_)
    for start in range(1, len(keys), _TOGETHER):
        end = min(start + _TOGETHER, len(keys))
        differs = keys[start:end] ^ keys[start - 1 : end - 1]
        is_new_day[start:end] = differs != 0
        is_first[start:end] = differs > _DAY_MASK
    return is_first, np.cumsum(is_new_day, dtype=np.int32)
