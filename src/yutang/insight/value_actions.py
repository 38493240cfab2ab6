"""Changes that concern customer value: fitting the models, and giving every customer a value."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.ingest.lake_sync import sync_lake, the_lake
from yutang.insight.lake_reading import Horizon, answer, business_today, horizon, open_engine
from yutang.insight.methods.forecasts import ByFrequency
from yutang.insight.models import ValueFit, ValueRun
from yutang.insight.queries.value import ValueCard, ValueFitView, current_fit, latest_value_run, most_valuable
from yutang.insight.scoring import day_of_comparison
from yutang.insight.value_checks import Week, frequency_check, holdout_check, weekly_tracking
from yutang.insight.value_writing import write_values
from yutang.insight.valuing import (
    LEAST_SPAN_DAYS,
    MODELS,
    VALUE_MODELS,
    SpanIsTooShort,
    bg_nbd_of,
    fit_models,
    gamma_gamma_of,
    kept_form,
    purchase_summary,
    values_of,
)
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.engines.base import Engine


class DayOutOfRange(DomainError):
    """The day lies where no orders are known, or the days are in the wrong order."""

    code = "day_out_of_range"
    http_status = 422
    message = N_(
        "%(option)s must lie between %(least)s and %(most)s, not %(asked)s: orders are known in those days, and something "
        "must be left to be foreseen."
    )


class NoModelIsFitted(DomainError):
    """Values need fitted models."""

    code = "no_model_is_fitted"
    http_status = 409
    message = N_("No model of customer value is fitted yet. Fit one with: yutang value fit")


@dataclass(frozen=True)
class FitReport:
    """What a fit found.

    Attributes:
        fit_id: key of what is kept.
        known_before: exclusive end of the orders that the models saw.
        held_out_before: exclusive end of what was held out; None where nothing was.
        fits: ``{model: {parameter: value, ..., "standard_errors", "log_likelihood", "converged", ...}}``.
        holdout: empty where nothing was held out.
        seconds: how long it took, without bringing the lake up to date.
    """

    fit_id: int
    known_before: date
    held_out_before: date | None
    currency: str
    customers: int
    repeaters: int
    fits: dict[str, Any]
    holdout: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class ValueReport:
    """What a run of the values did; `value_minor` is the sum over customers of the coming 365 days."""

    run_id: int
    as_of: date
    since: date
    currency: str
    customers: int
    value_minor: int
    seconds: float


@dataclass(frozen=True)
class Validation:
    """How well models fitted to the earlier orders foresee the later ones."""

    report: FitReport
    weeks: list[Week]
    by_frequency: list[ByFrequency]


def fit_values(
    *,
    actor: Actor,
    as_of: date | None = None,
    calibration_end: date | None = None,
    models: tuple[str, ...] = VALUE_MODELS,
    now: datetime,
) -> FitReport:
    """Fit the models of customer value and keep them; a refusal is kept too, so that screens can say what is missing.

    What was fitted with nothing held out becomes what values and stages stand on.

    Args:
        actor: who asks.
        as_of: only orders before this day count; None: the day after the last known sale.
        calibration_end: orders from this day on are held out and foreseen; None: nothing is held out.
        models: of `valuing.MODELS`; those that values stand on must be among them.
        now: aware UTC.

    Raises:
        TooFewRepeatBuyers: and the other refusals of `fit_models`.
        DayOutOfRange: a day lies outside what is known.
    """
    actor.require("insight.view")
    sync_lake(now=now)
    with open_engine(the_lake().snapshot()) as engine:
        known, day = _known(engine, as_of=as_of, now=now)
        if calibration_end is not None:
            _require_between(calibration_end, known, day)
        try:
            return _fit(engine, known, day, calibration_end, models, now)
        except DomainError as refusal:
            if calibration_end is None:
                ValueFit.objects.create(
                    fitted_before=day,
                    lake_version=engine.snapshot.version,
                    currency=known.currency,
                    refusal=refusal.sentence.as_json(),
                    fitted_at=now,
                )
            raise


def score_values(*, actor: Actor, as_of: date | None = None, now: datetime) -> ValueReport:
    """Give every customer with an order a value by the fitted models, and keep it.

    Args:
        actor: who asks.
        as_of: only orders before this day count; None: the day after the last known sale.
        now: aware UTC.

    Raises:
        NoModelIsFitted: nothing was fitted yet, or the last try was refused.
    """
    actor.require("insight.view")
    fit = current_fit()
    if fit is None or not fit.fits:
        raise NoModelIsFitted
    started = time.monotonic()
    sync_lake(now=now)
    with open_engine(the_lake().snapshot()) as engine:
        _, day = _known(engine, as_of=as_of, now=now)
        since = day_of_comparison(day)
        rows = answer(
            engine,
            "insight.value_rows",
            inputs={
                "valued": _valued(engine, fit, day),
                "valued_before": _valued(engine, fit, since).select(["customer_id", "value_minor"]),
            },
        )
        write_values(rows, now=now)
        run = ValueRun.objects.create(
            as_of=day,
            since=since,
            fit_id=fit.id,
            lake_version=engine.snapshot.version,
            currency=fit.currency,
            customers=rows.num_rows,
            value_minor=pc.sum(rows["value_minor"]).as_py() or 0,
            started_at=now,
            finished_at=now + timedelta(seconds=time.monotonic() - started),
        )
    sync_lake(now=now)
    return ValueReport(run.pk, day, since, run.currency, run.customers, run.value_minor, time.monotonic() - started)


def bring_values_up_to_date(*, actor: Actor, now: datetime) -> ValueReport | None:
    """Value every customer, fitting models first where there are none; None where the orders cannot carry them.

    What older models said is taken away then: RFM says who is valuable.
    """
    fit = current_fit()
    if fit is None or not fit.fits:
        try:
            fit_values(actor=actor, now=now)
        except DomainError:
            write_values(_nobody(), now=now)
            return None
    return score_values(actor=actor, now=now)


def validate_values(
    *, actor: Actor, as_of: date | None = None, calibration_end: date | None = None, now: datetime
) -> Validation:
    """Fit the models to the earlier orders and hold what they foresee against the later ones.

    Args:
        actor: who asks.
        as_of: only orders before this day count; None: the day after the last known sale.
        calibration_end: orders from this day on are held out; None: the later half of the days is.
        now: aware UTC.
    """
    actor.require("insight.view")
    sync_lake(now=now)
    with open_engine(the_lake().snapshot()) as engine:
        known, day = _known(engine, as_of=as_of, now=now)
        begun = known.known_since or day
        ends = calibration_end or begun + (day - begun) / 2
        _require_between(ends, known, day)
        report = _fit(engine, known, day, ends, MODELS, now)
        model, days = bg_nbd_of(report.fits), (day - ends).days
        summary = purchase_summary(engine, calibration_end=ends, as_of=day, currency=known.currency)
        return Validation(
            report=report,
            weeks=weekly_tracking(engine, model=model, calibration_end=ends, as_of=day),
            by_frequency=frequency_check(summary, model=model, days=days),
        )


def export_values(*, actor: Actor, limit: int | None = None, now: datetime) -> list[ValueCard]:
    """Return values to be written out, highest first, and note in the audit trail who took how many.

    Args:
        actor: who asks; needs ``insight.view``. Customers out of reach are left out.
        limit: how many. Count; None: all.
        now: aware UTC.

    Raises:
        NoModelIsFitted: there are no values.
    """
    if latest_value_run() is None:
        raise NoModelIsFitted
    cards = most_valuable(access=actor, limit=limit)
    audit(actor=actor, action="insight.export_values", detail={"customers": len(cards)}, now=now)
    return cards


def _known(engine: Engine, *, as_of: date | None, now: datetime) -> tuple[Horizon, date]:
    """Return how far orders are known, and the exclusive day up to which they count."""
    today = business_today(now)
    known = horizon(engine, today=today)
    if known.known_until is None or known.known_since is None:
        raise SpanIsTooShort(days=0, needed=LEAST_SPAN_DAYS, missing=LEAST_SPAN_DAYS)
    day = as_of or known.known_until + timedelta(days=1)
    if not known.known_since < day:
        raise DayOutOfRange(
            option="--as-of", asked=str(day - timedelta(days=1)), least=str(known.known_since), most=str(today)
        )
    return known, day


def _require_between(calibration_end: date, known: Horizon, day: date) -> None:
    if known.known_since is None or not known.known_since < calibration_end < day:
        last = timedelta(days=1)
        raise DayOutOfRange(
            option="--calibration-end",
            asked=str(calibration_end - last),
            least=str(known.known_since),
            most=str(day - 2 * last),
        )


def _fit(
    engine: Engine, known: Horizon, day: date, calibration_end: date | None, models: tuple[str, ...], now: datetime
) -> FitReport:
    started = time.monotonic()
    ends = calibration_end or day
    summary = purchase_summary(engine, calibration_end=ends, as_of=day, currency=known.currency)
    fits = {name: kept_form(fit) for name, fit in fit_models(summary, currency=known.currency, models=models).items()}
    holdout = {}
    if calibration_end is not None:
        holdout = holdout_check(summary, model=bg_nbd_of(fits), days=(day - ends).days)
    kept = ValueFit.objects.create(
        fitted_before=ends,
        held_out_before=day if calibration_end else None,
        lake_version=engine.snapshot.version,
        currency=known.currency,
        customers=summary.customers,
        repeaters=summary.repeaters,
        fits=fits,
        holdout=holdout,
        fitted_at=now,
    )
    return FitReport(
        fit_id=kept.pk,
        known_before=ends,
        held_out_before=kept.held_out_before,
        currency=kept.currency,
        customers=kept.customers,
        repeaters=kept.repeaters,
        fits=fits,
        holdout=holdout,
        seconds=time.monotonic() - started,
    )


def _valued(engine: Engine, fit: ValueFitView, day: date) -> pa.Table:
    summary = purchase_summary(engine, calibration_end=day, as_of=day, currency=fit.currency)
    return values_of(
        summary,
        model=bg_nbd_of(fit.fits),
        spend_model=gamma_gamma_of(fit.fits),
        as_of=day,
        currency=fit.currency,
    )


def _nobody() -> pa.Table:
    return pa.table({"customer_id": pa.array([], pa.int64())})
