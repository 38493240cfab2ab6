"""BG/NBD: who orders at random while a customer, and may stop after any order; fitted, and what it foresees.

Source of the model: Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD
model", Marketing Science 24(2); equation numbers below are of that paper.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from yutang.insight.methods.beta_means import beta_rules
from yutang.insight.methods.likelihood import Fit, LogLikelihood, maximise, maximise_near
from yutang.insight.methods.purchases import FloatArray, Histories, IntArray
from yutang.kit.special import betainc, betaln, digamma, expit, gammaln

NAMES = ("r", "alpha", "a", "b")
#: Below this times the rate a power series takes the place of a difference that would cancel.
_SMALL = 1e-4
#: Logarithm of odds beyond which they are one.
_FAR = 600.0
#: So many histories are taken at once: what is computed of them stays near the processor.
_BLOCK = 8_192
#: Of many histories so many give a place to start from, and the curvature there.
SAMPLE = 20_000


@dataclass(frozen=True)
class BgNbd:
    """Parameters of the model.

    Attributes:
        r: shape of the Gamma of order rates. ``> 0``.
        alpha: scale of that Gamma: time. ``> 0``.
        a: first parameter of the Beta of the chance to stop after an order. ``> 0``.
        b: second parameter. ``> 0``.
    """

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class Outlook:
    """What customers who are still there will order within some time. Arrays of shape ``(n,)``.

    Attributes:
        orders: expected number.
        pairs: expected ``N (N - 1)``, from which the variance follows.
        none: chance of no order at all. 0-1.
    """

    orders: FloatArray
    pairs: FloatArray
    none: FloatArray

    def at(self, places: IntArray) -> Outlook:
        """Return the outlook of customers by their places among these; shape (m,)."""
        return Outlook(self.orders[places], self.pairs[places], self.none[places])


def fit_bg_nbd(histories: Histories) -> Fit:
    """Return the parameters under which the histories are likeliest."""
    middle = float(np.average(histories.T, weights=histories.weight)) or 1.0
    starts = [(0.5, middle / 4, 0.8, 2.5), (1.0, middle, 1.0, 1.0), (0.1, middle / 40, 0.3, 5.0), (3.0, middle, 0.1, 1)]
    likelihood, customers = bg_nbd_likelihood(histories), histories.customers
    if len(histories.x) > 2 * SAMPLE:
        some = histories.sample(SAMPLE)
        rough = maximise(bg_nbd_likelihood(some), names=NAMES, starts=starts, customers=some.customers)
        near = maximise_near(likelihood, rough=rough, customers=customers)
        if near is not None:
            return near
    return maximise(likelihood, names=NAMES, starts=starts, customers=customers)


def bg_nbd_likelihood(histories: Histories) -> LogLikelihood:
    """Return the log-likelihood (equation 6) with its gradient, for parameters in the order of `NAMES`."""
    among = _Stopping(histories)
    counts, at_count, customers = among.counts, among.at_count, histories.weight.sum()

    def value(parameters: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, a, b = parameters
        log_age, log_last = np.log(alpha + among.ages), np.log(alpha + among.lasts)
        before_last = b + np.maximum(counts, 1) - 1
        with np.errstate(divide="ignore"):
            to_stop = np.where(counts > 0, np.log(a) - np.log(before_last), -np.inf)
        stops = among.sums(r, log_age=log_age, log_last=log_last, to_stop=to_stop)
        there_at_age = among.at_age - stops.at_age
        power_at_age = r * there_at_age + among.orders_at_age - stops.orders_at_age
        power_at_last = r * stops.at_last + stops.orders_at_last
        by_count = (
            gammaln(r + counts) - gammaln(r) + r * np.log(alpha) + gammaln(a + b) - gammaln(b)
            + gammaln(b + counts) - gammaln(a + b + counts)
        )  # fmt: skip
        slope_a = digamma(a + b) * customers - at_count @ digamma(a + b + counts)
        slope = np.array(
            [
                at_count @ digamma(r + counts)
                + customers * (np.log(alpha) - digamma(r))
                - there_at_age @ log_age
                - stops.at_last @ log_last,
                customers * r / alpha
                - power_at_age @ (1 / (alpha + among.ages))
                - power_at_last @ (1 / (alpha + among.lasts)),
                slope_a + stops.at_count.sum() / a,
                slope_a + at_count @ digamma(b + counts) - customers * digamma(b) - stops.at_count @ (1 / before_last),
            ]
        )
        return float(at_count @ by_count + stops.seen - (r * among.at_age + among.orders_at_age) @ log_age), slope

    return value


@dataclass(frozen=True)
class _Stops:
    """Who has stopped, in expectation, by distinct ages, last orders and counts; `seen` sums the logarithms of 1 + odds."""

    seen: float
    at_age: FloatArray
    at_last: FloatArray
    at_count: FloatArray
    orders_at_age: FloatArray
    orders_at_last: FloatArray


class _Stopping:
    """Histories by the few distinct ages, last orders and counts there are, over which sums are taken."""

    def __init__(self, histories: Histories) -> None:
        self._x, self._weight = histories.x, histories.weight
        self.counts: FloatArray = np.arange(histories.x.max(initial=0) + 1, dtype=np.float64)
        self.ages, self._age = histories.times(histories.T)
        self.lasts, self._last = histories.times(histories.t_x)
        self.at_count = np.bincount(self._x, self._weight, len(self.counts))
        self.at_age = np.bincount(self._age, self._weight, len(self.ages))
        self.orders_at_age = np.bincount(self._age, self._weight * self._x, len(self.ages))

    def sums(self, r: float, *, log_age: FloatArray, log_last: FloatArray, to_stop: FloatArray) -> _Stops:
        """Return the sums for one set of parameters; logarithms by distinct ages and last orders, odds by counts."""
        ages, lasts, counts = len(self.ages), len(self.lasts), len(self.counts)
        sums = _Stops(0.0, *(np.zeros(length) for length in (ages, lasts, counts, ages, lasts)))
        seen = 0.0
        for start in range(0, len(self._x), _BLOCK):
            block = slice(start, start + _BLOCK)
            x, age, last, weight = self._x[block], self._age[block], self._last[block], self._weight[block]
            # How much likelier it is to have stopped after the last order than to be there still.
            lead = (log_age[age] - log_last[last]) * (r + x) + to_stop[x]
            odds = np.exp(np.minimum(lead, _FAR, out=lead), out=lead)
            seen += float(weight @ np.log1p(odds))
            stopping = weight * (odds / (1 + odds))
            orders = stopping * x
            sums.at_age[:] += np.bincount(age, stopping, ages)
            sums.at_last[:] += np.bincount(last, stopping, lasts)
            sums.at_count[:] += np.bincount(x, stopping, counts)
            sums.orders_at_age[:] += np.bincount(age, orders, ages)
            sums.orders_at_last[:] += np.bincount(last, orders, lasts)
        return replace(sums, seen=seen)


def p_alive(*, model: BgNbd, x: IntArray, t_x: FloatArray, T: FloatArray) -> FloatArray:  # noqa: N803
    """Return the chances that customers still are customers at T.

    Args:
        model: parameters.
        x: repeat purchases. Count, shape (n,).
        t_x: time of the last purchase since the first. Unit of alpha, shape (n,), ``0 <= t_x <= T``.
        T: age since the first purchase. Shape (n,).

    Returns:
        0-1, shape (n,); 1 where ``x == 0``: by this model nobody stops before a repeat purchase.

    Source:
        Fader, Hardie & Lee (2008), "Computing P(alive) using the BG/NBD model".
    """
    lead = (model.r + x) * (np.log(model.alpha + T) - np.log(model.alpha + t_x))
    lead += np.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1)
    return np.asarray(np.where(x > 0, expit(-lead), 1.0))


def log_chance_of_orders(
    *,
    model: BgNbd,
    x: IntArray,
    t_x: FloatArray,
    T: FloatArray,  # noqa: N803
    t: float,
    orders: IntArray,
) -> FloatArray:
    """Return the logarithms of the chances that customers place just so many orders in ``(T, T + t]``; shape (n,).

    Args:
        model: parameters.
        x: repeat purchases. Count, shape (n,).
        t_x: time of the last purchase since the first. Unit of alpha, shape (n,).
        T: age since the first purchase. Shape (n,).
        t: how far ahead. Same unit, ``> 0``.
        orders: of which the chance is asked. Count, shape (n,).

    Source:
        Own derivation from equation 8, the chance of n purchases of a newcomer: who is there at T is like a newcomer with
        r + x, alpha + T and b + x (see `outlook`), and who is not places none. The sum over fewer purchases in equation 8 is the
        distribution function of a negative binomial, hence a regularised incomplete Beta function.
    """
    lead = (model.r + x) * (np.log(model.alpha + T) - np.log(model.alpha + t_x))
    lead += np.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1)
    lead = np.where(x > 0, lead, -np.inf)
    log_there, log_gone = -np.logaddexp(0.0, lead), -np.logaddexp(0.0, -lead)
    power, scale, b = model.r + x, model.alpha + T, model.b + x
    reach = t / (scale + t)
    whole = betaln(model.a, b)
    # Nobody stopped: so many orders, and each time the decision to stay.
    going = betaln(model.a, b + orders) - whole + gammaln(power + orders) - gammaln(power) - gammaln(orders + 1.0)
    going += power * np.log1p(-reach) + orders * np.log(reach)
    chance = np.logaddexp(log_there + going, log_gone)
    some = orders > 0
    n = orders[some]
    with np.errstate(divide="ignore"):
        enough = np.log(betainc(n, power[some], reach[some]))
    stopping = betaln(model.a + 1, b[some] + n - 1) - whole[some] + enough
    chance[some] = log_there[some] + np.logaddexp(going[some], stopping)
    return np.asarray(chance)


def outlook(*, model: BgNbd, x: IntArray, T: FloatArray, t: float) -> Outlook:  # noqa: N803
    """Return what customers who are still there at T will order in ``(T, T + t]``; times p_alive it holds for all.

    Args:
        model: parameters.
        x: repeat purchases. Count, shape (n,).
        T: age since the first purchase. Unit of alpha, shape (n,).
        t: how far ahead. Same unit, ``> 0``.

    Source:
        Who is there at T has a rate from Gamma(r + x, alpha + T) and a chance to stop from Beta(a, b + x), independent (the
        likelihood of being there, equation 4, times the priors). Given both, the expected number is
        ``(1 - exp(-rate p t)) / p`` (equation 3's mean) and ``E N(N - 1) = 2 (1 - p) / p**2 (1 - exp(-rate p t)(1 + rate p t))``,
        from ``d/dt E N(N - 1) = 2 rate E[N; there]``. The mean over the rate is in closed form; the one over p is taken by
        Gauss-Jacobi quadrature in place of the hypergeometric function of equation 10, which it equals: all terms are
        positive, so that nothing cancels or overflows for any x, and nothing is singular at ``a == 1``.
    """
    rates, place = np.unique(x, return_inverse=True)
    nodes, weights = beta_rules(a=model.a, b=np.asarray(model.b + rates, dtype=np.float64))
    orders, pairs = np.empty(len(x)), np.empty(len(x))
    # Block by block, because each customer takes a row of nodes.
    for start in range(0, len(x), 65_536):
        part = slice(start, start + 65_536)
        orders[part], pairs[part] = _means(model, x[part], T[part], t, nodes[place[part]], weights[place[part]])
    none = np.exp((model.r + x) * (np.log(model.alpha + T) - np.log(model.alpha + T + t)))
    return Outlook(orders, pairs, none)


def _means(
    model: BgNbd,
    x: IntArray,
    T: FloatArray,  # noqa: N803
    t: float,
    p: FloatArray,
    weights: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    power, ahead = (model.r + x)[:, None], (t / (model.alpha + T))[:, None]
    reach = p * ahead
    ends = -power * np.log1p(reach)
    once = -np.expm1(ends) / p
    exact = -np.expm1(ends) - power * reach * np.exp(ends - np.log1p(reach))
    # For small reach the difference above is of second order: its leading term stands for it.
    series = power * (power + 1) / 2 * reach**2
    twice = 2 * (1 - p) * np.where(power * reach < _SMALL, series, exact) / p**2
    return (once * weights).sum(axis=1), (twice * weights).sum(axis=1)


def expected_orders(
    *,
    model: BgNbd,
    x: IntArray,
    t_x: FloatArray,
    T: FloatArray,  # noqa: N803
    t: float,
) -> FloatArray:
    """Return how many orders customers are expected to place in ``(T, T + t]`` (equation 10); shape (n,)."""
    return p_alive(model=model, x=x, t_x=t_x, T=T) * outlook(model=model, x=x, T=T, t=t).orders


def expected_since_first(*, model: BgNbd, t: FloatArray) -> FloatArray:
    """Return how many repeat purchases somebody is expected to make within t of the first one (equation 9); shape (n,)."""
    nodes, weights = beta_rules(a=model.a, b=np.array([model.b]))
    reach = nodes * (np.asarray(t, dtype=np.float64) / model.alpha)[:, None]
    return np.asarray((-np.expm1(-model.r * np.log1p(reach)) / nodes * weights).sum(axis=1))


def wait_quantile(*, model: BgNbd, x: IntArray, since: FloatArray, share: float) -> FloatArray:
    """Return the time within which the given share of customers like these order again, if they are still there.

    Args:
        model: parameters.
        x: repeat purchases. Count, shape (n,).
        since: age at the moment from which one waits: T for now; t_x for the moment right after the last order, when the
            customer has not stopped. Unit of alpha, shape (n,).
        share: 0-1; 0.5 gives the median. 0.1 and 0.9 give a window that holds four in five.

    Returns:
        Time, shape (n,); can be very long where little is known.

    Source:
        Own derivation. By this model somebody stops only right after an order, so who is there at age s orders next after a
        time exponential with the own rate, and is certain to order. The rate is Gamma(r + x, alpha + s) (equation 4), so
        that ``P(wait > w) = E exp(-rate w) = ((alpha + s) / (alpha + s + w))**(r + x)``, a Lomax distribution; solved for
        w: ``(alpha + s) ((1 - share)**(-1 / (r + x)) - 1)``.
    """
    with np.errstate(over="ignore"):
        return np.asarray((model.alpha + since) * np.expm1(-np.log1p(-share) / (model.r + x)))
