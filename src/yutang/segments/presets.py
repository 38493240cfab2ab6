"""Segments that everybody has: one for each stage of life, each named group of cells, and each cell of recency and frequency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yutang.insight.rfm import CELL_GROUPS, GRADES
from yutang.kit.text import N_, Sentence
from yutang.lake.fields import FIELDS


@dataclass(frozen=True)
class Preset:
    """A rule that needs no writing.

    Attributes:
        code: ``stage-loyal``, ``rf-core``, ``rf-54``.
        title: what a person reads.
        rule: the rule as JSON.
        stage: the stage, or empty.
        cell: grades of recency and frequency, or None.
        cells: all pairs of grades that belong to it; none for a stage.
    """

    code: str
    title: Sentence
    rule: Mapping[str, Any]
    stage: str = ""
    cell: tuple[int, int] | None = None
    cells: tuple[tuple[int, int], ...] = ()


def presets() -> tuple[Preset, ...]:
    """Return all presets: stages in the order of a customer's life, then the named groups of cells, then the cells."""
    return (*_of_stages(), *_of_groups(), *_of_cells())


def preset_named(code: str) -> Preset | None:
    """Return the preset of a code; None where there is none."""
    return next((one for one in presets() if one.code == code), None)


def _of_stages() -> tuple[Preset, ...]:
    return tuple(
        Preset(
            code=f"stage-{stage}",
            title=Sentence(N_("Stage: %(stage)s"), {"stage": title.as_json()}),
            rule={"version": 1, "rule": {"field": "stage", "is": "in", "value": [stage]}},
            stage=stage,
        )
        for stage, title in FIELDS["stage"].choices.items()
    )


def _of_groups() -> tuple[Preset, ...]:
    return tuple(
        Preset(
            code=f"rf-{group.code}",
            title=Sentence(group.title),
            rule={"version": 1, "rule": {"all": [*_between("r", group.rs), *_between("f", group.fs)]}},
            cells=tuple((r, f) for r in group.rs for f in group.fs),
        )
        for group in CELL_GROUPS
    )


def _between(field: str, grades: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return the conditions that a grade lies in a row of grades; who was never graded is in none."""
    return [
        {"field": field, "is": "at_least", "value": min(grades)},
        {"field": field, "is": "at_most", "value": max(grades)},
    ]


def _of_cells() -> tuple[Preset, ...]:
    return tuple(
        Preset(
            code=f"rf-{r}{f}",
            title=Sentence(N_("Recency %(r)s, frequency %(f)s"), {"r": r, "f": f}),
            rule={
                "version": 1,
                "rule": {
                    "all": [
                        {"field": "r", "is": "equals", "value": r},
                        {"field": "f", "is": "equals", "value": f},
                    ]
                },
            },
            cell=(r, f),
            cells=((r, f),),
        )
        for r in GRADES
        for f in GRADES
    )
