"""Sales folded into purchase histories: by customer and day in one sort, several sales of a day as one purchase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yutang.insight.methods.purchases import IntArray

#: Days take so many bits of a key, with room for days before 1970.
_DAY_BITS = 17
_DAY_ZERO = 1 << (_DAY_BITS - 1)


@dataclass(frozen=True)
class Folded:
    """One row a customer with a purchase before the end of calibration, by customer. Arrays of shape ``(n,)``.

    Attributes:
        customer_id: keys, ascending.
        x: days with a sale after the first such day, before the end of calibration. Count.
        t_x: days from the first of them to the last.
        T: days from the first to the day before the end of calibration.
        spend_orders: repeat days with a sale whose money is counted. Count.
        spend_minor: money of those days. Minor units.
        holdout: days with a sale from the end of calibration on. Count.
    """

    customer_id: IntArray
    x: IntArray
    t_x: IntArray
    T: IntArray
    spend_orders: IntArray
    spend_minor: IntArray
    holdout: IntArray


def folded(
    *, customer_id: IntArray, day: IntArray, net_minor: IntArray, is_counted: NDArray[np.bool_], calibration_end: int
) -> Folded:
    """Return how customers bought, from their single sales in any order.

    Args:
        customer_id: key of each sale's customer. Shape (sales,), ``0 <= key < 2**46``.
        day: business day. Days since 1970-01-01, shape (sales,).
        net_minor: money. Minor units, shape (sales,); 0 where it is not counted.
        is_counted: whether the money is in the currency that is counted. Shape (sales,).
        calibration_end: sales from this day on are held out. Days since 1970-01-01.
    """
    keys = (customer_id << _DAY_BITS) + (day + _DAY_ZERO)
    order = np.argsort(keys)
    keys = keys[order]
    days = _begins(keys)
    money = _sums(net_minor[order], days)
    counted = (_sums(is_counted[order].astype(np.int64), days) > 0).astype(np.int64)
    keys = keys[days]
    customer, when = keys >> _DAY_BITS, (keys & ((1 << _DAY_BITS) - 1)) - _DAY_ZERO
    first = _begins(customer)
    is_known = (when < calibration_end).astype(np.int64)
    known, every = _sums(is_known, first), np.diff(np.append(first, len(customer)))
    found = Folded(
        customer_id=customer[first],
        x=known - 1,
        # Days ascend within a customer, so that those before the end come first.
        t_x=when[first + np.maximum(known, 1) - 1] - when[first],
        T=calibration_end - 1 - when[first],
        spend_orders=_sums(counted * is_known, first) - counted[first],
        spend_minor=_sums(money * is_known, first) - money[first],
        holdout=every - known,
    )
    return found if known.min(initial=1) else _only(found, known > 0)


def _begins(ascending: IntArray) -> IntArray:
    """Return where each run of equal values begins."""
    return np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1])) if len(ascending) else np.arange(0)


def _sums(values: IntArray, begins: IntArray) -> IntArray:
    """Return the sum of each run."""
    return np.asarray(np.add.reduceat(values, begins)) if len(begins) else np.zeros(0, dtype=np.int64)


def _only(found: Folded, wanted: NDArray[np.bool_]) -> Folded:
    return Folded(
        found.customer_id[wanted],
        found.x[wanted],
        found.t_x[wanted],
        found.T[wanted],
        found.spend_orders[wanted],
        found.spend_minor[wanted],
        found.holdout[wanted],
    )
