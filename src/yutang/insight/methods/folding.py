"""Sales folded into purchase histories: by customer and day at once, several sales of a day as one purchase."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    end, column = calibration_end - start, (day - start).astype(np.int32)
    money = _by_customer_and_day(row, column, net_minor)
    days, ends = money.indices, money.indptr
    is_known, is_in_currency = days < end, np.ones(len(days), dtype=bool)
    if not is_counted.all():
        is_in_currency = _by_customer_and_day(row, column, is_counted.astype(np.int64)).data > 0
    del row, column
    is_later = ~is_known
    known = _counts(is_known, ends)
    wanted = known > 0
    known = known[wanted]
    first = ends[:-1][wanted]
    # Days ascend within a customer, so that those before the end come first.
    first_day, last_day = days[first].astype(np.int64), days[first + known - 1]
    return Folded(
        customer_id=keys[wanted],
        x=known - 1,
        t_x=last_day - first_day,
        T=end - 1 - first_day,
        spend_orders=_counts(is_known & is_in_currency, ends)[wanted] - is_in_currency[first],
        spend_minor=_sums(money.data, ends, of=is_known)[wanted] - money.data[first],
        holdout=_counts(is_later, ends)[wanted],
        later_orders=_counts(is_later & is_in_currency, ends)[wanted],
        later_minor=_sums(money.data, ends, of=is_later)[wanted],
    )


def _rows(customer_id: IntArray) -> tuple[IntArray, NDArray[np.int32]]:
    """Return keys by row, ascending, and the row of each sale; where keys lie close together each has a row of its own."""
    lowest, highest = int(customer_id.min()), int(customer_id.max())
    if highest - lowest < 8 * len(customer_id):
        return np.arange(lowest, highest + 1), (customer_id - lowest).astype(np.int32)
    keys, row = np.unique(customer_id, return_inverse=True)
    return keys, row.astype(np.int32)


def _by_customer_and_day(row: NDArray[np.int32], column: NDArray[np.int32], values: IntArray) -> Any:
    """Return sums by customer and day as a sparse matrix, days ascending within customers; sums of 0 stay.

    Several times as fast as a sort by both: customers are counted, only the few days of each are sorted.
    """
    # Loaded here, like `kit.special`: most commands never fold.
    from scipy.sparse import coo_matrix

    return coo_matrix((values, (row, column))).tocsr()


def _counts(marks: NDArray[np.bool_], ends: NDArray[np.int32]) -> IntArray:
    """Return how many days of each customer are marked."""
    if not marks.any():
        return np.zeros(len(ends) - 1, dtype=np.int64)
    return np.diff(ends).astype(np.int64) if marks.all() else _running(marks, ends)


def _sums(values: IntArray, ends: NDArray[np.int32], *, of: NDArray[np.bool_]) -> IntArray:
    """Return the sum of each customer's marked days."""
    if not of.any():
        return np.zeros(len(ends) - 1, dtype=np.int64)
    return _running(values if of.all() else values * of, ends)


def _running(values: IntArray | NDArray[np.bool_], ends: NDArray[np.int32]) -> IntArray:
    """Return the sum of each customer's days."""
    running = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=running[1:])
    return np.diff(running[ends])
