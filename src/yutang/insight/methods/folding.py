"""Sales folded into purchase histories: by customer and day at once, several sales of a day as one purchase."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from yutang.insight.methods.purchases import IntArray


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
        later_orders: those of them whose money is counted. Count.
        later_minor: money of those days. Minor units.
    """

    customer_id: IntArray
    x: IntArray
    t_x: IntArray
    T: IntArray
    spend_orders: IntArray
    spend_minor: IntArray
    holdout: IntArray
    later_orders: IntArray
    later_minor: IntArray


def folded(
    *, customer_id: IntArray, day: IntArray, net_minor: IntArray, is_counted: NDArray[np.bool_], calibration_end: int
) -> Folded:
    """Return how customers bought, from their single sales in any order.

    Args:
        customer_id: key of each sale's customer. Shape (sales,), ``>= 0``.
        day: business day. Days since 1970-01-01, shape (sales,).
        net_minor: money. Minor units, shape (sales,); 0 where it is not counted.
        is_counted: whether the money is in the currency that is counted. Shape (sales,).
        calibration_end: sales from this day on are held out. Days since 1970-01-01.
    """
    if not len(customer_id):
        nobody = np.zeros(0, dtype=np.int64)
        return Folded(*(nobody for _ in fields(Folded)))
    keys, row = _rows(customer_id)
    start = int(day.min())
    money = _by_customer_and_day(row, day - start, net_minor)
    days, ends = money.indices.astype(np.int64) + start, money.indptr.astype(np.int64)
    is_known = days < calibration_end
    if is_counted.all():
        counted = np.ones(len(days), dtype=np.int64)
    else:
        counted = np.minimum(_by_customer_and_day(row, day - start, is_counted.astype(np.int64)).data, 1)
    known = _sums(is_known, ends)
    wanted = known > 0
    first, known = ends[:-1][wanted], known[wanted]
    orders, spend = _sums(counted * is_known, ends)[wanted], _sums(money.data * is_known, ends)[wanted]
    later_orders = later_minor = np.zeros(len(first), dtype=np.int64)
    if not is_known.all():
        later_orders, later_minor = _sums(counted, ends)[wanted] - orders, _sums(money.data, ends)[wanted] - spend
    return Folded(
        customer_id=keys[wanted],
        x=known - 1,
        # Days ascend within a customer, so that those before the end come first.
        t_x=days[first + known - 1] - days[first],
        T=calibration_end - 1 - days[first],
        spend_orders=orders - counted[first],
        spend_minor=spend - money.data[first],
        holdout=np.diff(ends)[wanted] - known,
        later_orders=later_orders,
        later_minor=later_minor,
    )


def _rows(customer_id: IntArray) -> tuple[IntArray, IntArray]:
    """Return keys by row, ascending, and the row of each sale; where keys lie close together each has a row of its own."""
    highest = int(customer_id.max())
    if highest < 8 * len(customer_id):
        return np.arange(highest + 1), customer_id
    keys, row = np.unique(customer_id, return_inverse=True)
    return keys, row


def _by_customer_and_day(row: IntArray, column: IntArray, values: IntArray) -> Any:
    """Return sums by customer and day as a sparse matrix, days ascending within customers; sums of 0 stay.

    Several times as fast as a sort by both: customers are counted, only the few days of each are sorted.
    """
    return coo_matrix((values, (row, column))).tocsr()


def _sums(values: IntArray | NDArray[np.bool_], ends: IntArray) -> IntArray:
    """Return the sum of each customer's days."""
    running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    return np.asarray(running[ends[1:]] - running[ends[:-1]])
