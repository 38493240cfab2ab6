"""Maximum likelihood for models with positive parameters: L-BFGS-B in logarithms, standard errors, and honest checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.optimize import minimize

from yutang.insight.methods.purchases import FloatArray

#: Takes parameters, shape (k,); returns the log-likelihood and its gradient by the parameters, shape (k,).
LogLikelihood: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray]]

#: Parameters are looked for between e**-12 and e**12.
_FARTHEST = 12.0
#: A maximum is reached where no step of one e-fold would bring more than this per customer. By the log parameters.
_FLAT = 1e-6
_STEP = 1e-4


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes:
        names: of the parameters, aligned with `values`.
        values: maximum-likelihood estimates, shape (k,), ``> 0``.
        standard_errors: from the inverse Hessian, shape (k,); nan where the Hessian is not that of a maximum.
        log_likelihood: at the estimates.
        customers: on which the likelihood stands. Count.
        evaluations: of likelihood and gradient. Count.
        slope: largest component of the gradient by the log parameters, per customer; 0 at a maximum.
        converged: the slope is flat, no parameter ran to the edge, and the Hessian is that of a maximum.
    """

    names: tuple[str, ...]
    values: FloatArray
    standard_errors: FloatArray
    log_likelihood: float
    customers: int
    evaluations: int
    slope: float
    converged: bool

    def __getitem__(self, name: str) -> float:
        return float(self.values[self.names.index(name)])

    @property
    def parameters(self) -> dict[str, float]:
        """Return the estimates by name."""
        return {name: float(value) for name, value in zip(self.names, self.values, strict=True)}


def maximise(
    log_likelihood: LogLikelihood, *, names: Sequence[str], starts: Sequence[Sequence[float]], customers: int
) -> Fit:
    """Return the parameters with the highest likelihood.

    Args:
        log_likelihood: of the data.
        names: of the parameters.
        starts: where to begin, one after the other until a maximum is reached; each shape (k,), ``> 0``.
        customers: on which the likelihood stands: the scale of what counts as flat. Count, ``>= 1``.
    """
    best: Fit | None = None
    for start in starts:
        found = _climb(log_likelihood, np.log(np.asarray(start, dtype=np.float64)), tuple(names), customers)
        if best is None or (found.converged, found.log_likelihood) > (best.converged, best.log_likelihood):
            best = found
        if best.converged:
            break
    if best is None:
        raise ValueError("there must be a place to start from")
    return best


def _climb(log_likelihood: LogLikelihood, start: FloatArray, names: tuple[str, ...], customers: int) -> Fit:
    evaluations = 0

    def falling(logs: FloatArray) -> tuple[float, FloatArray]:
        nonlocal evaluations
        evaluations += 1
        parameters = np.exp(logs)
        value, slope = log_likelihood(parameters)
        return -value / customers, -slope * parameters / customers

    result = minimize(
        falling,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_FARTHEST, _FARTHEST)] * len(start),
        options={"maxiter": 500, "maxls": 50, "ftol": 1e-13, "gtol": _FLAT / 10},
    )
    logs = np.asarray(result.x, dtype=np.float64)
    value, gradient = falling(logs)
    slope = float(np.abs(gradient).max())
    values = np.exp(logs)
    spread, is_maximum = _standard_deviations(falling, logs, customers)
    inside = bool((np.abs(logs) < _FARTHEST - 1e-6).all())
    return Fit(
        names=names,
        values=values,
        standard_errors=values * spread,
        log_likelihood=-value * customers,
        customers=customers,
        evaluations=evaluations,
        slope=slope,
        converged=inside and is_maximum and slope < _FLAT,
    )


def _standard_deviations(
    falling: Callable[[FloatArray], tuple[float, FloatArray]], logs: FloatArray, customers: int
) -> tuple[FloatArray, bool]:
    """Return the standard deviations of the log parameters, and whether the place is a maximum.

    The Hessian is the central difference of the analytic gradient; the delta method makes them those of parameters.
    """
    k = len(logs)
    hessian = np.empty((k, k))
    for i in range(k):
        step = np.zeros(k)
        step[i] = _STEP
        hessian[i] = (falling(logs + step)[1] - falling(logs - step)[1]) / (2 * _STEP)
    hessian = (hessian + hessian.T) / 2 * customers
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min() <= 0:
        return np.full(k, np.nan), False
    return np.sqrt(np.diag(np.linalg.inv(hessian))), True
