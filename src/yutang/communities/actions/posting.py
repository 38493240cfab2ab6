"""One standard post to many groups: a campaign that goes through the contact policy like any other."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yutang.channels.actions import choose_parts, sketch_campaign
from yutang.communities.finding import within_reach
from yutang.communities.refusals import NoGroupsChosen
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError

#: WeCom takes so many groups in one task; a campaign makes as many tasks as it needs.
MOST_GROUPS = 10_000


@transaction.atomic
def plan_post(*, actor: Actor, name: str, community_ids: Sequence[int], content: str = "", now: datetime) -> int:
    """Begin a campaign of one post to groups, and return its key; what it says and when it goes out is chosen there.

    It keeps to the contact policy: groups that rest, are dead, or have had their posts get none, and whoever plans it sees
    beforehand which and why.

    Args:
        actor: needs ``channels.send``.
        name: of the campaign. At most 80 characters.
        community_ids: the groups; those out of reach and closed ones are left out.
        content: of the library, to begin with; empty: chosen later, and so is one that is no post to groups.
        now: aware UTC.

    Raises:
        NoGroupsChosen: none is left.
        CampaignIsIncomplete: the name is empty or too long.
    """
    actor.require("channels.send")
    rows = within_reach(actor).filter(pk__in=list(community_ids)[:MOST_GROUPS], closed_at=None).order_by("pk")
    keys = list(rows.values_list("group__chat_id", flat=True))
    if not keys:
        raise NoGroupsChosen
    campaign_id = sketch_campaign(actor=actor, name=name, now=now)
    choose_parts(actor=actor, campaign_id=campaign_id, parts={"audience": {"groups": keys}}, now=now)
    if content:
        with contextlib.suppress(DomainError), transaction.atomic():
            choose_parts(actor=actor, campaign_id=campaign_id, parts={"content": content}, now=now)
    return campaign_id
