"""What an experiment says, from its sums: arms, effects with their intervals, what they are worth. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yutang.experiments.figures import Figures
from yutang.experiments.measures import MEASURES, Measure
from yutang.experiments.methods.effects import LEAST_UNITS, PLANNED_UNITS, Effect, effect_of
from yutang.experiments.methods.intervals import Interval, normal_width, share_interval
from yutang.experiments.methods.power import people_needed
from yutang.experiments.methods.shares_check import SharesCheck, check_shares

#: Amounts and counts are told from so many buyers of each arm on: of fewer, one large order decides.
LEAST_BUYERS = 10
_WEEK = 7


@dataclass(frozen=True)
class ArmResult:
    """One arm as far as its days are over.

    Attributes:
        code: name of the arm.
        is_held_out: whether it is left out.
        share: of all, as drawn last. 0-1.
        units: people or groups whose days are over. Count.
        people: people in them. Count.
        means: measures a head, by code; None where nobody was counted.
        intervals: of shares, 95 %, by code; only where people are drawn one by one.
    """

    code: str
    is_held_out: bool
    share: float
    units: int
    people: int
    means: Mapping[str, float | None]
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class MeasureResult:
    """What one measure says of one arm.

    Attributes:
        measure: which.
        arm: code of the arm that is compared with those held out.
        effect: None where there is not enough to say anything.
    """

    measure: Measure
    arm: str
    effect: Effect | None


@dataclass(frozen=True)
class Worth:
    """What an arm brought, and what it brings a week.

    Attributes:
        arm: which.
        people: people of the arm whose days are over. Count.
        minor: more value of all of them. Minor units, like the others.
        low_minor: lower end of the interval for any number of looks; `high_minor` its upper end.
        weeks: from the first draw to the end of the last days that are over.
    """

    arm: str
    people: int
    minor: int
    low_minor: int
    high_minor: int
    weeks: float

    def a_week(self, minor: int) -> int:
        """Return an amount of the whole time a week."""
        return round(minor / self.weeks)


@dataclass(frozen=True)
class Missing:
    """How many more it takes.

    Attributes:
        least: units that the smallest arm lacks before anything is said. Count.
        needed: people of both arms that find the wanted effect four times in five; None where nothing is known of buyers yet, and
            for whole groups.
        more: how many of these are not there yet. Count.
    """

    least: int
    needed: int | None
    more: int


@dataclass(frozen=True)
class Result:
    """Everything that is said of an experiment as of a day."""

    as_of: date
    currency: str
    arms: tuple[ArmResult, ...]
    measures: tuple[MeasureResult, ...]
    worth: tuple[Worth, ...]
    missing: Missing
    shares_check: SharesCheck | None

    def of(self, code: str) -> list[MeasureResult]:
        """Return what one measure says, arm by arm."""
        return [one for one in self.measures if one.measure.code == code]


@dataclass(frozen=True)
class Design:
    """How an experiment was drawn.

    Attributes:
        unit: ``person`` or ``group``.
        shares: ``{arm: ten-thousandths}`` of each version; the first arm is held out.
        within_days: days after the day of the draw that count.
        wanted_ratio: smallest difference of the share of buyers that one wants to see.
        first_date: day of the first draw; None before.
        last_date: day of the last draw whose days are over; None before.
    """

    unit: Literal["person", "group"]
    shares: Sequence[Mapping[str, int]]
    within_days: int
    wanted_ratio: float
    first_date: date | None = None
    last_date: date | None = None


def result_of(*, design: Design, figures: Figures) -> Result:
    """Return what the sums of an experiment say."""
    codes = list(design.shares[-1])
    measures = tuple(
        MeasureResult(measure, code, _effect(design, figures, measure, place))
        for measure in MEASURES
        for place, code in enumerate(codes)
        if place
    )
    return Result(
        as_of=figures.as_of,
        currency=figures.currency,
        arms=tuple(_arm(design, figures, place, code) for place, code in enumerate(codes)),
        measures=measures,
        worth=tuple(_worths(design, figures, measures, codes)),
        missing=_missing(design, figures),
        shares_check=_shares_check(design, figures),
    )


def _arm(design: Design, figures: Figures, place: int, code: str) -> ArmResult:
    shares = design.shares[-1]
    people = figures.people(place)
    intervals = {
        one.code: share_interval(
            happened=figures.did(place, measure=one.code),
            tried=figures.people(place, measure=one.code),
            width=normal_width(),
        )
        for one in MEASURES
        if one.kind == "share" and design.unit == "person" and figures.people(place, measure=one.code)
    }
    return ArmResult(
        code=code,
        is_held_out=place == 0,
        share=shares[code] / sum(shares.values()),
        units=figures.counted(place),
        people=people,
        means={one.code: figures.mean(place, measure=one.code) for one in MEASURES},
        intervals=intervals,
    )


def _effect(design: Design, figures: Figures, measure: Measure, place: int) -> Effect | None:
    if measure.kind != "share" and min(figures.did(at, measure="bought") for at in (0, place)) < LEAST_BUYERS:
        return None
    treated, held_out = figures.pair(measure.code, place)
    return effect_of(kind=measure.kind, unit=design.unit, treated=treated, held_out=held_out)


def _worths(design: Design, figures: Figures, measures: Sequence[MeasureResult], codes: Sequence[str]) -> list[Worth]:
    if design.first_date is None or design.last_date is None:
        return []
    weeks = ((design.last_date - design.first_date).days + design.within_days + 1) / _WEEK
    worths = []
    for one in measures:
        if one.measure.code == "value" and one.effect is not None:
            people = figures.people(codes.index(one.arm))
            ends = (one.effect.value, one.effect.low_always, one.effect.high_always)
            minor, low, high = (round(end * people) for end in ends)
            worths.append(Worth(one.arm, people, minor, low, high, weeks))
    return worths


def _missing(design: Design, figures: Figures) -> Missing:
    """Return how many more it takes, by the share that bought: of those held out, else of everybody before the draw."""
    shares = design.shares[-1]
    counted = [figures.counted(place) for place in range(len(shares))]
    least = max(0, LEAST_UNITS[design.unit] - min(counted))
    usual = _usual_share(figures, counted[0] >= LEAST_UNITS[design.unit])
    # People of one group are alike, so that the number of people says little of how many groups it takes.
    if design.unit == "group" or usual is None or not 0 < usual < 1:
        return Missing(least, None, 0)
    held_out, first = list(shares.values())[:2]
    needed = people_needed(
        effect=design.wanted_ratio,
        variance=usual * (1 - usual),
        held_out_ratio=held_out / (held_out + first),
        planned=PLANNED_UNITS[design.unit],
    )
    there = figures.people(0) + figures.people(1)
    return Missing(least, needed, max(0, needed - there))


def _usual_share(figures: Figures, enough: bool) -> float | None:
    if enough:
        return figures.mean(0, measure="bought")
    cells = list(figures.cells.get("bought", {}).values())
    people = sum(one.people for one in cells)
    return sum(one.x_mean * one.units for one in cells) / people if people else None


def _shares_check(design: Design, figures: Figures) -> SharesCheck | None:
    cells = figures.cells.get("bought", {})
    versions = sorted({version for version, _arm in cells})
    counts, shares = [], []
    for version in versions:
        drawn = list(design.shares[version].values())
        counts.append([cells[version, arm].units if (version, arm) in cells else 0 for arm in range(len(drawn))])
        shares.append([share / sum(drawn) for share in drawn])
    return check_shares(counts=counts, shares=shares)
