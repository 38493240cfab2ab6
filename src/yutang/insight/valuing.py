"""From the lake's sales to fitted models of customer value, and from those to one value a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from yutang.insight.counting_sales import counted_by_customer
from yutang.insight.lake_reading import answer
from yutang.insight.methods import bg_nbd, gamma_gamma, pareto_nbd
from yutang.insight.methods.bg_nbd import BgNbd, Outlook
from yutang.insight.methods.folding import NOBODY_FOLDED, Folded, Folding
from yutang.insight.methods.gamma_gamma import GammaGamma
from yutang.insight.methods.likelihood import Fit
from yutang.insight.methods.purchases import WEEK_DAYS, FloatArray, Histories, IntArray, distinct_histories
from yutang.insight.methods.value import worth
from yutang.kit.errors import DomainError
from yutang.kit.money import decimals_of
from yutang.kit.text import N_
from yutang.lake.engines.base import Engine

#: What a model needs at least.
LEAST_REPEATERS = 100
LEAST_SPAN_DAYS = 90
#: An order farther away than this is not dated. Days.
FARTHEST_DAYS = 3650
#: So many customers are valued at once.
_VALUED_AT_ONCE = 131_072
_DAY_ZERO = date(1970, 1, 1)
#: Shares of customers who have ordered again by the dates that are kept.
_WAITS = {"next_order_date": 0.5, "next_from_date": 0.1, "next_to_date": 0.9}
#: All models that can be fitted; values stand on the first two.
MODELS = ("bg_nbd", "gamma_gamma", "pareto_nbd")
VALUE_MODELS = ("bg_nbd", "gamma_gamma")


class TooFewRepeatBuyers(DomainError):
    """Too few customers came back to tell at what pace they come and stop."""

    code = "too_few_repeat_buyers"
    http_status = 409
    message = N_(
        "The orders cannot carry a model of customer value yet: %(repeaters)s of %(customers)s customers came back on "
        "another day, %(needed)s are needed, so %(missing)s more. Until then RFM says who is valuable."
    )


class SpanIsTooShort(DomainError):
    """Orders are known for too few days to tell a pause from a farewell."""

    code = "span_is_too_short"
    http_status = 409
    message = N_(
        "The orders cannot carry a model of customer value yet: they are known for %(days)s days, %(needed)s are needed, so "
        "%(missing)s more. Import older orders, or wait. Until then RFM says who is valuable."
    )


class TooFewWithSpend(DomainError):
    """Too few customers spent anything when they came back, in the currency in which values are counted."""

    code = "too_few_with_spend"
    http_status = 409
    message = N_(
        "The orders cannot carry a model of customer value yet: %(spenders)s customers who came back spent anything in "
        "%(currency)s, %(needed)s are needed, so %(missing)s more. Until then RFM says who is valuable."
    )


class ModelDoesNotFit(DomainError):
    """The likelihood has no clear maximum, so that nothing follows from the parameters."""

    code = "model_does_not_fit"
    http_status = 409
    message = N_(
        "The orders do not fit the model %(model)s: its parameters have no clear best values. That happens where nearly "
        "everybody or nobody comes back, where all are alike in how readily they stop buying, or where all spend the same. "
        "RFM says who is valuable."
    )


@dataclass(frozen=True)
class Summary:
    """How customers bought up to a day. Arrays of shape ``(n,)``, aligned by position.

    Attributes:
        customer_id: keys.
        x: days with a sale after the first. Count.
        t_x: days from the first to the last.
        T: days since the first.
        spend_orders: repeat days with a sale in the currency. Count.
        mean_spend: mean worth of such a day, net of refunds, not below 0. Whole units of the currency.
        holdout: days with a sale in what was held out. Count.
        later_orders: those of them in the currency. Count.
        later_spend: what they brought in all, net of refunds. Whole units of the currency.
    """

    customer_id: IntArray
    x: IntArray
    t_x: IntArray
    T: IntArray
    spend_orders: IntArray
    mean_spend: FloatArray
    holdout: IntArray
    later_orders: IntArray
    later_spend: FloatArray

    @property
    def customers(self) -> int:
        """Return how many customers there are."""
        return len(self.x)

    @property
    def repeaters(self) -> int:
        """Return how many of them came back."""
        return int((self.x > 0).sum())

    @property
    def spends(self) -> Any:
        """Return who came back and spent anything; booleans, shape (n,)."""
        return (self.spend_orders > 0) & (self.mean_spend > 0)

    def of(self, rows: IntArray | slice) -> Summary:
        """Return the summary of some of the customers, by their positions."""
        return Summary(*(getattr(self, each.name)[rows] for each in fields(Summary)))

    def histories(self) -> Histories:
        """Return the distinct histories, in weeks."""
        return distinct_histories(x=self.x, t_x=self.t_x, T=self.T, units_a_day=1 / WEEK_DAYS)


def purchase_summary(engine: Engine, *, calibration_end: date, as_of: date, currency: str) -> Summary:
    """Return how customers bought before a day, from nothing that was known later.

    Args:
        engine: over the lake.
        calibration_end: exclusive.
        as_of: exclusive end of what is held out; the same day where nothing is.
        currency: in which spend is counted.
    """
    params = {"as_of": as_of, "known_before": calibration_end, "currency": currency}
    folding = partial(Folding, calibration_end=(calibration_end - _DAY_ZERO).days)
    parts = counted_by_customer(engine, "insight.purchases", params, folding)
    # Arrow keeps what the sales took for itself, while all that follows needs the room.
    pa.default_memory_pool().release_unused()
    found = _together(parts)
    known = {"known_before": calibration_end, "currency": currency}
    loose = _loose(answer(engine, "insight.loose_refunds", known), found.customer_ids)
    orders = found.spend_orders
    # What was given back without naming an order is spread over all order days.
    mean = found.spend_minor / np.maximum(orders, 1) - loose / (found.x + 1)
    units = 10.0 ** -decimals_of(currency)
    return Summary(
        customer_id=found.customer_ids,
        x=found.x,
        t_x=found.t_x,
        T=found.T,
        spend_orders=orders,
        mean_spend=np.where(orders > 0, np.maximum(mean, 0.0), 0.0) * units,
        holdout=found.holdout,
        later_orders=found.later_orders,
        later_spend=np.asarray(found.later_minor * units, dtype=np.float64),
    )


def _together(parts: list[Folded]) -> Folded:
    """Return the parts as one, and take from them what is in it already: together they would be twice as large."""
    columns = [[getattr(part, each.name) for each in fields(Folded)] for part in parts or [NOBODY_FOLDED]]
    parts.clear()
    return Folded(*(np.concatenate([left.pop(0) for left in columns]) for _ in fields(Folded)))


def _loose(refunds: pa.Table, customer_id: IntArray) -> IntArray:
    """Return the refunds that name no order, for each customer; shape (n,)."""
    found = np.zeros(len(customer_id), dtype=np.int64)
    if refunds.num_rows and len(customer_id):
        order = np.argsort(customer_id)
        wanted = _numbers(refunds["customer_id"])
        place = order[np.minimum(np.searchsorted(customer_id, wanted, sorter=order), len(order) - 1)]
        hit = customer_id[place] == wanted
        found[place[hit]] = _numbers(refunds["loose_minor"])[hit]
    return found


def fit_models(summary: Summary, *, currency: str, models: tuple[str, ...] = VALUE_MODELS) -> dict[str, Fit]:
    """Return the fitted models by name.

    Raises:
        TooFewRepeatBuyers: see `LEAST_REPEATERS`.
        SpanIsTooShort: see `LEAST_SPAN_DAYS`.
        TooFewWithSpend: too few repeat buyers spent anything.
        ModelDoesNotFit: a model on which values stand has no maximum.
    """
    _require_enough(summary, currency)
    histories = summary.histories()
    fitting: Mapping[str, Callable[[], Fit]] = {
        "bg_nbd": lambda: bg_nbd.fit_bg_nbd(histories),
        "gamma_gamma": lambda: fit_spend(summary),
        "pareto_nbd": lambda: pareto_nbd.fit_pareto_nbd(histories),
    }
    # NumPy lets go of the interpreter's lock, so that the models are fitted at the same time.
    with ThreadPoolExecutor(len(models)) as pool:
        begun = {name: pool.submit(fitting[name]) for name in models}
        fits = {name: fit.result() for name, fit in begun.items()}
    for name in VALUE_MODELS:
        if name in fits and not carries_values(name, fits[name]):
            raise ModelDoesNotFit(model=name)
    return fits


def fit_spend(summary: Summary) -> Fit:
    """Return the model of spend fitted to those who came back and spent anything."""
    spends = summary.spends
    return gamma_gamma.fit_gamma_gamma(x=summary.spend_orders[spends], mean_spend=summary.mean_spend[spends])


def carries_values(name: str, fit: Fit) -> bool:
    """Return whether values can stand on a fit: it has a maximum, and the mean over customers exists."""
    # Below 1 the mean spend over customers does not exist.
    return fit.converged and (name != "gamma_gamma" or fit["q"] > 1)


def values_of(summary: Summary, *, model: BgNbd, spend_model: GammaGamma, as_of: date, currency: str) -> pa.Table:
    """Return one row a customer: chances, expected orders, value with its interval, next order with its window.

    Args:
        summary: before the day, nothing held out.
        model: of orders, in weeks.
        spend_model: of spend, in whole units of the currency.
        as_of: the day of the summary, exclusive.
        currency: of the spend.
    """
    ahead = Lookahead(summary, model)
    outlooks = {days: ahead.outlook(days) for days in (30, 90, 365)}
    waits = {name: ahead.wait_days(share) for name, share in _WAITS.items()}

    def block(start: int) -> pa.Table:
        part = slice(start, start + _VALUED_AT_ONCE)
        place = ahead.place[part]
        seen = {days: each.at(place) for days, each in outlooks.items()}
        dates = {name: _dates(wait[place], as_of) for name, wait in waits.items()}
        return pa.table({**_money(summary, part, model, spend_model, seen, currency), **dates})

    # Block by block, because a million customers take many numbers each on the way.
    with ThreadPoolExecutor(2) as pool:
        return pa.concat_tables(pool.map(block, range(0, max(summary.customers, 1), _VALUED_AT_ONCE)))


def _money(
    summary: Summary,
    part: slice,
    model: BgNbd,
    spend_model: GammaGamma,
    ahead: Mapping[int, Outlook],
    currency: str,
) -> dict[str, pa.Array]:
    """Return chances, expected orders and values of some of the customers, ``{column: values}``."""
    x, orders, mean = summary.x[part], summary.spend_orders[part], summary.mean_spend[part]
    alive = bg_nbd.p_alive(model=model, x=x, t_x=summary.t_x[part] / WEEK_DAYS, T=summary.T[part] / WEEK_DAYS)
    money = worth(spend_model=spend_model, spend_orders=orders, mean_spend=mean, alive=alive, ahead=ahead[365])
    spend = gamma_gamma.expected_spend(model=spend_model, x=orders, mean_spend=mean)
    return {
        "customer_id": pa.array(summary.customer_id[part]),
        "p_alive": pa.array(np.round(alive, 4)),
        **{f"orders_{days}": pa.array(np.round(alive * each.orders, 4)) for days, each in ahead.items()},
        "order_minor": _minor(spend, currency),
        "value_minor": _minor(money.expected, currency),
        "low_minor": _minor(money.low, currency),
        "high_minor": _minor(money.high, currency),
    }


class Lookahead:
    """What models foresee depends, given that a customer is still there, on x and T alone: each pair is computed once.

    Attributes:
        place: of each customer among the pairs. Shape (customers,).
    """

    def __init__(self, summary: Summary, model: BgNbd) -> None:
        span = int(summary.T.max(initial=0)) + 1
        keys = summary.x * span + summary.T
        there = np.zeros(int(keys.max(initial=0)) + 1, dtype=bool)
        there[keys] = True
        found = np.flatnonzero(there)
        self.place: IntArray = (np.cumsum(there, dtype=np.int64) - 1)[keys]
        self._x, self._weeks, self._model = found // span, (found % span) / WEEK_DAYS, model

    def outlook(self, days: int) -> Outlook:
        """Return what customers who are still there will order within some days; shape (pairs,)."""
        return bg_nbd.outlook(model=self._model, x=self._x, T=self._weeks, t=days / WEEK_DAYS)

    def wait_days(self, share: float) -> FloatArray:
        """Return the days within which a share of customers who are still there order again; shape (pairs,)."""
        return bg_nbd.wait_quantile(model=self._model, x=self._x, since=self._weeks, share=share) * WEEK_DAYS


def kept_form(fit: Fit) -> dict[str, Any]:
    """Return a fit as it is kept and shown: parameters, then what is known of them; JSON-able."""
    errors = {
        name: None if np.isnan(value) else float(value)
        for name, value in zip(fit.names, fit.standard_errors, strict=True)
    }
    return {
        **fit.parameters,
        "standard_errors": errors,
        "log_likelihood": fit.log_likelihood,
        "customers": fit.customers,
        "evaluations": fit.evaluations,
        "slope": fit.slope,
        "converged": fit.converged,
    }


def _require_enough(summary: Summary, currency: str) -> None:
    days = int(summary.T.max(initial=0))
    if days < LEAST_SPAN_DAYS:
        raise SpanIsTooShort(days=days, needed=LEAST_SPAN_DAYS, missing=LEAST_SPAN_DAYS - days)
    if summary.repeaters < LEAST_REPEATERS:
        raise TooFewRepeatBuyers(
            repeaters=summary.repeaters,
            customers=summary.customers,
            needed=LEAST_REPEATERS,
            missing=LEAST_REPEATERS - summary.repeaters,
        )
    spenders = int(summary.spends.sum())
    if spenders < LEAST_REPEATERS:
        raise TooFewWithSpend(
            spenders=spenders, currency=currency, needed=LEAST_REPEATERS, missing=LEAST_REPEATERS - spenders
        )


def _numbers(column: pa.ChunkedArray) -> IntArray:
    numbers: IntArray = column.to_numpy().astype(np.int64, copy=False)
    return numbers


def _minor(money: FloatArray, currency: str) -> pa.Array:
    return pa.array(np.rint(money * 10.0 ** decimals_of(currency)).astype(np.int64))


def _dates(wait_days: FloatArray, as_of: date) -> pa.Array:
    """Return the days so far after the last known one; null where that is farther than `FARTHEST_DAYS`."""
    last_known = (as_of - _DAY_ZERO).days - 1
    days = last_known + np.maximum(np.rint(np.minimum(wait_days, FARTHEST_DAYS + 1)), 1)
    return pa.array(days.astype(np.int32), mask=wait_days > FARTHEST_DAYS).cast(pa.date32())
