"""Sales laid side by side by customer, days rising, so that one pass counts what each customer did.

A hash of every customer and day has as many entries as there are sales, for most people come once a day, and does not fit into memory
where sales are very many. Here customer, day and whether money is counted are one whole number; sorted, they lie as they are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from yutang.insight.methods.purchases import IntArray

BoolArray = NDArray[np.bool_]
Told = TypeVar("Told")

#: A key holds, from its lowest bit: that its money is not counted, the day since year 1, the customer. Year 9999 has room.
_YEAR_1 = -719_162
_DAY_BITS = 22
_DAY_MASK = (1 << _DAY_BITS) - 1
_BELOW_CUSTOMER = _DAY_BITS + 1
#: Keys of customers have the rest of 63 bits.
LARGEST_ID = (1 << (63 - _BELOW_CUSTOMER)) - 1
#: There is room for so many numbers in any case.
_ROOM = 1 << 18
#: About so many sales are counted at once, so that what is made on the way stays in the processor's cache.
_TOGETHER = 1 << 18


class HasNoRoom(Exception):
    """Keys of customers lie too far apart for a number at each."""


@dataclass(frozen=True)
class Sales:
    """Some sales: arrays of shape (n,), aligned.

    Attributes:
        customer_ids: keys, not negative.
        days: since 1970, of years 1 to 9999.
        net_minor: minor currency unit; 0 where it is not counted.
        is_counted: whether the money is in the currency that is counted; None: everywhere.
    """

    customer_ids: IntArray
    days: IntArray
    net_minor: IntArray
    is_counted: BoolArray | None = None


@dataclass(frozen=True)
class SideBySide:
    """All sales of some customers, by customer and day.

    Attributes:
        customer_ids: keys, ascending. Shape (customers,).
        starts: place of each one's first sale. Shape (customers,).
        lasts: place of each one's last sale. Shape (customers,).
        days: since 1970. Shape (sales,).
        is_new_day: whether a sale is the first of its customer that day. Shape (sales,).
        is_counted: whether its money is counted; of a day's sales those come first. Shape (sales,).
    """

    customer_ids: IntArray
    starts: IntArray
    lasts: IntArray
    days: IntArray
    is_new_day: BoolArray
    is_counted: BoolArray

    def count(self, marks: BoolArray) -> IntArray:
        """Return how many of each customer's sales are marked; shape (customers,)."""
        so_far = np.cumsum(marks, dtype=np.int32)
        return (so_far[self.lasts] - so_far[self.starts] + marks[self.starts]).astype(np.int64)


class Counting(Generic[Told]):
    """Takes the sales of customers whose keys all end in the same bits, in any order, and counts what each one did.

    Money is summed up as sales come, at the place of its customer: it does not fit beside the day.

    Args:
        most: as many sales come at most.
        bits: how many last bits are the same.
    """

    def __init__(self, *, most: int, bits: int = 0) -> None:
        self._bits = bits
        self._largest_id = min(8 * max(most, _ROOM), LARGEST_ID)
        self._keys, self._count = np.empty(_ROOM, np.int64), 0

    def sum_up(self, places: IntArray, some: Sales) -> None:
        """Sum up the money of some sales, each at the place of its customer."""
        raise NotImplementedError

    def told(self, found: SideBySide, places: IntArray) -> Told:
        """Return what the sales of some customers say, whose places are these."""
        raise NotImplementedError

    def take(self, some: Sales) -> None:
        """Keep some sales.

        Raises:
            HasNoRoom: a key is larger than eight times `most`, or than `LARGEST_ID`.
        """
        if not len(some.days):
            return
        if int(some.customer_ids.max()) > self._largest_id:
            raise HasNoRoom
        begin, self._count = self._count, self._count + len(some.days)
        self._keys = with_room(self._keys, self._count)
        keys = self._keys[begin : self._count]
        np.left_shift(some.customer_ids, _BELOW_CUSTOMER, out=keys)
        keys |= (some.days - _YEAR_1) << 1
        if some.is_counted is not None:
            keys |= ~some.is_counted
        self.sum_up(some.customer_ids >> self._bits if self._bits else some.customer_ids, some)

    def counted(self, threads: int = 1) -> list[Told]:
        """Return what the customers did, in parts that have no customer in common; what was kept is gone then.

        Args:
            threads: as many parts are counted at the same time.
        """
        keys, self._keys, self._count = self._keys[: self._count], np.empty(0, np.int64), 0
        keys.sort()

        def told(portion: IntArray) -> Told:
            found = _laid_apart(portion)
            return self.told(found, found.customer_ids >> self._bits)

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(told, _portions(keys)))


def with_room(numbers: IntArray, count: int) -> IntArray:
    """Return numbers with room for so many; what is new is zero."""
    if count > len(numbers):
        # In place where the system can: a copy of everything would double what is held.
        numbers.resize(max(count, len(numbers) * 3 // 2, _ROOM), refcheck=False)
    return numbers


def _portions(keys: IntArray) -> Iterator[IntArray]:
    """Yield sorted keys some at a time, all of one customer together."""
    start = 0
    while start < len(keys):
        end = len(keys)
        if start + _TOGETHER < end:
            last = int(keys[start + _TOGETHER - 1]) >> _BELOW_CUSTOMER
            end = int(np.searchsorted(keys, (last + 1) << _BELOW_CUSTOMER))
        yield keys[start:end]
        start = end


def _laid_apart(keys: IntArray) -> SideBySide:
    is_first, is_new_day = np.ones(len(keys), np.bool_), np.ones(len(keys), np.bool_)
    differs = keys[1:] ^ keys[:-1]
    np.greater(differs, 1, out=is_new_day[1:])
    np.greater_equal(differs, 1 << _BELOW_CUSTOMER, out=is_first[1:])
    starts = np.flatnonzero(is_first)
    return SideBySide(
        customer_ids=keys[starts] >> _BELOW_CUSTOMER,
        starts=starts,
        lasts=np.append(starts[1:], len(keys)) - 1,
        days=((keys >> 1) & _DAY_MASK) + _YEAR_1,
        is_new_day=is_new_day,
        is_counted=(keys & 1) == 0,
    )
