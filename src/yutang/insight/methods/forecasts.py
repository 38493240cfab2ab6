"""How well foreseen numbers of orders were: against what happened, and against forecasts that need no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yutang.insight.methods.purchases import FloatArray, IntArray

#: Customers with so many repeat purchases or more are told together.
_MANY = 7


@dataclass(frozen=True)
class Forecast:
    """A forecast against what happened.

    Attributes:
        expected: orders foreseen of all customers together.
        bias: foreseen over happened less 1: 0.1 is a tenth too many; None where nothing happened.
        mae: mean absolute error a customer. Orders.
        correlation: between foreseen and happened over customers; None where one of them does not vary.
    """

    expected: float
    bias: float | None
    mae: float
    correlation: float | None


@dataclass(frozen=True)
class ByFrequency:
    """Customers with the same number of repeat purchases in the past.

    Attributes:
        x: repeat purchases; the last row holds this number and more.
        customers: how many they are. Count.
        actual: orders a customer that happened.
        expected: orders a customer that were foreseen.
    """

    x: int
    customers: int
    actual: float
    expected: float


def forecast_check(*, actual: IntArray, expected: FloatArray) -> Forecast:
    """Return how good a forecast was; both arrays of orders a customer, shape (n,), ``n >= 1``."""
    happened = float(actual.sum())
    varies = actual.std() > 0 and expected.std() > 1e-12 * max(1.0, float(np.abs(expected).max()))
    return Forecast(
        expected=float(expected.sum()),
        bias=float(expected.sum()) / happened - 1 if happened else None,
        mae=float(np.abs(actual - expected).mean()),
        correlation=float(np.corrcoef(actual, expected)[0, 1]) if varies else None,
    )


def naive_forecasts(*, x: IntArray, T: FloatArray, ahead: float) -> dict[str, FloatArray]:  # noqa: N803
    """Return forecasts that need no model, ``{name: orders a customer, shape (n,)}``.

    Args:
        x: repeat purchases. Count, shape (n,).
        T: age since the first purchase. Any unit, shape (n,).
        ahead: how far ahead. Same unit.

    Returns:
        ``nothing``: nobody orders; ``as_before``: everybody goes on as before; ``all_alike``: everybody orders like all
        customers did on average.
    """
    pace = float(x.sum()) / max(float(T.sum()), 1e-12)
    return {
        "nothing": np.zeros(len(x)),
        "as_before": np.where(T > 0, x / np.where(T > 0, T, 1.0), 0.0) * ahead,
        "all_alike": np.full(len(x), pace * ahead),
    }


def by_frequency(*, x: IntArray, actual: IntArray, expected: FloatArray) -> list[ByFrequency]:
    """Return what happened and what was foreseen by past repeat purchases; groups without customers are left out."""
    group = np.minimum(x, _MANY)
    customers = np.bincount(group, minlength=_MANY + 1)
    happened = np.bincount(group, actual, _MANY + 1)
    foreseen = np.bincount(group, expected, _MANY + 1)
    return [
        ByFrequency(k, int(customers[k]), float(happened[k] / customers[k]), float(foreseen[k] / customers[k]))
        for k in range(_MANY + 1)
        if customers[k]
    ]
