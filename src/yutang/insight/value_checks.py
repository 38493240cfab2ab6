"""How well the models foresee what was held out: in all, week by week, by past frequency, and chance by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from yutang.insight.lake_reading import answer
from yutang.insight.methods import bg_nbd
from yutang.insight.methods.forecasts import ByFrequency, by_frequency, forecast_check, naive_forecasts
from yutang.insight.methods.purchases import WEEK_DAYS, FloatArray
from yutang.insight.methods.reliability import Reliability, reliability
from yutang.insight.value_models import Foresight, Places, ValueModels, foresight_by_models
from yutang.insight.valuing import Summary, purchase_summary
from yutang.lake.engines.base import Engine

#: Chances of an order are checked over so many days, or over all that were held out where those are fewer.
SOON_DAYS = 90
_DAY_ZERO = date(1970, 1, 1)


@dataclass(frozen=True)
class Week:
    """Repeat purchases of one week, of customers who came before the end of calibration.

    Attributes:
        ends_on: last day.
        actual: days with a sale after the first, of all customers. Count.
        expected: the same as the models foresee it from the days of first purchases alone.
        actual_sum: from the first week up to this one.
        expected_sum: the same, foreseen.
        is_held_out: whether the week begins in what was held out.
    """

    ends_on: date
    actual: int
    expected: float
    actual_sum: int
    expected_sum: float
    is_held_out: bool


@dataclass(frozen=True)
class Checks:
    """What the models foresaw against what happened.

    Attributes:
        weeks: repeat purchases week by week, from the first sale on.
        by_frequency: orders of what was held out, by repeat purchases before.
        soon_days: how far `soon` looks. Days.
        soon: chances of an order in so many days after the calibration; None without a customer.
        alive: chances of who came back of an order in all days held out, grouped by the chance to be a customer still.
    """

    weeks: tuple[Week, ...]
    by_frequency: tuple[ByFrequency, ...]
    soon_days: int
    soon: Reliability | None
    alive: Reliability | None

    def as_json(self) -> dict[str, Any]:
        """Return the checks as they are kept and shown."""
        return {
            "weekly": [{**asdict(week), "ends_on": week.ends_on.isoformat()} for week in self.weeks],
            "by_frequency": [asdict(group) for group in self.by_frequency],
            "soon_days": self.soon_days,
            "soon": _reliability_json(self.soon),
            "alive": _reliability_json(self.alive),
        }


def checks_of(
    engine: Engine,
    summary: Summary,
    *,
    models: ValueModels,
    places: Places | None,
    calibration_end: date,
    as_of: date,
    currency: str,
) -> Checks:
    """Return all that can be held against what happened between the two days.

    Args:
        engine: over the lake.
        summary: up to `calibration_end`, with what was held out up to `as_of`.
        models: fitted to what was not held out.
        places: by which customers find their models.
        calibration_end: exclusive.
        as_of: exclusive.
        currency: of the summary.
    """
    days = (as_of - calibration_end).days
    soon_days = min(SOON_DAYS, days)
    found = foresight_by_models(summary, models=models, places=places, days=days)
    soon, near = found, summary
    if soon_days < days:
        until = calibration_end + timedelta(days=soon_days)
        near = purchase_summary(engine, calibration_end=calibration_end, as_of=until, currency=currency)
        soon = foresight_by_models(near, models=models, places=places, days=soon_days)
    back = summary.x > 0
    return Checks(
        weeks=tuple(weekly_tracking(engine, summary, models=models, places=places, ends=calibration_end, as_of=as_of)),
        by_frequency=tuple(by_frequency(x=summary.x, actual=summary.holdout, expected=found.orders)),
        soon_days=soon_days,
        soon=reliability(chance=soon.some, happened=near.holdout > 0),
        # By the models nobody stops before coming back once: there is nothing to check of who has not.
        alive=reliability(chance=found.some[back], happened=summary.holdout[back] > 0, said=found.alive[back]),
    )


def holdout_check(summary: Summary, *, models: ValueModels, places: Places | None, days: int) -> dict[str, Any]:
    """Return what happened in the days held out against what was foreseen, and against forecasts without a model; JSON-able.

    Args:
        summary: with what was held out.
        models: fitted to what was not.
        places: by which customers find their models.
        days: length of what was held out. Days, ``>= 1``.

    Returns:
        ``shared`` is what the models for all foresee of everybody; only there where groups have other models of orders.
    """

    def checked(told: Foresight) -> dict[str, Any]:
        return asdict(forecast_check(actual=summary.holdout, expected=told.orders))

    naive = naive_forecasts(x=summary.x, T=summary.T.astype(np.float64), ahead=days)
    found = {
        "days": days,
        "actual": int(summary.holdout.sum()),
        **checked(foresight_by_models(summary, models=models, places=places, days=days)),
        "naive": {name: asdict(forecast_check(actual=summary.holdout, expected=each)) for name, each in naive.items()},
    }
    if any(pair.orders != models.shared.orders for pair in models.own.values()):
        alone = ValueModels(models.shared)
        found["shared"] = checked(foresight_by_models(summary, models=alone, places=None, days=days))
    return found


def weekly_tracking(
    engine: Engine, summary: Summary, *, models: ValueModels, places: Places | None, ends: date, as_of: date
) -> list[Week]:
    """Return repeat purchases week by week, counted from the first sale, against what the models foresee.

    Args:
        engine: over the lake.
        summary: of all customers with a sale before `ends`.
        models: fitted to the days before `ends`.
        places: by which customers find their models.
        ends: exclusive end of calibration.
        as_of: exclusive end of what was held out.

    Source:
        Fader, Hardie & Lee (2005), figures 4 and 5: sums over customers of equation 9 from each one's first purchase.
    """
    rows = answer(engine, "insight.repeat_days", {"calibration_end": ends, "as_of": as_of})
    days = rows["business_date"].cast("int32").to_numpy().astype(np.int64)
    if not len(days):
        return []
    start = int(days[0])
    whole_weeks = ((as_of - _DAY_ZERO).days - start) // WEEK_DAYS
    place = (days - start) // WEEK_DAYS
    actual = np.bincount(place, rows["repeats"].to_numpy(), whole_weeks + 1)[:whole_weeks].astype(np.int64)
    sums = _foreseen_sums(summary, models, places, (ends - _DAY_ZERO).days - 1 - start, whole_weeks)
    first = _DAY_ZERO + timedelta(days=start)
    return [
        Week(
            ends_on=first + timedelta(days=(k + 1) * WEEK_DAYS - 1),
            actual=int(actual[k]),
            expected=float(sums[k] - (sums[k - 1] if k else 0.0)),
            actual_sum=int(actual[: k + 1].sum()),
            expected_sum=float(sums[k]),
            is_held_out=first + timedelta(days=k * WEEK_DAYS) >= ends,
        )
        for k in range(whole_weeks)
    ]


def _foreseen_sums(
    summary: Summary, models: ValueModels, places: Places | None, last_day: int, weeks: int
) -> FloatArray:
    """Return the repeat purchases foreseen up to the end of each week; the last calibration day counts from the first sale."""
    sums = np.zeros(weeks)
    # Day 6 ends the first week.
    week_ends = np.arange(1, weeks + 1) * WEEK_DAYS - 1
    ages = np.arange(max(int(week_ends.max(initial=0)), last_day) + 1, dtype=np.float64)
    for _, pair, rows in models.parts(summary.customer_id, places):
        newcomers = np.bincount(last_day - summary.T[rows], minlength=last_day + 1).astype(np.float64)
        by_age = bg_nbd.expected_since_first(model=pair.orders, t=ages / WEEK_DAYS)
        for week, end in enumerate(week_ends):
            begun = newcomers[: end + 1]
            sums[week] += begun @ by_age[end - np.arange(len(begun))]
    return sums


def _reliability_json(found: Reliability | None) -> Mapping[str, Any] | None:
    if found is None:
        return None
    bins = [asdict(each) for each in found.bins]
    return {**asdict(found), "bins": bins, "skill": found.skill, "gap": found.gap}
