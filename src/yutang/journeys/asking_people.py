"""Steps that ask a human: the kind of proposal on today's list."""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind

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
    )
)
