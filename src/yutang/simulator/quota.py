"""Cuts a load to an exact number of rows without touching the truth about anybody."""

from __future__ import annotations

import numpy as np

from yutang.simulator.behaviour import Lives
from yutang.simulator.orders import ATTEMPT, CANCELLED, Orders
from yutang.simulator.plan import TAOBAO


def within_quota(lives: Lives, orders: Orders, *, rows: int) -> tuple[Lives, Orders]:
    """Return the leading people of a block whose Taobao orders fit, filled up with unpaid attempts.

    Args:
        lives: people of the block, in order.
        orders: their orders.
        rows: wanted rows of the Taobao report, ``> 0``.

    Returns:
        Everything when it fits; else whole people only, and exactly `rows` Taobao orders: what lacks is made of unpaid
        attempts, which are no purchases.
    """
    mine = orders["platform"] == TAOBAO
    if int(mine.sum()) <= rows:
        return lives, orders
    position = orders["person"].astype(np.int64) - int(lives.ids[0])
    each = np.bincount(position[mine], minlength=len(lives.ids))
    keep = int(np.searchsorted(np.cumsum(each), rows, side="right"))
    kept = orders[(position < keep) & (orders["person"] >= 0)]
    missing = rows - int((kept["platform"] == TAOBAO).sum())
    return lives.leading(keep), np.concatenate([kept, _attempts_like(orders[mine & (position >= keep)], missing)])


def _attempts_like(orders: Orders, count: int) -> Orders:
    """Turn real orders of people that are left out into unpaid attempts of the same moment."""
    attempts = orders[:count].copy()
    attempts["kind"] = ATTEMPT
    attempts["status"] = CANCELLED
    attempts["refunded"] = 0
    return attempts
