"""Pareto/NBD: who orders at random while a customer, and may stop at any moment; fitted, and what it foresees.

Source of the model: Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they and what will they do
next?"; formulas after Fader & Hardie (2005), "A note on deriving the Pareto/NBD model and related expressions".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yutang.insight.methods.bg_nbd import SAMPLE
from yutang.insight.methods.likelihood import Fit, LogLikelihood, maximise, maximise_near
from yutang.insight.methods.purchases import FloatArray, Histories, IntArray
from yutang.kit.special import digamma, gammaln

NAMES = ("r", "alpha", "s", "beta")
#: Histories taken at once: each has a row of nodes.
_BLOCK = 65_536
#: What is smaller than the rest by e**-this does not count.
_NOTHING = 45.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)


@dataclass(frozen=True)
class ParetoNbd:
    """Parameters of the model.

    Attributes:
        r: shape of the Gamma of order rates. ``> 0``.
        alpha: scale of that Gamma: time. ``> 0``.
        s: shape of the Gamma of stopping rates. ``> 0``.
        beta: scale of that Gamma: time. ``> 0``.
    """

    r: float
    alpha: float
    s: float
    beta: float


def fit_pareto_nbd(histories: Histories) -> Fit:
    """Return the parameters under which the histories are likeliest."""
    middle = float(np.average(histories.T, weights=histories.weight)) or 1.0
    starts = [(0.5, middle / 3, 0.5, middle / 3), (1.0, middle, 1.0, middle), (0.2, middle / 20, 0.2, middle)]
    likelihood, customers = pareto_nbd_likelihood(histories), histories.customers
    if len(histories.x) > 2 * SAMPLE:
        some = histories.sample(SAMPLE)
        rough = maximise(pareto_nbd_likelihood(some), names=NAMES, starts=starts, customers=some.customers)
        near = maximise_near(likelihood, rough=rough, customers=customers)
        if near is not None:
            return near
    return maximise(likelihood, names=NAMES, starts=starts, customers=customers)


def pareto_nbd_likelihood(histories: Histories) -> LogLikelihood:
    """Return the log-likelihood with its gradient, for parameters in the order of `NAMES`.

    Source:
        The likelihood before its integral over the moment of stopping is written as hypergeometric functions:
        ``G(r + x) / G(r) alpha**r beta**s ((alpha + T)**-(r + x) (beta + T)**-s + s I)`` with
        ``I = integral over y from t_x to T of (alpha + y)**-(r + x) (beta + y)**-(s + 1)``. In the logarithm of
        ``y`` plus the smaller scale the integrand is nearly exponential, so that a Gauss-Legendre rule gives it to the
        last digits for any x; and the derivatives by the parameters are integrals of the same kind.
    """
    counts = np.arange(histories.x.max(initial=0) + 1, dtype=np.float64)
    at_count = np.bincount(histories.x, histories.weight, len(counts))

    def value(parameters: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, s, beta = parameters
        customers = histories.weight.sum()
        log_likelihood = float(at_count @ (gammaln(r + counts) - gammaln(r)))
        log_likelihood += customers * (r * np.log(alpha) + s * np.log(beta))
        slope = np.array(
            [
                at_count @ digamma(r + counts) + customers * (np.log(alpha) - digamma(r)),
                customers * r / alpha,
                customers * np.log(beta),
                customers * s / beta,
            ]
        )
        for start in range(0, len(histories.x), _BLOCK):
            part = slice(start, start + _BLOCK)
            weight = histories.weight[part]
            logs, slopes = _seen(parameters, histories.x[part], histories.t_x[part], histories.T[part])
            log_likelihood += float(weight @ logs)
            slope += slopes @ weight
        return log_likelihood, slope

    return value


def _seen(
    parameters: FloatArray,
    x: IntArray,
    t_x: FloatArray,
    T: FloatArray,  # noqa: N803
) -> tuple[FloatArray, FloatArray]:
    """Return the logarithm of the bracket of the likelihood, shape (n,), and its gradient, shape (4, n)."""
    r, alpha, s, beta = parameters
    power = r + x
    there = -power * np.log(alpha + T) - s * np.log(beta + T)
    logs, at = _stopping(parameters, x, t_x, T)
    peak = np.maximum(there, logs.max(axis=1))
    chance = np.exp(logs - peak[:, None])
    whole = np.exp(there - peak) + chance.sum(axis=1)
    chance /= whole[:, None]
    stays = np.exp(there - peak) / whole
    slopes = np.stack(
        [
            -(chance * np.log(alpha + at)).sum(axis=1) - stays * np.log(alpha + T),
            -power * ((chance / (alpha + at)).sum(axis=1) + stays / (alpha + T)),
            (chance * (1 / s - np.log(beta + at))).sum(axis=1) - stays * np.log(beta + T),
            -(s + 1) * (chance / (beta + at)).sum(axis=1) - s * stays / (beta + T),
        ]
    )
    return peak + np.log(whole), slopes


def _stopping(
    parameters: FloatArray,
    x: IntArray,
    t_x: FloatArray,
    T: FloatArray,  # noqa: N803
) -> tuple[FloatArray, FloatArray]:
    """Return logarithms of the terms that add up to ``s I``, and the moments of stopping of each; shape (n, nodes)."""
    r, alpha, s, beta = parameters
    near = min(alpha, beta)
    first, last = np.log(near + t_x), np.log(near + T)
    # In the logarithm with the smaller scale the integrand falls at least this fast; beyond some length it is nothing.
    nearness = (near + t_x) / (max(alpha, beta) + t_x)
    fall = (r + x - 1) + (s + 1) * nearness if alpha < beta else s + (r + x) * nearness
    last = np.minimum(last, first + _NOTHING / np.maximum(fall, 1e-3))
    half = ((last - first) / 2)[:, None]
    u = first[:, None] + half * (1 + _NODES)
    at = np.maximum(np.exp(u) - near, 0.0)
    logs = -(r + x)[:, None] * np.log(alpha + at) - (s + 1) * np.log(beta + at) + u
    with np.errstate(divide="ignore"):
        return logs + np.log(s * half * _WEIGHTS), at


def p_alive(*, model: ParetoNbd, x: IntArray, t_x: FloatArray, T: FloatArray) -> FloatArray:  # noqa: N803
    """Return the chances that customers still are customers at T; 0-1, shape (n,)."""
    parameters = np.array([model.r, model.alpha, model.s, model.beta])
    found = np.empty(len(x))
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        there = -(model.r + x[part]) * np.log(model.alpha + T[part]) - model.s * np.log(model.beta + T[part])
        found[part] = np.exp(there - _seen(parameters, x[part], t_x[part], T[part])[0])
    return np.clip(found, 0.0, 1.0)


def expected_orders(
    *,
    model: ParetoNbd,
    x: IntArray,
    t_x: FloatArray,
    T: FloatArray,  # noqa: N803
    t: float,
) -> FloatArray:
    """Return how many orders customers are expected to place in ``(T, T + t]``; shape (n,).

    Source:
        Fader & Hardie (2005), equation 41: the posterior mean rate times the mean time that a customer who is there stays
        within t, ``(beta + T) / (s - 1) (1 - ((beta + T) / (beta + T + t))**(s - 1))``, which has a limit at ``s == 1``.
    """
    shift = model.s - 1
    longer = np.log1p(t / (model.beta + T))
    stays = longer if abs(shift) < 1e-9 else -np.expm1(-shift * longer) / shift
    rate = (model.r + x) / (model.alpha + T)
    return np.asarray(p_alive(model=model, x=x, t_x=t_x, T=T) * rate * (model.beta + T) * stays)
