"""The audit trail: written in the transaction of the change that it tells of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry


def audit(
    *,
    actor: Actor,
    action: str,
    subject_type: str = "",
    subject_id: object = "",
    detail: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Add an entry to the audit trail.

    Args:
        actor: who did it.
        action: what was done, ``room.verb``.
        subject_type: kind of the thing it was done to.
        subject_id: key of that thing.
        detail: JSON-able facts, never clear personal data.
        now: when. Aware UTC.
    """
    AuditEntry.objects.create(
        at=now,
        actor_id=actor.staff_id,
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        detail={**(detail or {}), **({"via": actor.via} if actor.via else {})},
    )
