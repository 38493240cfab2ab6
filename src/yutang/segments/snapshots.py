"""Earlier sets of people, told from the present one and from who came and left since."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from yutang.segments.member_sets import Keys, packed, together, unpacked, without
from yutang.segments.models import Segment, Snapshot

#: Sizes are kept for ever; who came and left is kept for so long.
_CHANGES_KEPT = timedelta(days=400)


def take_snapshot(segment: Segment, people: Keys, *, as_of: date, now: datetime) -> Snapshot:
    """Write who belongs to a segment now, and who came and left since the snapshot before; return the snapshot.

    A second one of a day without any change is not written.

    Args:
        segment: the segment, locked by the caller's transaction.
        people: keys, ascending, shape (n,).
        as_of: exclusive day as of which the rule was asked.
        now: when. Aware UTC.
    """
    before = segment.snapshots.first()
    goes_on = before is not None and before.rule_version == segment.rule_version
    earlier = unpacked(segment.members) if goes_on else people
    entered, left = without(people, earlier), without(earlier, people)
    if before is not None and goes_on and not len(entered) and not len(left) and _same_day(before.taken_at, now):
        return before
    segment.members = packed(people)
    segment.save(update_fields=["members"])
    segment.snapshots.filter(taken_at__lt=now - _CHANGES_KEPT).exclude(entered=b"", left=b"").update(
        entered=b"", left=b""
    )
    return Snapshot.objects.create(
        segment=segment,
        taken_at=now,
        as_of=as_of,
        rule_version=segment.rule_version,
        size=len(people),
        entered_count=len(entered),
        left_count=len(left),
        entered=packed(entered) if len(entered) else b"",
        left=packed(left) if len(left) else b"",
    )


def _same_day(first: datetime, second: datetime) -> bool:
    return timezone.localdate(first) == timezone.localdate(second)


def members_at(segment: Segment, snapshot: Snapshot) -> Keys | None:
    """Return who belonged to a segment at a snapshot; None where the rule has changed since or the changes are forgotten."""
    later = list(segment.snapshots.filter(pk__gt=snapshot.pk).order_by("-pk"))
    people = unpacked(segment.members)
    for one in later:
        forgotten = (one.entered_count and not one.entered) or (one.left_count and not one.left)
        if one.rule_version != snapshot.rule_version or forgotten:
            return None
        people = together(without(people, unpacked(one.entered)), unpacked(one.left))
    return people if snapshot.rule_version == segment.rule_version else None
