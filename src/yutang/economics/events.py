"""What the room of economics tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProgrammePaused:
    """A programme paused by itself.

    Attributes:
        programme: its key, such as ``referral:3``.
        pause_id: the pause.
        reason: ``cost``, ``left_at_once``, ``kept``, ``ordered`` or ``budget``.
        saved_fen: what would have been lost with the rest of the budget. Fen.
    """

    programme: str
    pause_id: int
    reason: str
    saved_fen: int


@dataclass(frozen=True)
class ProgrammeResumed:
    """Somebody let a paused programme go on.

    Attributes:
        programme: its key, such as ``referral:3``.
        pause_id: the pause that ended.
    """

    programme: str
    pause_id: int
