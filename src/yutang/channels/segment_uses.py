"""Campaigns that have not asked everybody yet keep the segments of their audiences from being deleted."""

from __future__ import annotations

from collections.abc import Mapping

from yutang.channels.models import Campaign, CampaignState
from yutang.kit.text import N_, Sentence
from yutang.segments.rules.reading import rule_from_json
from yutang.segments.rules.tree import segments_in
from yutang.segments.uses import USES, SegmentUse

_TO_COME = (CampaignState.READY, CampaignState.RUNNING, CampaignState.PAUSED)


def campaigns_that_ask_for(*, segment_id: int) -> Mapping[str, Sentence]:
    """Return the campaigns that are let go and will still ask who is in the segment."""
    found = Campaign.objects.filter(state__in=_TO_COME, planned_at=None, audience__has_key="rule")
    return {
        row.key: Sentence(N_("the campaign “%(name)s”"), {"name": row.name})
        for row in found.only("key", "name", "audience")
        if segment_id in segments_in(rule_from_json(row.audience["rule"]))
    }


USES.register(SegmentUse("campaigns", campaigns_that_ask_for))
