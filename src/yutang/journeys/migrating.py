"""Bringing people from older versions of a playbook onto the current one, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Count

from yutang.foundation import bulk
from yutang.journeys.definition import Definition
from yutang.journeys.models import Enrolment, Playbook
from yutang.journeys.reading import definition_from_json
from yutang.journeys.standing import arrival
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_AT_ONCE = 20_000
_MOVED = ("version_id", "step", "visit", "due_at", "waits_for", "heard")
_PASSAGE = ("enrolment_id", "version_id", "step", "visit", "at", "outcome", "reason")


class MapIsWrong(DomainError):
    """People stand at a step for which the current version has no place."""

    code: ClassVar[str] = "playbook_map_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "%(people)s people stand at the step %(step)s, and the current version has no step %(to)s. Say at which step they go on."
    )


def moved_over(playbook: Playbook, steps: Mapping[str, str], *, now: datetime) -> int:
    """Bring everybody onto the current version in the caller's transaction, and return how many.

    Who waits keeps the time that has passed: the wait of the new step is counted from when they came to the old one.

    Raises:
        MapIsWrong: a step at which somebody stands leads nowhere, or to what is not there.
    """
    assert playbook.current is not None
    definition = definition_from_json(playbook.current.definition)
    ids = {step.id for step in definition.steps}
    older = Enrolment.objects.filter(playbook=playbook, ended_at=None).exclude(version=playbook.current)
    for step, people in older.order_by("step").values_list("step").annotate(Count("id")):
        if steps.get(step, step) not in ids:
            raise MapIsWrong(people=people, step=step, to=steps.get(step, step))
    moved, after = 0, 0
    while rows := _next(older, after):
        _write(playbook.current.pk, definition, steps, rows, now)
        moved, after = moved + len(rows), rows[-1][0]
    return moved


def _next(older: Any, after: int) -> list[tuple[Any, ...]]:
    block = older.filter(pk__gt=after).select_for_update().order_by("pk")
    return list(block.values_list("pk", "step", "visit", "since")[:_AT_ONCE])


def _write(
    version_id: int, definition: Definition, steps: Mapping[str, str], rows: Sequence[tuple[Any, ...]], now: datetime
) -> None:
    passages, moved = [], []
    written = bulk.db_instant(now)
    for key, step, visit, since in rows:
        to = steps.get(step, step)
        there = arrival(definition, to, at=since)
        due_at = bulk.db_instant(max(now, there.due_at))
        passages.append((key, version_id, step, visit, written, "moved", to))
        moved.append((version_id, to, visit + 1, due_at, there.waits_for, False, key))
    bulk.insert_rows("journeys_passage", _PASSAGE, passages)
    bulk.update_rows("journeys_enrolment", _MOVED, moved)
