"""Every read that others may use: experiments, who was drawn, what followed, and tables from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.db.models import Max

from yutang.experiments.assignment import WHOLE, Arms, Ints
from yutang.experiments.comparing import Comparison, compared_table, read_table
from yutang.experiments.drawing import kept_arms
from yutang.experiments.figures import Figures, FiguresWereNeverWritten, cells_from, read_figures, require_figures
from yutang.experiments.measures import MEASURES, Measure
from yutang.experiments.methods.effects import LEAST_UNITS, PLANNED_UNITS, Effect
from yutang.experiments.methods.power import people_needed
from yutang.experiments.models import Experiment, Reading, Unit
from yutang.experiments.results import ArmResult, Design, MeasureResult, Missing, Result, Worth, result_of
from yutang.experiments.standing import DrawnDay, NoSuchExperiment, drawn_of, experiment_named, horizon_of
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import the_lake
from yutang.insight.lake_reading import business_today, open_engine
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

__all__ = [
    "LEAST_UNITS",
    "MEASURES",
    "PLANNED_UNITS",
    "WHOLE",
    "ArmResult",
    "Comparison",
    "Effect",
    "EffectsAreOfTheChain",
    "ExperimentView",
    "FiguresWereNeverWritten",
    "Measure",
    "MeasureResult",
    "Missing",
    "NoSuchExperiment",
    "Result",
    "Unit",
    "Worth",
    "arms_of",
    "compared_table",
    "experiment_view",
    "experiments",
    "latest_result",
    "latest_results",
    "people_needed",
    "read_table",
    "result_now",
    "titles",
]


@dataclass(frozen=True)
class ExperimentView:
    """An experiment as others see it.

    Attributes:
        shares: ``{arm: share}`` by which is drawn now, the one held out first. 0-1.
        drawn: units by arm, also those whose days are not over, when it was last looked at. Count.
        changes: how often the shares were changed. Count.
        first_date: day of the first draw; None before.
        last_date: day of the latest draw; None before.
    """

    key: str
    title: str
    unit: str
    shares: Mapping[str, float]
    drawn: Mapping[str, int]
    changes: int
    within_days: int
    wanted_ratio: float
    begun_at: datetime
    ended_at: datetime | None
    first_date: date | None
    last_date: date | None

    @property
    def is_running(self) -> bool:
        """Whether new people are drawn."""
        return self.ended_at is None


class EffectsAreOfTheChain(DomainError):
    """Somebody asks for an effect who sees some stores only."""

    code: ClassVar[str] = "effects_are_of_the_chain"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_(
        "Effects are measured over the whole chain, and this access sees some stores only: ask with one that sees all of them."
    )


def experiments(*, access: Actor) -> tuple[tuple[ExperimentView, Result | None], ...]:
    """Return every experiment, the latest first, with what it said when it was last looked at; None: not looked at yet."""
    _require_whole_chain(access)
    rows = list(Experiment.objects.all())
    read = _latest_readings(rows)
    drawn = _drawn(rows, read)
    return tuple((_view(row, drawn[row.pk]), _result(row, drawn[row.pk], read.get(row.pk))) for row in rows)


def experiment_view(*, access: Actor, key: str) -> ExperimentView:
    """Return one experiment.

    Raises:
        NoSuchExperiment: there is none.
        EffectsAreOfTheChain: the actor sees some stores only.
    """
    _require_whole_chain(access)
    row = experiment_named(key)
    return _view(row, _drawn([row], _latest_readings([row]))[row.pk])


def titles(*, access: Actor, keys: Collection[str]) -> dict[str, str]:
    """Return what experiments are called, by key; those that there are not are missing."""
    access.require("experiments.view")
    return dict(Experiment.objects.filter(key__in=set(keys)).order_by().values_list("key", "title"))


def latest_result(*, access: Actor, key: str) -> Result | None:
    """Return what an experiment said when it was last looked at (every morning, and after imports); None before.

    Raises:
        NoSuchExperiment: there is none.
        EffectsAreOfTheChain: the actor sees some stores only.
    """
    _require_whole_chain(access)
    row = experiment_named(key)
    read = _latest_readings([row])
    return _result(row, _drawn([row], read)[row.pk], read.get(row.pk))


def latest_results(*, access: Actor, keys: Collection[str]) -> dict[str, tuple[ExperimentView, Result]]:
    """Return experiments by key with what they said when they were last looked at; without those that there are not or nobody looked at.

    A handful of questions, however many keys.

    Raises:
        EffectsAreOfTheChain: the actor sees some stores only.
    """
    _require_whole_chain(access)
    rows = list(Experiment.objects.filter(key__in=list(keys)))
    read = _latest_readings(rows)
    drawn = _drawn([row for row in rows if row.pk in read], read)
    found = {
        row.key: (_view(row, drawn[row.pk]), _result(row, drawn[row.pk], read[row.pk]))
        for row in rows
        if row.pk in read
    }
    return {key: (view, result) for key, (view, result) in found.items() if result is not None}


def result_now(*, access: Actor, key: str, as_of: date | None = None, now: datetime) -> Result:
    """Return what the lake says of an experiment, looked at now; nothing is kept.

    Args:
        access: needs ``experiments.view``.
        key: of the experiment.
        as_of: first day that is not known; None: as far as orders are known.
        now: when. Aware UTC.

    Raises:
        NoSuchExperiment: there is none.
        EffectsAreOfTheChain: the actor sees some stores only.
        FiguresWereNeverWritten: the lake does not hold what followed.
    """
    _require_whole_chain(access)
    row = experiment_named(key)
    snapshot = the_lake().snapshot()
    require_figures(snapshot)
    with open_engine(snapshot) as engine:
        known, currency = horizon_of(engine, today=business_today(now))
        figures = read_figures(engine, experiment=row, as_of=min(as_of or known, known), currency=currency)
    return result_of(design=_design(row, drawn_of([row])[row.pk], figures.as_of), figures=figures)


def arms_of(*, access: Actor, key: str, customer_ids: Sequence[int] | Ints) -> Arms:
    """Return the kept arm of each person without drawing anybody: 0 is held out, -1 was never drawn. Shape (n,).

    Raises:
        NoSuchExperiment: there is none.
        EffectsAreOfTheChain: the actor sees some stores only.
    """
    _require_whole_chain(access)
    return kept_arms(experiment_named(key), customer_ids)


def _require_whole_chain(access: Actor) -> None:
    """Refuse who sees some stores only: who was drawn, and what followed, is of people of all stores.

    Raises:
        EffectsAreOfTheChain: the actor sees some stores only.
    """
    access.require("experiments.view")
    if access.store_ids is not None:
        raise EffectsAreOfTheChain


def _drawn(rows: Sequence[Experiment], read: Mapping[int, Reading]) -> dict[int, list[DrawnDay]]:
    """Return how many were drawn when each was last looked at; counted now for those that never were."""
    found = {
        key: [DrawnDay(date.fromisoformat(day), arm, units) for day, arm, units in one.drawn]
        for key, one in read.items()
    }
    unread = [row for row in rows if row.pk not in found]
    counted = drawn_of(unread) if unread else {}
    return found | {row.pk: counted.get(row.pk, []) for row in unread}


def _latest_readings(rows: Sequence[Experiment]) -> dict[int, Reading]:
    """Return the latest reading of each experiment, in two questions."""
    of_them = Reading.objects.filter(experiment__in=[row.pk for row in rows]).order_by()
    newest = of_them.values("experiment_id").annotate(newest=Max("as_of")).values_list("experiment_id", "newest")
    days = dict(newest)
    found = Reading.objects.filter(experiment__in=list(days), as_of__in=set(days.values()))
    return {one.experiment_id: one for one in found if days[one.experiment_id] == one.as_of}


def _view(row: Experiment, drawn: Sequence[DrawnDay]) -> ExperimentView:
    shares = row.shares()
    days = [one.day for one in drawn]
    return ExperimentView(
        key=row.key,
        title=row.title,
        unit=row.unit,
        shares={code: share / sum(shares.values()) for code, share in shares.items()},
        drawn={code: sum(one.units for one in drawn if one.arm == place) for place, code in enumerate(shares)},
        changes=len(row.versions) - 1,
        within_days=row.within_days,
        wanted_ratio=row.wanted_ratio,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        first_date=min(days, default=None),
        last_date=max(days, default=None),
    )


def _result(row: Experiment, drawn: Sequence[DrawnDay], reading: Reading | None) -> Result | None:
    if reading is None:
        return None
    figures = Figures(reading.as_of, reading.currency, cells_from(reading.figures))
    return result_of(design=_design(row, drawn, reading.as_of), figures=figures)


def _design(row: Experiment, drawn: Sequence[DrawnDay], as_of: date) -> Design:
    over = [one.day for one in drawn if (as_of - one.day).days > row.within_days]
    return Design(
        unit="group" if row.unit == Unit.GROUP else "person",
        shares=[row.shares(version) for version in range(len(row.versions))],
        within_days=row.within_days,
        wanted_ratio=row.wanted_ratio,
        first_date=min(over, default=None),
        last_date=max(over, default=None),
    )
