"""Gamma-Gamma: what customers spend an order, fitted, and what they will spend.

Source of the model: Fader & Hardie (2013), "The Gamma-Gamma model of monetary value"; equation numbers are of that note.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yutang.insight.methods.likelihood import Fit, LogLikelihood, maximise, maximise_near
from yutang.insight.methods.purchases import FloatArray, IntArray
from yutang.kit.special import digamma, gammaln

NAMES = ("p", "q", "v")
#: Of many customers so many give a place to start from, and the curvature there.
SAMPLE = 20_000


@dataclass(frozen=True)
class GammaGamma:
    """Parameters of the model.

    Attributes:
        p: shape of the Gamma of a customer's orders. ``> 0``.
        q: shape of the Gamma of the customers' own scales. ``> 0``; the mean over customers exists above 1.
        v: scale of that Gamma: money. ``> 0``. (The note writes it as a Greek gamma.)
    """

    p: float
    q: float
    v: float


def fit_gamma_gamma(*, x: IntArray, mean_spend: FloatArray) -> Fit:
    """Return the parameters under which the spend is likeliest.

    Args:
        x: orders over which the mean was taken. Count, shape (n,), ``>= 1``.
        mean_spend: mean spend of an order. Money, shape (n,), ``> 0``.
    """
    middle = float(np.median(mean_spend))
    starts = [(4.0, 4.0, middle), (1.0, 2.0, middle), (20.0, 10.0, middle / 2)]
    likelihood = gamma_gamma_likelihood(x=x, mean_spend=mean_spend)
    if len(x) > 2 * SAMPLE:
        every = slice(None, None, len(x) // SAMPLE)
        some = gamma_gamma_likelihood(x=x[every], mean_spend=mean_spend[every])
        rough = maximise(some, names=NAMES, starts=starts, customers=len(x[every]))
        near = maximise_near(likelihood, rough=rough, customers=len(x))
        if near is not None:
            return near
    return maximise(likelihood, names=NAMES, starts=starts, customers=len(x))


def gamma_gamma_likelihood(*, x: IntArray, mean_spend: FloatArray) -> LogLikelihood:
    """Return the log-likelihood (equation 1a) with its gradient, for parameters in the order of `NAMES`.

    Raises:
        ValueError: a mean was taken over no order or is not positive.
    """
    if len(x) == 0 or x.min() < 1 or mean_spend.min() <= 0:
        raise ValueError("spend needs one order and more than nothing from each customer")
    counted = np.bincount(x)
    counts = np.flatnonzero(counted)
    place = (np.cumsum(counted > 0) - 1)[x]
    at_count, orders = counted[counts].astype(np.float64), counts.astype(np.float64)
    total = x * mean_spend
    logs = np.bincount(place, np.log(total), len(counts))
    lost = float(np.log(mean_spend).sum())

    def value(parameters: FloatArray) -> tuple[float, FloatArray]:
        p, q, v = parameters
        whole = np.bincount(place, np.log(v + total), len(counts))
        nearness = np.bincount(place, 1 / (v + total), len(counts))
        shape = p * orders + q
        log_likelihood = (
            at_count @ (gammaln(shape) - gammaln(p * orders) - gammaln(q) + q * np.log(v))
            + (p * orders) @ logs
            - shape @ whole
            - lost
        )
        slope = np.array(
            [
                orders @ (at_count * (digamma(shape) - digamma(p * orders)) + logs - whole),
                at_count @ (digamma(shape) - digamma(q) + np.log(v)) - whole.sum(),
                at_count.sum() * q / v - shape @ nearness,
            ]
        )
        return float(log_likelihood), slope

    return value


def expected_spend(*, model: GammaGamma, x: IntArray, mean_spend: FloatArray) -> FloatArray:
    """Return what an order of each customer is expected to be worth (equation 5).

    Args:
        model: parameters.
        x: orders over which the mean was taken. Count, shape (n,), ``>= 0``.
        mean_spend: mean spend of them; any value where ``x == 0``. Money, shape (n,), ``>= 0``.

    Returns:
        Money, shape (n,): the customer's own mean, drawn towards everybody's the fewer orders there are.

    Raises:
        ValueError: the mean over customers does not exist (``p x + q <= 1``).
    """
    shape = model.p * x + model.q
    if (shape <= 1).any():
        raise ValueError("the spend is spread so widely that it has no mean")
    return np.asarray(model.p * (model.v + x * mean_spend) / (shape - 1))


def log_density_of_spend(
    *, model: GammaGamma, x: IntArray, mean_spend: FloatArray, orders: IntArray, spend: FloatArray
) -> FloatArray:
    """Return the logarithms of the densities of what customers spent later in all, given what they had spent; shape (n,).

    Args:
        model: parameters.
        x: orders known before, over which the mean was taken. Count, shape (n,).
        mean_spend: mean spend of them; any value where ``x == 0``. Money, shape (n,), ``>= 0``.
        orders: later orders. Count, shape (n,), ``>= 1``.
        spend: sum of what they brought. Money, shape (n,), ``> 0``.

    Source:
        Equation 1a with the scale's Gamma(q, v) brought up to date to Gamma(q + p x, v + x m), as in equation 4 and `worth`.
    """
    power, shape, scale = model.p * orders, model.q + model.p * x, model.v + x * mean_spend
    return np.asarray(
        gammaln(power + shape) - gammaln(power) - gammaln(shape)
        + shape * np.log(scale) + (power - 1) * np.log(spend) - (power + shape) * np.log(scale + spend)
    )  # fmt: skip
