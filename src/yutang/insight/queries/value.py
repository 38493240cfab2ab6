"""What customers are worth: the fitted models, one customer, the most valuable, and how value is spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, Sum

from yutang.foundation.access import Actor
from yutang.insight.models import CustomerValue, ValueFit, ValueRun
from yutang.insight.queries.dashboard import stores_within
from yutang.insight.value_models import ValueModels, value_models_of
from yutang.kit.text import Sentence

#: Checks that a person asked for in between are passed over, so many of them.
_LOOKED_AT = 50


@dataclass(frozen=True)
class ValueFitView:
    """The models that values stand on, or why there are none.

    Attributes:
        fitted_before: exclusive end of the orders that the models saw.
        fits: ``{model: {parameter: value, ...}}``; empty where it was refused. Times in weeks, money in whole units.
        choice: which groups of customers have models of their own, and why: `value_groups.Choice`.
        refusal: why it was refused and what is missing; None where it was not.
    """

    id: int
    fitted_before: date
    currency: str
    customers: int
    repeaters: int
    fits: Mapping[str, Any]
    choice: Mapping[str, Any]
    refusal: Sentence | None
    fitted_at: datetime


@dataclass(frozen=True)
class ValueCheckView:
    """The latest regular check of the models on what they had not seen.

    Attributes:
        fitted_before: exclusive end of the orders that the models saw.
        held_out_before: exclusive end of what was foreseen.
        holdout: as `value_checks.holdout_check` writes it.
        checks: as `value_checks.Checks` writes it.
        choice: which groups had models of their own, chosen from the earlier orders alone.
    """

    fitted_before: date
    held_out_before: date
    customers: int
    holdout: Mapping[str, Any]
    checks: Mapping[str, Any]
    choice: Mapping[str, Any]
    fitted_at: datetime


@dataclass(frozen=True)
class ValueRunView:
    """The latest run of the values; `value_minor` is the sum over all customers of the coming 365 days."""

    as_of: date
    since: date
    currency: str
    customers: int
    value_minor: int
    finished_at: datetime


@dataclass(frozen=True)
class ValueCard:
    """What one customer is expected to bring.

    Attributes:
        as_of: exclusive day up to which orders were counted; ahead means from it.
        p_alive: chance to be a customer still. 0-1.
        orders_30: expected orders in 30 days; `orders_90` and `orders_365` likewise.
        order_minor: expected worth of one order. Minor units.
        value_minor: expected worth of 365 days; four in five such customers bring between low and high. Minor units.
        before_minor: `value_minor` 30 days earlier; None for who was no customer then.
        next_order_date: half of those like this one have ordered again by then, if still customers; None: nobody can say.
        next_from_date: four in five order again from here to `next_to_date`; None: nobody can say.
    """

    customer_id: int
    store_id: int | None
    as_of: date
    currency: str
    p_alive: float
    orders_30: float
    orders_90: float
    orders_365: float
    order_minor: int
    value_minor: int
    low_minor: int
    high_minor: int
    before_minor: int | None
    next_order_date: date | None
    next_from_date: date | None
    next_to_date: date | None


def current_fit() -> ValueFitView | None:
    """Return the last regular fit with nothing held out; None before the first try."""
    return _fit_view(ValueFit.objects.filter(held_out_before=None, is_trial=False).order_by("-id").first())


def trial_fit(day: date) -> ValueFitView | None:
    """Return the last fit to the orders before a day, made as a trial; None where there is none."""
    rows = ValueFit.objects.filter(held_out_before=None, is_trial=True, fitted_before=day)
    return _fit_view(rows.order_by("-id").first())


def _fit_view(fit: ValueFit | None) -> ValueFitView | None:
    if fit is None:
        return None
    return ValueFitView(
        id=fit.pk,
        fitted_before=fit.fitted_before,
        currency=fit.currency,
        customers=fit.customers,
        repeaters=fit.repeaters,
        fits=fit.fits,
        choice=fit.choice,
        refusal=Sentence.from_json(fit.refusal) if fit.refusal else None,
        fitted_at=fit.fitted_at,
    )


def current_models() -> tuple[int | None, ValueModels | None]:
    """Return key and models of orders by which stages are told; None and None where no model is fitted."""
    fit = current_fit()
    if fit is None or not fit.fits:
        return None, None
    return fit.id, value_models_of(fit.fits, fit.choice)


def latest_check() -> ValueCheckView | None:
    """Return the latest regular check of the models; None where there was none."""
    # Empty JSON is told apart here: databases do not agree how to ask for it.
    for fit in ValueFit.objects.exclude(held_out_before=None).order_by("-id")[:_LOOKED_AT]:
        if fit.checks and fit.held_out_before:
            return ValueCheckView(
                fitted_before=fit.fitted_before,
                held_out_before=fit.held_out_before,
                customers=fit.customers,
                holdout=fit.holdout,
                checks=fit.checks,
                choice=fit.choice,
                fitted_at=fit.fitted_at,
            )
    return None


def model_groups_of(customer_ids: Iterable[int]) -> dict[int, str]:
    """Return the groups by whose own models customers were valued; who was by the models for all is missing."""
    rows = CustomerValue.objects.filter(customer_id__in=list(customer_ids)).exclude(model_group="")
    return dict(rows.values_list("customer_id", "model_group"))


def latest_value_run() -> ValueRunView | None:
    """Return the last run of the values; None before the first, and where the orders carry no model any more."""
    run = ValueRun.objects.order_by("-id").first()
    fit = current_fit()
    if run is None or fit is None or fit.refusal is not None:
        return None
    return ValueRunView(
        as_of=run.as_of,
        since=run.since,
        currency=run.currency,
        customers=run.customers,
        value_minor=run.value_minor,
        finished_at=run.finished_at,
    )


def value_of(*, access: Actor, customer_id: int) -> ValueCard | None:
    """Return one customer's value; None without an order, without models, or out of reach."""
    run = latest_value_run()
    if run is None:
        return None
    row = reachable_values(access).filter(customer_id=customer_id).first()
    return _card(row, run) if row else None


def most_valuable(*, access: Actor, store_ids: Iterable[int] | None = None, limit: int | None = 50) -> list[ValueCard]:
    """Return customers by expected value of the coming year, highest first.

    Args:
        access: who looks; customers of stores out of reach are left out.
        store_ids: only customers of these stores.
        limit: how many. Count; None: all.
    """
    run = latest_value_run()
    if run is None:
        return []
    rows = reachable_values(access, store_ids).order_by("-value_minor", "-customer_id")[:limit]
    return [_card(row, run) for row in rows.iterator(chunk_size=5_000)]


def expected_orders_soon(*, access: Actor, store_ids: Iterable[int] | None = None) -> float:
    """Return how many orders all customers within reach are expected to place in 30 days; 0 without values."""
    if latest_value_run() is None:
        return 0.0
    return float(reachable_values(access, store_ids).aggregate(orders=Sum("orders_30"))["orders"] or 0.0)


def reachable_values(access: Actor, store_ids: Iterable[int] | None = None) -> QuerySet[CustomerValue]:
    """Return the values of customers within reach."""
    access.require("insight.view")
    stores = stores_within(access, store_ids)
    return CustomerValue.objects.all() if stores is None else CustomerValue.objects.filter(store_id__in=stores)


def _card(row: CustomerValue, run: ValueRunView) -> ValueCard:
    return ValueCard(
        customer_id=row.customer_id,
        store_id=row.store_id,
        as_of=run.as_of,
        currency=run.currency,
        p_alive=row.p_alive,
        orders_30=row.orders_30,
        orders_90=row.orders_90,
        orders_365=row.orders_365,
        order_minor=row.order_minor,
        value_minor=row.value_minor,
        low_minor=row.low_minor,
        high_minor=row.high_minor,
        before_minor=row.before_minor,
        next_order_date=row.next_order_date,
        next_from_date=row.next_from_date,
        next_to_date=row.next_to_date,
    )
