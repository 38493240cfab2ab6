"""What customers bought in all, from their sales in any order."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from yutang.insight.methods.purchases import IntArray
from yutang.insight.methods.side_by_side import Counting, Sales, SideBySide, with_room


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


#: Of nobody.
NOTHING_BOUGHT = Bought(*(np.zeros(0, np.int64) for _ in fields(Bought)))


class Buying(Counting[Bought]):
    """Counts what customers bought in all."""

    def __init__(self, *, most: int, bits: int = 0) -> None:
        super().__init__(most=most, bits=bits)
        self._net = np.zeros(0, np.int64)

    def sum_up(self, places: IntArray, some: Sales) -> None:
        """Sum up the money of some sales, each at the place of its customer."""
        self._net = with_room(self._net, int(places.max()) + 1)
        np.add.at(self._net, places, some.net_minor)

    def told(self, found: SideBySide, places: IntArray) -> Bought:
        """Return what some customers bought."""
        return Bought(
            customer_ids=found.customer_ids,
            orders=found.lasts - found.starts + 1,
            order_days=found.count(found.is_new_day),
            first_days=found.days[found.starts],
            last_days=found.days[found.lasts],
            net_minor=self._net[places],
        )
