"""Means over a Beta distribution, by Gauss-Jacobi rules made for many distributions at once."""

from __future__ import annotations

import numpy as np

from yutang.insight.methods.purchases import FloatArray

#: Exact for polynomials up to twice this degree.
NODES = 48


def beta_rules(*, a: float, b: FloatArray, nodes: int = NODES) -> tuple[FloatArray, FloatArray]:
    """Return nodes in ``(0, 1)`` and weights with which ``sum(weight * g(node))`` is the mean of g over Beta(a, b).

    Everything stays in range whatever a and b are: no Gamma function is computed.

    Args:
        a: first parameter of the Beta. ``> 0``.
        b: second parameters. Shape (n,), ``> 0``.
        nodes: how many a rule has. Count.

    Returns:
        Nodes and weights, each of shape (n, nodes); the weights of a rule add up to 1.

    Source:
        Golub & Welsch (1969), "Calculation of Gauss quadrature rules", with the recurrence of the Jacobi polynomials
        (Abramowitz & Stegun 22.7.1) shifted to ``[0, 1]``.
    """
    # The weight of the Jacobi polynomials is (1 - u)**right * (1 + u)**left on [-1, 1].
    left, right = a - 1.0, np.asarray(b, dtype=np.float64)[:, None] - 1.0
    k = np.arange(1, nodes, dtype=np.float64)[None, :]
    total = left + right
    middle = np.empty((len(right), nodes))
    middle[:, :1] = (left - right) / (total + 2)
    middle[:, 1:] = (left - right) * total / ((2 * k + total) * (2 * k + total + 2))
    beside = 4 * k * (k + left) * (k + right) / ((2 * k + total) ** 2 * (2 * k + total + 1))
    # The first of these is 0/0 where a + b == 1; written out, the factor is gone.
    beside[:, 1:] *= (k[:, 1:] + total) / (2 * k[:, 1:] + total - 1)
    matrices = np.zeros((len(right), nodes, nodes))
    steps = np.arange(nodes)
    matrices[:, steps, steps] = middle
    matrices[:, steps[1:], steps[:-1]] = np.sqrt(beside)
    found, vectors = np.linalg.eigh(matrices)
    return np.clip((1 + found) / 2, np.finfo(np.float64).tiny, 1.0), vectors[:, 0, :] ** 2
