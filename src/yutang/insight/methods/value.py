"""What customers are worth over some time: expected orders times expected spend, with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yutang.insight.methods.bg_nbd import Outlook
from yutang.insight.methods.gamma_gamma import GammaGamma, expected_spend
from yutang.insight.methods.purchases import FloatArray, IntArray
from yutang.kit.special import ndtri

#: The second moment of spend exists only above q + p x = 2; a customer below is treated as standing a little above.
_LEAST_SHAPE = 2.05
_TINY = 1e-150


@dataclass(frozen=True)
class Worth:
    """Value of customers over some time. Money, arrays of shape ``(n,)``.

    Attributes:
        expected: mean.
        low: not more than a tenth of such customers bring less; 0 where a tenth or more bring nothing.
        high: a tenth of such customers bring more.
    """

    expected: FloatArray
    low: FloatArray
    high: FloatArray


def worth(
    *, spend_model: GammaGamma, spend_orders: IntArray, mean_spend: FloatArray, alive: FloatArray, ahead: Outlook
) -> Worth:
    """Return what customers will bring, and between what it lies in four of five cases.

    Args:
        spend_model: of spend an order.
        spend_orders: orders over which the mean spend was taken. Count, shape (n,).
        mean_spend: mean spend of them. Money, shape (n,).
        alive: chance to be still there. 0-1, shape (n,).
        ahead: what those who are will order.

    Source:
        Own derivation. The value is the sum of N spends. It is 0 with the chance ``1 - alive (1 - none)``. With a scale
        drawn from Gamma(q + p x, v + x m), mean and mean square of the sum are ``E[N] p E[1/scale]`` and
        ``(E[N] p (p + 1) + E[N (N - 1)] p**2) E[1/scale**2]``. Of those who order at all, the upper
        end is that of a log-normal with these two, the lower end that of a normal, because who stops early makes the lower
        side the longer one; a test holds both against simulated customers.
    """
    p = spend_model.p
    orders, pairs, some = alive * ahead.orders, alive * ahead.pairs, alive * (1 - ahead.none)
    spend = expected_spend(model=spend_model, x=spend_orders, mean_spend=mean_spend)
    expected = orders * spend
    shape = np.maximum(p * spend_orders + spend_model.q, _LEAST_SHAPE)
    square_of_scale = (spend / p) ** 2 * (shape - 1) / (shape - 2)
    square = (orders * p * (p + 1) + pairs * p**2) * square_of_scale
    some = np.maximum(some, np.finfo(np.float64).tiny)
    mean = expected / some
    variation = np.maximum(square * some / np.maximum(expected, _TINY) ** 2 - 1, 0.0)
    spread = np.sqrt(np.log1p(variation))
    low, steady = np.zeros(len(some)), some > 0.9
    level = _level(0.1, some[steady])
    low[steady] = mean[steady] * np.maximum(1 + np.sqrt(variation[steady]) * level, 0.0)
    high = mean * np.exp(spread * _level(0.9, some) - spread**2 / 2)
    return Worth(expected=expected, low=low, high=np.where(some > 0.1, high, 0.0))


def _level(share: float, some: FloatArray) -> FloatArray:
    """Return the normal quantile among those who order at all at which the share of everybody is reached."""
    level = 1 - (1 - share) / some
    return np.asarray(ndtri(np.clip(level, 1e-12, 1 - 1e-12)))
