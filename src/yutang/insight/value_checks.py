"""How well the models foresee what was held out: in all, by past frequency, and week by week."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from yutang.insight.lake_reading import answer
from yutang.insight.methods import bg_nbd
from yutang.insight.methods.bg_nbd import BgNbd
from yutang.insight.methods.forecasts import ByFrequency, by_frequency, forecast_check, naive_forecasts
from yutang.insight.methods.purchases import WEEK_DAYS, FloatArray
from yutang.insight.valuing import Summary
from yutang.lake.engines.base import Engine


@dataclass(frozen=True)
class Week:
    """Repeat purchases of one week, of customers who came before the end of calibration.

    Attributes:
        ends_on: last day.
        actual: days with a sale after the first, of all customers. Count.
        expected: the same as the model foresees it from the days of first purchases alone.
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


def foreseen(summary: Summary, *, model: BgNbd, days: int) -> FloatArray:
    """Return the orders foreseen of each customer in so many days after the summary; shape (n,)."""
    return bg_nbd.expected_orders(
        model=model, x=summary.x, t_x=summary.t_x / WEEK_DAYS, T=summary.T / WEEK_DAYS, t=days / WEEK_DAYS
    )


def holdout_check(summary: Summary, *, model: BgNbd, days: int) -> dict[str, Any]:
    """Return what happened in the days held out against what was foreseen, and against forecasts without a model; JSON-able.

    Args:
        summary: with what was held out.
        model: fitted to what was not.
        days: length of what was held out. Days, ``>= 1``.
    """
    checked = asdict(forecast_check(actual=summary.holdout, expected=foreseen(summary, model=model, days=days)))
    naive = naive_forecasts(x=summary.x, T=summary.T.astype(np.float64), ahead=days)
    return {
        "days": days,
        "actual": int(summary.holdout.sum()),
        **checked,
        "naive": {name: asdict(forecast_check(actual=summary.holdout, expected=each)) for name, each in naive.items()},
    }


def frequency_check(summary: Summary, *, model: BgNbd, days: int) -> list[ByFrequency]:
    """Return what happened and what was foreseen, a customer, by repeat purchases of the past."""
    return by_frequency(x=summary.x, actual=summary.holdout, expected=foreseen(summary, model=model, days=days))


def weekly_tracking(engine: Engine, *, model: BgNbd, calibration_end: date, as_of: date) -> list[Week]:
    """Return repeat purchases week by week, counted from the first sale, against what the model foresees.

    Source:
        Fader, Hardie & Lee (2005), figures 4 and 5: sums over customers of equation 9 from each one's first purchase.
    """
    rows = answer(engine, "insight.repeat_days", {"calibration_end": calibration_end, "as_of": as_of})
    days = rows["business_date"].cast("int32").to_numpy().astype(np.int64)
    if not len(days):
        return []
    newcomers, repeats = rows["newcomers"].to_numpy(), rows["repeats"].to_numpy()
    start = int(days[0])
    whole_weeks = ((as_of - date(1970, 1, 1)).days - start) // WEEK_DAYS
    begun = days[newcomers > 0]
    arrived = newcomers[newcomers > 0].astype(np.float64)
    actual = np.bincount((days - start) // WEEK_DAYS, repeats, whole_weeks + 1)[:whole_weeks].astype(np.int64)
    sums = [
        float(arrived @ bg_nbd.expected_since_first(model=model, t=np.maximum(end - begun, 0) / WEEK_DAYS))
        for end in range(start + WEEK_DAYS - 1, start + whole_weeks * WEEK_DAYS, WEEK_DAYS)
    ]
    expected = np.diff([0.0, *sums])
    first = date(1970, 1, 1) + timedelta(days=start)
    return [
        Week(
            ends_on=first + timedelta(days=(k + 1) * WEEK_DAYS - 1),
            actual=int(actual[k]),
            expected=float(expected[k]),
            actual_sum=int(actual[: k + 1].sum()),
            expected_sum=sums[k],
            is_held_out=first + timedelta(days=k * WEEK_DAYS) >= calibration_end,
        )
        for k in range(whole_weeks)
    ]
