"""Segments that everybody has: one for each stage of life, and one for each cell of recency and frequency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yutang.kit.text import N_, Sentence
from yutang.lake.fields import FIELDS

#: Grades from the lowest to the highest.
GRADES = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Preset:
    """A rule that needs no writing.

    Attributes:
        code: ``stage-loyal``, ``rf-54``.
        title: what a person reads.
        rule: the rule as JSON.
        stage: the stage, or empty.
        cell: grades of recency and frequency, or None.
    """

    code: str
    title: Sentence
    rule: Mapping[str, Any]
    stage: str = ""
    cell: tuple[int, int] | None = None


def presets() -> tuple[Preset, ...]:
    """Return all presets: stages in the order of a customer's life, then the cells."""
    return (*_of_stages(), *_of_cells())


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
        )
        for r in GRADES
        for f in GRADES
    )
