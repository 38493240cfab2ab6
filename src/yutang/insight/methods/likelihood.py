"""Maximum likelihood for models with positive parameters, in logarithms: climbing, standard errors, and honest checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from yutang.insight.methods.purchases import FloatArray

#: Takes parameters, shape (k,); returns the log-likelihood and its gradient by the parameters, shape (k,).
LogLikelihood: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray]]

#: Parameters are looked for between e**-12 and e**12.
_FARTHEST = 12.0
#: A maximum is reached where no step of one e-fold would bring more than this per customer. By the log parameters.
_FLAT = 1e-6
_STEP = 1e-4
#: Step on one side only. By the log parameters.
_FINE_STEP = 1e-5
#: Steps by the curvature of a part of the data; each takes away all but the part's sampling error, a few per cent, of the way left.
_NEWTON_STEPS = 12
#: A longer step by the curvature leaves the place where the curvature was taken. In e-folds.
_NEAR = 1.0


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
        curvature: Hessian of the negative log-likelihood per customer, by the log parameters. Shape (k, k).
    """

    names: tuple[str, ...]
    values: FloatArray
    standard_errors: FloatArray
    log_likelihood: float
    customers: int
    evaluations: int
    slope: float
    converged: bool
    curvature: FloatArray

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
    falling = _Falling(log_likelihood, customers)
    best: Fit | None = None
    for start in starts:
        top = _climbed_on(falling, _climb(falling, np.log(np.asarray(start, dtype=np.float64))))
        found = falling.fit_at(top, tuple(names))
        if best is None or (found.converged, found.log_likelihood) > (best.converged, best.log_likelihood):
            best = found
        if best.converged:
            break
    if best is None:
        raise ValueError("there must be a place to start from")
    return best


def maximise_near(log_likelihood: LogLikelihood, *, rough: Fit, customers: int) -> Fit | None:
    """Return the parameters with the highest likelihood, from the fit of the same model to an even part of the data.

    The curvature of the part stands for that of the whole, so that a handful of evaluations does (a simplified Newton
    method); the checks of the result are those of `maximise`.

    Args:
        log_likelihood: of the whole data.
        rough: fit to the part.
        customers: on which the likelihood stands. Count, ``>= 1``.

    Returns:
        None where that reaches no maximum.
    """
    if not rough.converged:
        return None
    falling = _Falling(log_likelihood, customers)
    logs = np.log(rough.values)
    for _ in range(_NEWTON_STEPS):
        _, slope = falling(logs)
        if np.abs(slope).max() < _FLAT / 10:
            break
        step = np.linalg.solve(rough.curvature, slope)
        if np.abs(step).max() > _NEAR:
            return None
        logs = logs - step
    found = falling.fit_at(logs, rough.names, on_one_side=True)
    return found if found.converged else None


class _Falling:
    """The negative log-likelihood per customer with its gradient, by the log parameters; counts how often it is asked."""

    def __init__(self, log_likelihood: LogLikelihood, customers: int) -> None:
        self._log_likelihood, self._customers = log_likelihood, customers
        self.evaluations = 0
        self._last: tuple[FloatArray, tuple[float, FloatArray]] | None = None

    def __call__(self, logs: FloatArray) -> tuple[float, FloatArray]:
        if self._last is not None and np.array_equal(self._last[0], logs):
            return self._last[1]
        self.evaluations += 1
        parameters = np.exp(logs)
        value, slope = self._log_likelihood(parameters)
        found = -value / self._customers, -slope * parameters / self._customers
        self._last = logs.copy(), found
        return found

    def fit_at(self, logs: FloatArray, names: tuple[str, ...], *, on_one_side: bool = False) -> Fit:
        """Return what is known of a place that is thought to be the maximum.

        Args:
            logs: the place, by the log parameters; shape (k,).
            names: of the parameters.
            on_one_side: half the evaluations for the curvature, precise enough where a maximum is not in doubt.
        """
        value, slope = self(logs)
        curvature = self._curvature_on_one_side(logs, slope) if on_one_side else self.curvature(logs)
        values = np.exp(logs)
        steepest = float(np.abs(slope).max())
        deviations = _standard_deviations(curvature, self._customers)
        inside = bool((np.abs(logs) < _FARTHEST - 1e-6).all())
        return Fit(
            names=names,
            values=values,
            # By the delta method, from those of the log parameters.
            standard_errors=values * deviations,
            log_likelihood=-value * self._customers,
            customers=self._customers,
            evaluations=self.evaluations,
            slope=steepest,
            converged=inside and not np.isnan(deviations).any() and steepest < _FLAT,
            curvature=curvature,
        )

    def curvature(self, logs: FloatArray) -> FloatArray:
        """Return the Hessian: the central difference of the analytic gradient, shape (k, k)."""
        steps = np.eye(len(logs)) * _STEP
        rows = [(self(logs + step)[1] - self(logs - step)[1]) / (2 * _STEP) for step in steps]
        return _symmetric(rows)

    def _curvature_on_one_side(self, logs: FloatArray, slope: FloatArray) -> FloatArray:
        """Return the Hessian: the forward difference of the analytic gradient, which is known at the place itself."""
        steps = np.eye(len(logs)) * _FINE_STEP
        return _symmetric([(self(logs + step)[1] - slope) / _FINE_STEP for step in steps])


def _symmetric(rows: Sequence[FloatArray]) -> FloatArray:
    hessian = np.array(rows)
    return (hessian + hessian.T) / 2


def _climb(falling: _Falling, start: FloatArray) -> FloatArray:
    # Loaded here, like `kit.special`: most commands never climb.
    from scipy.optimize import minimize

    result = minimize(
        falling,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_FARTHEST, _FARTHEST)] * len(start),
        options={"maxiter": 500, "maxls": 50, "ftol": 1e-13, "gtol": _FLAT / 10},
    )
    return np.asarray(result.x, dtype=np.float64)


def _climbed_on(falling: _Falling, logs: FloatArray) -> FloatArray:
    """Return a flatter place where the climb ended on a ridge: along it the likelihood gains less than the climb can tell.

    So it is where hardly anybody stops buying: how readily they stop is hardly told by anything, and has its maximum all the same.
    """
    for _ in range(_NEWTON_STEPS):
        _, slope = falling(logs)
        if np.abs(slope).max() < _FLAT:
            break
        curvature = falling.curvature(logs)
        if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= 0:
            break
        step = np.linalg.solve(curvature, slope)
        if np.abs(step).max() > _NEAR or np.abs(falling(logs - step)[1]).max() >= np.abs(slope).max():
            break
        logs = logs - step
    return logs


def _standard_deviations(curvature: FloatArray, customers: int) -> FloatArray:
    """Return those of the log parameters; nan where the curvature is not that of a maximum."""
    hessian = curvature * customers
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min() <= 0:
        return np.full(len(hessian), np.nan)
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(hessian))))
