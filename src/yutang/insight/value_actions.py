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
from yutang.insight.models import ValueFit, ValueRun
from yutang.insight.queries.value import ValueCard, current_fit, latest_value_run, most_valuable, trial_fit
from yutang.insight.scoring import day_of_comparison
from yutang.insight.value_checks import Checks, checks_of, holdout_check
from yutang.insight.value_groups import choose_models, grouping_wanted
from yutang.insight.value_models import Places, ValueModels, places_for, value_models_of, values_by_models
from yutang.insight.value_writing import write_values
from yutang.insight.valuing import (
    LEAST_SPAN_DAYS,
    MODELS,
    VALUE_MODELS,
    SpanIsTooShort,
    Summary,
    fit_models,
    kept_form,
    purchase_summary,
)
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.lake.engines.base import Engine


class DayOutOfRange(DomainError):
    """The day lies where no orders are known, or the days are in the wrong order."""

    code = "day_out_of_range"
    http_status = 422
    message = N_(
        "%(option)s must lie between %(least)s and %(most)s, not %(asked)s: orders are known in those days, and something "
        "must be left to be foreseen."
    )


#: Why there is no model, where none was tried.
_FIT_ONE = Sentence(N_("Fit a model first with: yutang value fit"))


class NoModelIsFitted(DomainError):
    """Values need fitted models."""

    code = "no_model_is_fitted"
    http_status = 409
    message = N_("There are no values of customers. %(why)s")


@dataclass(frozen=True)
class FitReport:
    """What a fit found.

    Attributes:
        fit_id: key of what is kept.
        known_before: exclusive end of the orders that the models saw.
        held_out_before: exclusive end of what was held out; None where nothing was.
        fits: ``{model: {parameter: value, ..., "standard_errors", "log_likelihood", "converged", ...}}``.
        holdout: empty where nothing was held out.
        choice: which groups of customers have models of their own, and why, as `value_groups.Choice` writes it.
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
    choice: dict[str, Any]
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
    checks: Checks


def fit_values(
    *,
    actor: Actor,
    as_of: date | None = None,
    calibration_end: date | None = None,
    models: tuple[str, ...] = VALUE_MODELS,
    now: datetime,
) -> FitReport:
    """Fit the models of customer value and keep them; a refusal is kept too, so that screens can say what is missing.

    What was fitted to all orders becomes what values and stages stand on; a fit as of another day is a trial, by which only values
    as of that day are told.

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
            found = _fit(engine, known, day, calibration_end, models)
            return _kept(engine, found, is_trial=_is_trial(known, day), now=now)
        except DomainError as refusal:
            if calibration_end is None:
                ValueFit.objects.create(
                    fitted_before=day,
                    lake_version=engine.snapshot.version,
                    currency=known.currency,
                    refusal=refusal.sentence.as_json(),
                    is_trial=_is_trial(known, day),
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
    fit = (trial_fit(as_of) if as_of else None) or current_fit()
    if fit is None or not fit.fits:
        raise NoModelIsFitted(why=fit.refusal if fit and fit.refusal else _FIT_ONE)
    started = time.monotonic()
    sync_lake(now=now)
    with open_engine(the_lake().snapshot()) as engine:
        _, day = _known(engine, as_of=as_of, now=now)
        since = day_of_comparison(day)
        models = value_models_of(fit.fits, fit.choice)
        places = places_for(engine, models, as_of=day)
        before = _valued(engine, models, places, since, fit.currency)
        rows = answer(
            engine,
            "insight.value_rows",
            inputs={
                "valued": _valued(engine, models, places, day, fit.currency),
                "valued_before": before.select(["customer_id", "value_minor"]),
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
        check_values(actor=actor, now=now)
    return score_values(actor=actor, now=now)


def validate_values(
    *,
    actor: Actor,
    as_of: date | None = None,
    calibration_end: date | None = None,
    models: tuple[str, ...] = MODELS,
    now: datetime,
) -> Validation:
    """Fit the models to the earlier orders and hold what they foresee against the later ones.

    What was asked for without days is kept for the screens.

    Args:
        actor: who asks.
        as_of: only orders before this day count; None: the day after the last known sale.
        calibration_end: orders from this day on are held out; None: the later half of the days is.
        models: of `valuing.MODELS`; those that values stand on must be among them.
        now: aware UTC.
    """
    actor.require("insight.view")
    sync_lake(now=now)
    with open_engine(the_lake().snapshot()) as engine:
        known, day = _known(engine, as_of=as_of, now=now)
        begun = known.known_since or day
        ends = calibration_end or begun + (day - begun) / 2
        _require_between(ends, known, day)
        found = _fit(engine, known, day, ends, models)
        checks = checks_of(
            engine,
            found.summary,
            models=found.models,
            places=found.places,
            calibration_end=ends,
            as_of=day,
            currency=known.currency,
        )
        is_regular = as_of is None and calibration_end is None
        return Validation(_kept(engine, found, checks=checks.as_json() if is_regular else {}, now=now), checks)


def check_values(*, actor: Actor, now: datetime) -> Validation | None:
    """Check the models as the screens show it; None where half of the days carry no models."""
    try:
        return validate_values(actor=actor, models=VALUE_MODELS, now=now)
    except DomainError:
        return None


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
        fit = current_fit()
        raise NoModelIsFitted(why=fit.refusal if fit and fit.refusal else _FIT_ONE)
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
    if not known.known_since < day <= known.known_until + timedelta(days=1):
        raise DayOutOfRange(
            option="--as-of",
            asked=str(day - timedelta(days=1)),
            least=str(known.known_since),
            most=str(known.known_until),
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


@dataclass(frozen=True)
class _Fitted:
    """A fit before it is kept."""

    known_before: date
    held_out_before: date | None
    currency: str
    summary: Summary
    fits: dict[str, Any]
    choice: dict[str, Any]
    models: ValueModels
    places: Places | None
    holdout: dict[str, Any]
    started: float


def _fit(engine: Engine, known: Horizon, day: date, calibration_end: date | None, models: tuple[str, ...]) -> _Fitted:
    started = time.monotonic()
    ends = calibration_end or day
    summary = purchase_summary(engine, calibration_end=ends, as_of=day, currency=known.currency)
    fits = {name: kept_form(fit) for name, fit in fit_models(summary, currency=known.currency, models=models).items()}
    chosen, places = choose_models(
        engine,
        summary,
        by=grouping_wanted(),
        begun=known.known_since or ends,
        known_before=ends,
        currency=known.currency,
    )
    choice = chosen.as_json()
    in_use = value_models_of(fits, choice)
    holdout = {}
    if calibration_end is not None:
        holdout = holdout_check(summary, models=in_use, places=places, days=(day - ends).days)
    return _Fitted(
        ends,
        day if calibration_end else None,
        known.currency,
        summary,
        fits,
        choice,
        in_use,
        places,
        holdout,
        started,
    )


def _is_trial(known: Horizon, day: date) -> bool:
    """Return whether the day is another one than that up to which orders are known."""
    return known.known_until is None or day != known.known_until + timedelta(days=1)


def _kept(
    engine: Engine,
    found: _Fitted,
    *,
    checks: dict[str, Any] | None = None,
    is_trial: bool = False,
    now: datetime,
) -> FitReport:
    kept = ValueFit.objects.create(
        fitted_before=found.known_before,
        held_out_before=found.held_out_before,
        lake_version=engine.snapshot.version,
        currency=found.currency,
        customers=found.summary.customers,
        repeaters=found.summary.repeaters,
        fits=found.fits,
        choice=found.choice,
        holdout=found.holdout,
        checks=checks or {},
        is_trial=is_trial,
        fitted_at=now,
    )
    return FitReport(
        fit_id=kept.pk,
        known_before=kept.fitted_before,
        held_out_before=kept.held_out_before,
        currency=kept.currency,
        customers=kept.customers,
        repeaters=kept.repeaters,
        fits=found.fits,
        holdout=found.holdout,
        choice=found.choice,
        seconds=time.monotonic() - found.started,
    )


def _valued(engine: Engine, models: ValueModels, places: Places | None, day: date, currency: str) -> pa.Table:
    summary = purchase_summary(engine, calibration_end=day, as_of=day, currency=currency)
    return values_by_models(summary, models=models, places=places, as_of=day, currency=currency)


def _nobody() -> pa.Table:
    return pa.table({"customer_id": pa.array([], pa.int64())})
