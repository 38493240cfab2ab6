"""Which experiments there are and how far each is: what actions and queries both ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.db.models import Count

from yutang.experiments.models import Assignment, Experiment
from yutang.insight.lake_reading import horizon
from yutang.insight.queries import latest_run
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.engines.base import Engine

#: Orders of the last days may come in so much later. Days.
_LATE_DAYS = 30


class NoSuchExperiment(DomainError):
    """There is no experiment of the key."""

    code: ClassVar[str] = "no_such_experiment"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no experiment %(key)s. `yutang experiments list` names those that there are.")


def experiment_named(key: str, *, locked: bool = False) -> Experiment:
    """Return an experiment by its key, to be changed where it is locked.

    Raises:
        NoSuchExperiment: there is none.
    """
    rows = Experiment.objects.select_for_update() if locked else Experiment.objects
    row = rows.filter(key=key).first()
    if row is None:
        raise NoSuchExperiment(key=key)
    return row


@dataclass(frozen=True)
class DrawnDay:
    """Units that were drawn on one day into one arm."""

    day: date
    arm: int
    units: int


def drawn_of(rows: Sequence[Experiment]) -> dict[int, list[DrawnDay]]:
    """Return how many were drawn into which arm on which day, for several experiments in one question."""
    counted = (
        Assignment.objects.filter(experiment__in=[row.pk for row in rows])
        .order_by()
        .values_list("experiment_id", "assigned_date", "arm")
        .annotate(units=Count("pk"))
    )
    found: dict[int, list[DrawnDay]] = defaultdict(list)
    for key, day, arm, units in counted:
        found[key].append(DrawnDay(day, arm, units))
    return found


def is_followed(row: Experiment, *, now: datetime) -> bool:
    """Return whether what followed may still change: until the days of the last people are over and their orders are known."""
    return row.ended_at is None or now < row.ended_at + timedelta(days=row.within_days + _LATE_DAYS)


def horizon_of(engine: Engine, *, today: date) -> tuple[date, str]:
    """Return the exclusive day up to which orders are known, and the main currency."""
    known, run = horizon(engine, today=today), latest_run()
    return (known.known_until or today) + timedelta(days=1), run.currency if run else known.currency
