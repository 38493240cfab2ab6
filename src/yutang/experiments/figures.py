"""What the lake tells of an experiment: sums by measure, set of shares and arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar

from yutang.experiments.measures import MEASURES
from yutang.experiments.methods.moments import Moments
from yutang.experiments.models import Experiment
from yutang.insight.lake_reading import answer
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.base import Engine
from yutang.lake.manifest import Snapshot

#: What the same people did in so many days before the draw is taken out of the effect. Days.
BEFORE_DAYS = 90
_PLACES = ("measure", "version", "arm")


class FiguresWereNeverWritten(DomainError):
    """The lake does not hold what followed."""

    code: ClassVar[str] = "figures_were_never_written"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The figures do not hold what followed yet. Refresh them: yutang lake sync, or wait for the next import."
    )


@dataclass(frozen=True)
class Figures:
    """Sums of an experiment as of a day.

    Attributes:
        as_of: exclusive day up to which orders were known.
        currency: of amounts.
        cells: ``{measure: {(version, arm): moments}}``.
    """

    as_of: date
    currency: str
    cells: Mapping[str, Mapping[tuple[int, int], Moments]]

    def as_json(self) -> dict[str, Any]:
        """Return the cells as JSON that `cells_from` reads back."""
        return {
            measure: [[*place, asdict(moments)] for place, moments in cells.items()]
            for measure, cells in self.cells.items()
        }

    def counted(self, arm: int, *, measure: str = "bought") -> int:
        """Return how many units of an arm were counted."""
        return sum(one.units for (_, at), one in self.cells.get(measure, {}).items() if at == arm)

    def people(self, arm: int, *, measure: str = "bought") -> int:
        """Return how many people of an arm were counted."""
        return round(sum(one.people for (_, at), one in self.cells.get(measure, {}).items() if at == arm))

    def mean(self, arm: int, *, measure: str) -> float | None:
        """Return a measure a head of an arm, whatever the shares were; None where nobody was counted."""
        cells = [one for (_, at), one in self.cells.get(measure, {}).items() if at == arm]
        people = sum(one.people for one in cells)
        return sum(one.y_mean * one.units for one in cells) / people if people else None

    def did(self, arm: int, *, measure: str) -> float:
        """Return the sum of a measure over an arm: how many people did, of a share."""
        return sum(one.y_mean * one.units for (_, at), one in self.cells.get(measure, {}).items() if at == arm)

    def pair(self, measure: str, arm: int) -> tuple[list[Moments], list[Moments]]:
        """Return an arm and those held out, by the shares at which both have units."""
        cells = self.cells.get(measure, {})
        versions = sorted({version for version, at in cells if at == arm} & {v for v, at in cells if at == 0})
        return [cells[version, arm] for version in versions], [cells[version, 0] for version in versions]


def cells_from(stored: Mapping[str, Sequence[Any]]) -> dict[str, dict[tuple[int, int], Moments]]:
    """Return the cells that `Figures.as_json` wrote."""
    return {
        measure: {(version, arm): Moments(**moments) for version, arm, moments in rows}
        for measure, rows in stored.items()
    }


def require_figures(snapshot: Snapshot) -> None:
    """Refuse a lake that lacks what measures read.

    Raises:
        FiguresWereNeverWritten: it was never written, or by a version that knew no experiments.
    """
    named = catalogue_of("yutang")
    needed = {table for one in MEASURES for table in named[one.query].reads}
    if not needed <= set(snapshot.manifests):
        raise FiguresWereNeverWritten


def read_figures(engine: Engine, *, experiment: Experiment, as_of: date, currency: str) -> Figures:
    """Return the sums of an experiment from the lake: one query for each source of measures, whatever their number of people.

    Args:
        engine: over the lake.
        experiment: which.
        as_of: exclusive day up to which orders are known; what happened later is not looked at.
        currency: of amounts.
    """
    given = {
        "experiment": experiment.pk,
        "within_days": experiment.within_days,
        "before_days": BEFORE_DAYS,
        "as_of": as_of,
        "currency": currency,
    }
    cells: dict[str, dict[tuple[int, int], Moments]] = {one.code: {} for one in MEASURES}
    for name in dict.fromkeys(one.query for one in MEASURES):
        taken = catalogue_of("yutang")[name].params
        for row in answer(engine, name, {key: given[key] for key in taken}).to_pylist():
            moments = {key: value for key, value in row.items() if key not in _PLACES}
            cells[row["measure"]][row["version"], row["arm"]] = Moments(**moments)
    return Figures(as_of, currency, cells)
