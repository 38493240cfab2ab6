"""The audit trail read: by who, what, when and to whom; page by page, or whole for an export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry

#: Nobody reads on in a file that is longer.
MOST_EXPORTED = 100_000


@dataclass(frozen=True)
class AuditView:
    """An entry of the audit trail.

    Attributes:
        actor_name: display name; empty for the system.
        detail: facts, as the action wrote them.
    """

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    action: str
    subject_type: str
    subject_id: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class AuditPage:
    """Entries, newest first, and the key after which the older ones begin; None on the last page."""

    entries: tuple[AuditView, ...]
    next_before: int | None


@dataclass(frozen=True)
class AuditFilter:
    """What is looked for; what is left out restricts nothing.

    Attributes:
        actor_id: who did it; 0 stands for the system.
        action: what was done, whole (``staff.created``) or a room with its dot (``staff.``).
        since: not before. Aware UTC.
        until: before. Aware UTC.
        subject_types: kinds of the thing it was done to; empty: any.
        subject_id: key of that thing.
    """

    actor_id: int | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    subject_types: tuple[str, ...] = ()
    subject_id: str = ""


def audit_page(*, access: Actor, wanted: AuditFilter, before_id: int | None = None, limit: int = 50) -> AuditPage:
    """Return entries, newest first.

    Args:
        access: who looks.
        wanted: what is looked for.
        before_id: only older ones, for the next page.
        limit: how many at most. Count.
    """
    rows = _matching(access, wanted)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    found = [_view(row) for row in rows.select_related("actor").order_by("-id")[: limit + 1]]
    return AuditPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def audit_entries(*, access: Actor, wanted: AuditFilter) -> Iterator[AuditView]:
    """Yield entries, newest first, `MOST_EXPORTED` at most."""
    access.require("audit.export")
    rows = _matching(access, wanted).select_related("actor").order_by("-id")[:MOST_EXPORTED]
    return (_view(row) for row in rows.iterator(chunk_size=2_000))


def actions_in_use(*, access: Actor) -> tuple[str, ...]:
    """Return every action that the trail holds, by name."""
    _require(access)
    return tuple(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())


def _matching(access: Actor, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    _require(access)
    rows = AuditEntry.objects.all()
    if wanted.actor_id is not None:
        rows = rows.filter(actor_id=wanted.actor_id or None)
    if wanted.action:
        by_room = wanted.action.endswith(".")
        rows = rows.filter(action__startswith=wanted.action) if by_room else rows.filter(action=wanted.action)
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(at__lt=wanted.until)
    if wanted.subject_types:
        rows = rows.filter(subject_type__in=wanted.subject_types)
    return rows.filter(subject_id=wanted.subject_id) if wanted.subject_id else rows


def _require(access: Actor) -> None:
    access.require("audit.view")
    # Entries belong to no store, so that nothing of them can be shown to who sees some stores only.
    if access.store_ids is not None:
        raise NotAllowed(permission="audit.view")


def _view(row: AuditEntry) -> AuditView:
    return AuditView(
        id=row.pk,
        at=row.at,
        actor_id=row.actor_id,
        actor_name=row.actor.display_name if row.actor else "",
        action=row.action,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        detail=row.detail,
    )
