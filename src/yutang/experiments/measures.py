"""What an experiment is measured by. Rooms declare their measures in their `experiment_measures`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yutang.experiments.methods.effects import Kind
from yutang.kit.registry import Registry


@dataclass(frozen=True)
class Measure:
    """One thing that people do or leave after they were drawn.

    Attributes:
        code: stable name; ``measure`` in the rows of the query.
        title: what the screen calls it, marked with `N_`.
        kind: a share of people (each did it or not), a count or an amount a head.
        wanted: whether more of it is good, or less.
        query: named query that stands on the step `experiments.member` and answers with the columns of
            `experiments.done_by_arm`. It takes no parameter but those of that query.
    """

    code: str
    title: str
    kind: Kind
    wanted: Literal["more", "less"]
    query: str


MEASURES: Registry[Measure] = Registry(what="measures of experiments", name_of=lambda one: one.code)
