"""What a measure of an experiment says: the effect with its intervals, or that there are not enough people yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from yutang.experiments.methods.differences import Difference, difference_of
from yutang.experiments.methods.intervals import (
    Interval,
    any_look_width,
    normal_width,
    one_look,
    share_difference,
)
from yutang.experiments.methods.moments import Moments
from yutang.experiments.methods.power import smallest_effect

Kind = Literal["share", "count", "money"]
Verdict = Literal["more", "less", "open"]

#: Fewer units in an arm say nothing, whatever came out.
LEAST_UNITS = {"person": 100, "group": 20}
#: Effective units at which the interval for any number of looks is narrowest; it is hardly wider at a tenth or at a hundredfold.
PLANNED_UNITS = {"person": 1_000.0, "group": 100.0}
#: Where fewer than so many did, or did not, the normal distribution is too far from a share.
_FEW = 10


@dataclass(frozen=True)
class Effect:
    """How much more of a measure an arm has a head than those held out.

    Attributes:
        value: the difference.
        low: lower end of the interval that holds for one planned look; `high` its upper end.
        low_always: lower end of the interval that holds for any number of looks; `high_always` its upper end.
        verdict: by the latter: more, less, or open.
        method: ``cuped`` (what was there before taken out), ``welch`` (nothing to take out) or ``newcombe`` (few).
        difference: what it was reckoned from.
        smallest: the smallest difference of which as many people are sure four times in five.
    """

    value: float
    low: float
    high: float
    low_always: float
    high_always: float
    verdict: Verdict
    method: Literal["cuped", "welch", "newcombe"]
    difference: Difference
    smallest: float


def effect_of(
    *, kind: Kind, unit: Literal["person", "group"], treated: Sequence[Moments], held_out: Sequence[Moments]
) -> Effect | None:
    """Return the effect on a measure; None where the arms have not enough units to say anything.

    Args:
        kind: a share of people, a count or an amount a head.
        unit: what was drawn.
        treated: the arm, one entry for each set of shares. Shape (k,).
        held_out: those held out, aligned by position. Shape (k,).
    """
    least = min(sum(one.units for one in arm) for arm in (treated, held_out)) if treated and held_out else 0
    found = difference_of(treated=treated, held_out=held_out) if least >= LEAST_UNITS[unit] else None
    if found is None:
        return None
    width = any_look_width(effective_units=found.effective_units, planned=PLANNED_UNITS[unit])
    if kind == "share" and unit == "person" and _is_rare(treated, held_out):
        return _of_few(found, treated[0], held_out[0], width)
    half = width * found.variance**0.5
    now = one_look(value=found.value, variance=found.variance, freedom=found.freedom)
    always = (found.value - half, found.value + half)
    return _effect(found.value, now, always, "cuped" if found.theta else "welch", found, width)


def _is_rare(treated: Sequence[Moments], held_out: Sequence[Moments]) -> bool:
    """Return whether hardly anybody of one arm did, or did not; only where the shares were never changed."""
    if len(treated) != 1:
        return False
    cells = [count for arm in (treated[0], held_out[0]) for count in (_did(arm), arm.units - _did(arm))]
    return min(cells) < _FEW


def _of_few(found: Difference, treated: Moments, held_out: Moments, width: float) -> Effect:
    """Return the effect on a share that hardly anybody has: what was there before tells nothing of so few."""
    first, second = (_did(treated), treated.units), (_did(held_out), held_out.units)
    now = share_difference(first=first, second=second, width=normal_width())
    always = share_difference(first=first, second=second, width=width)
    return _effect(found.raw, now, always, "newcombe", found, width)


def _did(arm: Moments) -> float:
    return float(round(arm.y_mean * arm.units))


def _effect(
    value: float,
    now: Interval,
    always: Interval,
    method: Literal["cuped", "welch", "newcombe"],
    found: Difference,
    width: float,
) -> Effect:
    verdict: Verdict = "more" if always[0] > 0 else "less" if always[1] < 0 else "open"
    variance = found.raw_variance if method == "newcombe" else found.variance
    return Effect(value, *now, *always, verdict, method, found, smallest_effect(variance=variance, width=width))
