"""Playbooks that take people in keep the segments by which they do so from being deleted."""

from __future__ import annotations

from collections.abc import Mapping

from yutang.journeys.models import Playbook, PlaybookState
from yutang.kit.text import N_, Sentence
from yutang.segments.uses import USES, SegmentUse


def playbooks_that_ask_for(*, segment_id: int) -> Mapping[str, Sentence]:
    """Return the playbooks whose trigger is that somebody enters the segment, unless they are drafts or stopped."""
    found = Playbook.objects.filter(
        state__in=(PlaybookState.RUNNING, PlaybookState.PAUSED),
        current__definition__trigger__segment_id=segment_id,
    )
    return {f"playbook:{row.pk}": Sentence(N_("the playbook “%(name)s”"), {"name": row.name}) for row in found}


USES.register(SegmentUse("playbooks", playbooks_that_ask_for))
