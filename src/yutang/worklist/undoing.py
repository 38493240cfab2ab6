"""Taking back what was just done to a proposal: how it stood before is kept with it for a while."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.worklist.models import Proposal

#: So long a change can be taken back.
UNDO_FOR = timedelta(minutes=10)


class CannotBeUndone(DomainError):
    """The change is too old, somebody else's, or not the last one."""

    code: ClassVar[str] = "cannot_be_undone"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This can no longer be undone: it is too long ago, or somebody changed it since.")


def state_of(proposal: Proposal, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return how a living proposal stands, who changes it and when, as `restored` reads it."""
    return {
        "status": proposal.status,
        "snoozed_until": proposal.snoozed_until.isoformat() if proposal.snoozed_until else None,
        "due_at": proposal.due_at.isoformat(),
        "by": actor.staff_id,
        "at": now.isoformat(),
    }


def restored(proposal: Proposal, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the columns that a proposal had before the last change.

    Raises:
        CannotBeUndone: nothing is kept, it is somebody else's change, or too long ago.
    """
    kept = proposal.before_change
    if not kept or kept["by"] != actor.staff_id or now - datetime.fromisoformat(kept["at"]) > UNDO_FOR:
        raise CannotBeUndone
    return {
        "status": kept["status"],
        "snoozed_until": date.fromisoformat(kept["snoozed_until"]) if kept["snoozed_until"] else None,
        "due_at": datetime.fromisoformat(kept["due_at"]),
        "outcome": "",
        "outcome_note": "",
        "closed_at": None,
        "closed_by": None,
        "before_change": None,
    }
