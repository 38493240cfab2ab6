"""Sales folded into purchase histories: several sales of a day are one purchase."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from yutang.insight.methods.purchases import IntArray
from yutang.insight.methods.side_by_side import Counting, Sales, SideBySide, with_room


@dataclass(frozen=True)
class Folded:
    """One row a customer with a purchase before the end of calibration. Arrays of shape ``(n,)``.

    Attributes:
        customer_ids: keys.
        x: days with a sale after the first such day, before the end of calibration. Count.
        t_x: days from the first of them to the last.
        T: days from the first to the day before the end of calibration.
        spend_orders: repeat days with a sale whose money is counted. Count.
        spend_minor: money of those days. Minor units.
        holdout: days with a sale from the end of calibration on. Count.
        later_orders: those of them whose money is counted. Count.
        later_minor: money of those days. Minor units.
    """

    customer_ids: IntArray
    x: IntArray
    t_x: IntArray
    T: IntArray
    spend_orders: IntArray
    spend_minor: IntArray
    holdout: IntArray
    later_orders: IntArray
    later_minor: IntArray


#: Of nobody.
NOBODY_FOLDED = Folded(*(np.zeros(0, np.int64) for _ in fields(Folded)))


class Folding(Counting[Folded]):
    """Folds how customers bought.

    Args:
        most: as many sales come at most.
        bits: how many last bits of the customers' keys are the same.
        calibration_end: sales from this day on are held out. Days since 1970-01-01.
    """

    def __init__(self, *, most: int, bits: int = 0, calibration_end: int) -> None:
        super().__init__(most=most, bits=bits)
        self._end = calibration_end
        #: How many days before the end each one's first sale lies, as far as sales came; 0: none came.
        self._first = np.zeros(0, np.int64)
        #: Money of the known days, of the first of them, and of those that are held out.
        self._known, self._at_first, self._later = (np.zeros(0, np.int64) for _ in range(3))

    def sum_up(self, places: IntArray, some: Sales) -> None:
        """Sum up the money of some sales, each at the place of its customer: known, of the first day, later."""
        count = int(places.max()) + 1
        # All have room before threads read them.
        self._first, self._known, self._at_first, self._later = (
            with_room(sums, count) for sums in (self._first, self._known, self._at_first, self._later)
        )
        before, net = self._end - some.days, some.net_minor
        is_known = before > 0
        if not is_known.all():
            is_later = ~is_known
            np.add.at(self._later, places[is_later], net[is_later])
            places, before, net = places[is_known], before[is_known], net[is_known]
        np.add.at(self._known, places, net)
        # Most sales come after the first of their customer and are done with.
        so_far = self._first[places]
        is_early = before >= so_far
        places, before, net, so_far = places[is_early], before[is_early], net[is_early], so_far[is_early]
        np.maximum.at(self._first, places, before)
        first = self._first[places]
        # An earlier day than any so far: what was taken for the first day's money is not.
        self._at_first[places[first > so_far]] = 0
        is_first = before == first
        np.add.at(self._at_first, places[is_first], net[is_first])

    def told(self, found: SideBySide, places: IntArray) -> Folded:
        """Return how some customers bought."""
        is_known = found.days < self._end
        known = found.count(found.is_new_day & is_known)
        wanted = known > 0
        starts, places = found.starts[wanted], places[wanted]
        # Days rise within a customer, so that those before the end come first.
        lasts = starts + found.count(is_known)[wanted] - 1
        first_day = found.days[starts]
        is_counted = found.is_new_day & found.is_counted
        later = found.is_new_day & ~is_known
        return Folded(
            customer_ids=found.customer_ids[wanted],
            x=known[wanted] - 1,
            t_x=found.days[lasts] - first_day,
            T=self._end - 1 - first_day,
            spend_orders=found.count(is_counted & is_known)[wanted] - is_counted[starts],
            spend_minor=self._known[places] - self._at_first[places],
            holdout=found.count(later)[wanted],
            later_orders=found.count(later & is_counted)[wanted],
            later_minor=self._later[places],
        )
