"""What the worklist tells: that somebody did a task, or took that back; of kinds alone whose room wants to hear it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProposalDone:
    """Somebody did what was proposed.

    Attributes:
        proposal_id: the proposal.
        kind: code of its kind.
        subject_id: key of what it is about in the room of the kind; 0: of nothing in particular.
        staff_id: who did it; 0: nobody of the staff.
        outcome: what came of it, one of the kind's.
    """

    proposal_id: int
    kind: str
    subject_id: int
    staff_id: int
    outcome: str


@dataclass(frozen=True)
class ProposalTakenBack:
    """Somebody took back that they had done what was proposed; attributes as of `ProposalDone`."""

    proposal_id: int
    kind: str
    subject_id: int
    staff_id: int
