"""Every change of the room: saving, changing and deleting segments, snapshots, exports."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from yutang.customers.actions import unmask_customers
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Job, JobStatus
from yutang.ingest.lake_sync import lake_status, sync_lake
from yutang.insight.lake_reading import business_today
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.segments.evaluating import Found, found_by
from yutang.segments.exporting import ClearExport, MaskedExport
from yutang.segments.models import Segment
from yutang.segments.presets import preset_named
from yutang.segments.resolving import NoSuchSegment
from yutang.segments.rules.reading import RuleIsWrong, as_json, rule_from_json
from yutang.segments.rules.tree import Node, segments_in
from yutang.segments.snapshots import take_snapshot
from yutang.segments.uses import first_use

logger = logging.getLogger(__name__)

_LONGEST_NAME = 80


class SegmentNameIsWrong(DomainError):
    """A name is missing, too long, or taken."""

    code: ClassVar[str] = "segment_name_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("A segment needs a name of at most 80 characters that no other segment has.")


class SegmentWasChanged(DomainError):
    """Somebody changed it after it was read."""

    code: ClassVar[str] = "segment_was_changed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This segment was changed after you opened it. Look at what it is now; saving again puts yours in its place."
    )


class NoSuchPreset(DomainError):
    """There is no preset of the code."""

    code: ClassVar[str] = "no_such_preset"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no preset %(preset)s.")


class SegmentIsUsed(DomainError):
    """Something that has begun asks for it."""

    code: ClassVar[str] = "segment_is_used"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This segment cannot be deleted now: %(use)s asks who is in it. End that first.")


class SegmentIsReferredTo(DomainError):
    """Other segments ask for this one."""

    code: ClassVar[str] = "segment_is_referred_to"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The segment “%(name)s” refers to this one. Take the reference out first.")


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh of all segments did.

    Attributes:
        segments: how many there are. Count.
        changed: segments to which somebody came or which somebody left. Count.
        broken: segments whose rule asks for what is no longer there; they are left as they are. Count.
        entered: people who came, over all. Count.
        left: people who left, over all. Count.
    """

    segments: int
    changed: int
    broken: int
    entered: int
    left: int


def save_segment(*, actor: Actor, name: str, rule: Any, preset: str = "", now: datetime) -> int:
    """Save a rule under a name, take its first snapshot, and return the segment's key.

    Args:
        actor: needs ``segments.edit``.
        name: 1 to 80 characters, used once.
        rule: as JSON.
        preset: code of the preset that the rule is; empty for one of one's own.
        now: when. Aware UTC.

    Raises:
        SegmentNameIsWrong: the name is empty, too long or taken.
        RuleIsWrong: the rule cannot be read.
        NoSuchSegment: the rule refers to one that does not exist.
    """
    actor.require("segments.edit")
    read = rule_from_json(rule)
    found = _found_by_all(read, now=now)
    with transaction.atomic():
        segment = Segment.objects.create(
            name=_checked_name(name),
            rule=as_json(read),
            preset=preset,
            created_by_id=actor.staff_id,
            created_at=now,
            changed_at=now,
        )
        take_snapshot(segment, found.people, as_of=found.as_of, now=now)
        audit(actor=actor, action="segments.save", subject_type="segment", subject_id=segment.pk, now=now)
    return segment.pk


def save_preset(*, actor: Actor, preset: str, name: str, now: datetime) -> int:
    """Save a preset as a segment, so that its changes are followed, and return the segment's key.

    Raises:
        NoSuchPreset: there is no preset of the code.
        SegmentNameIsWrong: the name is empty, too long or taken.
    """
    found = preset_named(preset)
    if found is None:
        raise NoSuchPreset(preset=preset)
    return save_segment(actor=actor, name=name, rule=dict(found.rule), preset=preset, now=now)


def change_segment(
    *, actor: Actor, segment_id: int, name: str, rule: Any, seen: datetime | None = None, now: datetime
) -> None:
    """Change a segment's name or rule; another rule begins a new line of snapshots.

    Args:
        actor: needs ``segments.edit``.
        segment_id: which one.
        name: 1 to 80 characters, used once.
        rule: as JSON.
        seen: when the segment that the change was made from had been changed; None: as it is now.
        now: when. Aware UTC.

    Raises:
        NoSuchSegment: there is none, or the rule refers to one that does not exist.
        SegmentNameIsWrong: the name is empty, too long or taken.
        RuleIsWrong: the rule cannot be read.
        SegmentsGoInCircles: the rule leads back to the segment.
        SegmentWasChanged: somebody else changed it meanwhile.
    """
    actor.require("segments.edit")
    read = rule_from_json(rule)
    segment = _segment(segment_id)
    before = segment.changed_at
    if seen is not None and seen != before:
        raise SegmentWasChanged
    is_new = as_json(read) != segment.rule
    found = _found_by_all(read, now=now, of_segment=segment_id) if is_new else None
    with transaction.atomic():
        segment.name = _checked_name(name, of=segment_id)
        segment.rule, segment.changed_at = as_json(read), now
        segment.rule_version += is_new
        if is_new:
            segment.preset = ""
        written = {one: getattr(segment, one) for one in ("name", "rule", "rule_version", "preset", "changed_at")}
        # Of two who change it at the same time the second is refused.
        if not Segment.objects.filter(pk=segment_id, changed_at=before).update(**written):
            raise SegmentWasChanged
        if found is not None:
            take_snapshot(segment, found.people, as_of=found.as_of, now=now)
        audit(actor=actor, action="segments.change", subject_type="segment", subject_id=segment_id, now=now)


@transaction.atomic
def delete_segment(*, actor: Actor, segment_id: int, now: datetime) -> None:
    """Delete a segment with its snapshots.

    Raises:
        NoSuchSegment: there is none.
        SegmentIsReferredTo: another segment asks for it.
        SegmentIsUsed: a campaign that has not asked everybody yet, or a playbook that takes people in, asks for it.
    """
    actor.require("segments.edit")
    segment = _segment(segment_id)
    use = first_use(segment_id)
    if use is not None:
        raise SegmentIsUsed(use=use.as_json())
    for other in Segment.objects.exclude(pk=segment_id).defer("members"):
        if segment_id in segments_in(rule_from_json(other.rule)):
            raise SegmentIsReferredTo(name=other.name)
    audit(
        actor=actor,
        action="segments.delete",
        subject_type="segment",
        subject_id=segment_id,
        detail={"name": segment.name, "rule": segment.rule},
        now=now,
    )
    segment.delete()


def refresh_segments(
    *, actor: Actor, told: Callable[[int, int], None] = lambda done, total: None, now: datetime
) -> RefreshReport:
    """Bring the lake up to date and take a snapshot of every segment that changed, or was not looked at today.

    Args:
        actor: who asks; the system as a rule.
        told: called after each segment with how many are done, and of how many.
        now: when. Aware UTC.
    """
    actor.require("segments.view")
    sync_lake(now=now)
    keys = list(Segment.objects.order_by("pk").values_list("pk", flat=True))
    changed = broken = entered = left = 0
    for done, key in enumerate(keys):
        try:
            came, went = _refresh(key, now=now)
        except (RuleIsWrong, NoSuchSegment) as refused:
            logger.warning("segment %s was left out: %s", key, refused)
            broken += 1
            continue
        changed += bool(came or went)
        entered, left = entered + came, left + went
        told(done + 1, len(keys))
    return RefreshReport(len(keys), changed, broken, entered, left)


def ask_for_refresh(*, actor: Actor, now: datetime) -> bool:
    """Ask for the refresh of all segments where the lake lacks changes of the store; return whether it lacks any.

    Args:
        actor: needs ``segments.view``.
        now: when. Aware UTC.
    """
    actor.require("segments.view")
    if not lake_status().waiting:
        return False
    # Imported here: the task calls the actions.
    from yutang.segments.tasks import refresh_segments as task

    if not Job.objects.filter(task_path=task.module_path, status=JobStatus.WAITING).exists():
        jobs.enqueue(task, {}, now=now)
    return True


def export_masked(*, actor: Actor, rule: Any, segment_id: int | None = None, now: datetime) -> MaskedExport:
    """Return the people within reach who fit a rule as rows of a table, masked, and write down that they left.

    Args:
        actor: needs ``segments.export``.
        rule: as JSON.
        segment_id: the saved segment whose rule it is; None for one that is not saved.
        now: when. Aware UTC.

    Raises:
        RuleIsWrong: the rule cannot be read.
    """
    actor.require("segments.export")
    found = _found(actor, rule, segment_id, now)
    _audit_export(actor, rule, segment_id, len(found.people), clear=False, now=now)
    return MaskedExport(actor, [int(key) for key in found.people])


def export_clear(*, actor: Actor, rule: Any, segment_id: int | None = None, reason: str, now: datetime) -> ClearExport:
    """Return the people within reach who fit a rule as rows of a table in the clear, and write down that they left, and why.

    Args:
        actor: needs ``segments.export`` and ``customers.unmask``.
        rule: as JSON.
        segment_id: the saved segment whose rule it is; None for one that is not saved.
        reason: why it is needed in the clear.
        now: when. Aware UTC.

    Raises:
        RuleIsWrong: the rule cannot be read.
        ReasonIsMissing: no reason was given.
    """
    actor.require("segments.export")
    actor.require("customers.unmask")
    found = _found(actor, rule, segment_id, now)
    keys = [int(key) for key in found.people]
    with transaction.atomic():
        people = unmask_customers(actor=actor, customer_ids=keys, reason=reason, now=now)
        _audit_export(actor, rule, segment_id, len(keys), clear=True, now=now)
    return ClearExport(actor, keys, people)


def _refresh(segment_id: int, *, now: datetime) -> tuple[int, int]:
    """Return how many came and left; a segment that was deleted or changed meanwhile is left to the next time."""
    row = Segment.objects.filter(pk=segment_id).first()
    if row is None:
        return 0, 0
    found = _found_by_all(rule_from_json(row.rule), now=now, of_segment=segment_id)
    with transaction.atomic():
        current = Segment.objects.filter(pk=segment_id, rule_version=row.rule_version).first()
        if current is None:
            return 0, 0
        taken = take_snapshot(current, found.people, as_of=found.as_of, now=now)
        return taken.entered_count, taken.left_count


def _found_by_all(rule: Node, *, now: datetime, of_segment: int | None = None) -> Found:
    """Return everybody who fits: snapshots are of the whole chain, whoever asks for them."""
    return found_by(rule, access=Actor.system(), today=business_today(now), of_segment=of_segment)


def _found(actor: Actor, rule: Any, segment_id: int | None, now: datetime) -> Found:
    return found_by(rule_from_json(rule), access=actor, today=business_today(now), of_segment=segment_id)


def _audit_export(actor: Actor, rule: Any, segment_id: int | None, people: int, *, clear: bool, now: datetime) -> None:
    audit(
        actor=actor,
        action="segments.export",
        subject_type="segment",
        subject_id=segment_id or "",
        detail={"people": people, "clear": clear, "rule": rule},
        now=now,
    )


def _segment(segment_id: int) -> Segment:
    row = Segment.objects.filter(pk=segment_id).first()
    if row is None:
        raise NoSuchSegment(segment_id=segment_id)
    return row


def _checked_name(name: str, *, of: int | None = None) -> str:
    name = name.strip()
    others = Segment.objects.filter(name=name) if of is None else Segment.objects.filter(name=name).exclude(pk=of)
    if not 0 < len(name) <= _LONGEST_NAME or others.exists():
        raise SegmentNameIsWrong
    return name
