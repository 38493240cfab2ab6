"""What is written into the audit trail about the trail itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit


def note_audit_export(*, actor: Actor, asked: Mapping[str, str], now: datetime) -> None:
    """Write down that the audit trail was exported, and by which filters.

    Raises:
        NotAllowed: the actor does not export the trail.
    """
    actor.require("audit.export")
    audit(actor=actor, action="audit.exported", detail={"filters": dict(asked)}, now=now)


def note_list_export(*, actor: Actor, room: str, asked: Mapping[str, str], now: datetime) -> None:
    """Write down that a list of the console was downloaded.

    Args:
        actor: who did it, and was let into the room before.
        room: name of the page.
        asked: its filters.
        now: when. Aware UTC.
    """
    audit(actor=actor, action="audit.list_exported", detail={"list": room, "filters": dict(asked)}, now=now)
