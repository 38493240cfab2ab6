"""Steps that ask a human: the kind of proposal on today's list."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from yutang.journeys.standing import Move
from yutang.kit.text import N_
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind
from yutang.worklist.models import Proposal

if TYPE_CHECKING:
    from yutang.journeys.blocks import Block
    from yutang.journeys.definition import TaskStep

#: A task for which nobody has a free place is asked for again on so many mornings.
_PATIENCE = timedelta(days=3)
_MORNING = time(8, 0)
TASK_REASON = N_("Playbook “%(playbook)s”: %(words)s")

TASK = KINDS.register(
    ProposalKind(
        code="playbook_task",
        title=N_("Do what a playbook asks"),
        advice=N_("A playbook has come to a step that only a person can do well. Do it in your own words."),
        ordinal=12,
        due_days=2,
        lapses_after_days=5,
        chance=0.05,
        outcomes=(
            Outcome("done", N_("Done, all is well")),
            Outcome("has_problem", N_("Has a problem")),
            Outcome("will_come", N_("Will come again")),
            Outcome("not_reached", N_("Not reached")),
        ),
        is_called=True,
    )
)


def asked_moves(block: Block, step: TaskStep) -> list[Move]:
    """Return what became of tasks that were asked for; who got none because nobody has a place is asked again tomorrow morning."""
    wanted = [f"{TASK.code}:{block.key(row)}" for row in block.rows]
    there = set(Proposal.objects.filter(dedupe_key__in=wanted).values_list("dedupe_key", flat=True))
    morning = next_morning(block.now)
    moves = []
    for row, key in zip(block.rows, wanted, strict=True):
        if key in there:
            moves.append(Move("asked", step.then, block.now))
        elif block.now - row.since < _PATIENCE:
            moves.append(Move("waited", "", morning, "no_place"))
        else:
            moves.append(Move("unable", step.then, block.now, "no_place"))
    return moves


def next_morning(now: datetime) -> datetime:
    """Return eight in the morning of the next day, by the organisation's clock. Aware UTC."""
    tomorrow = timezone.localtime(now).date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, _MORNING))
