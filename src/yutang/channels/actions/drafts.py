"""Campaigns that come about step by step: each part is held to what it can be when it is chosen, the whole when it is let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.channels.actions.campaigns import (
    CampaignIsIncomplete,
    CampaignWish,
    check_said,
    columns_of,
    faults_of,
    known_campaign,
    new_key,
    reach_of,
    rewrite,
    wish_from,
)
from yutang.channels.audiences_of import audience_from
from yutang.channels.models import Campaign
from yutang.channels.policy import GROUP_CHANNEL
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit

#: Under which name a refusal names a part.
_NAMED = {
    "content": "words",
    "words": "words",
    "fallback_hours": "fallback hours",
    "instead": "something useful instead",
    "held_out_percent": "held out share",
    "starts_at": "time",
    "latest": "time",
}
#: What was chosen for people says nothing to groups, and the other way round.
_OF_THE_WAY: Mapping[str, Any] = {
    "channel": "",
    "intent": "",
    "content": "",
    "words": {},
    "fallback": "",
    "instead": "",
}
#: Parts of which another choice may say something else, or under another intent.
_SAID = frozenset({"content", "words", "intent", "instead", "channel", "fallback"})


@transaction.atomic
def sketch_campaign(*, actor: Actor, name: str, now: datetime) -> int:
    """Begin a campaign of which only the name is known, and return its key in the store.

    Raises:
        CampaignIsIncomplete: the name is empty or too long.
    """
    actor.require("channels.send")
    wish = CampaignWish(name=name, channel="", intent="", audience={})
    if "name" in faults_of(wish):
        raise CampaignIsIncomplete(what="name")
    row = Campaign.objects.create(
        key=new_key(),
        made_by_id=actor.staff_id,
        made_at=now,
        changed_at=now,
        stores=reach_of(actor),
        **columns_of(wish),
    )
    _note(actor, "channels.draft_campaign", row, now)
    return row.pk


@transaction.atomic
def choose_parts(*, actor: Actor, campaign_id: int, parts: Mapping[str, Any], now: datetime) -> CampaignWish:
    """Change some parts of a campaign that was not started, and return what it is to be now.

    Another kind of audience forgets the way and the content: what is written for people is no post to a group.

    Args:
        actor: who chooses.
        campaign_id: which.
        parts: attributes of `CampaignWish` with their new values.
        now: aware UTC.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsElsewhere: it was started.
        CampaignReachesFurther: its audience lies beyond the actor's reach.
        AudienceIsWrong: nobody can tell whom it is for.
        CampaignIsIncomplete: one of these parts cannot be this; says which.
        IntentIsAnother: a content was written for another intent.
    """
    actor.require("channels.send")
    row = known_campaign(campaign_id, actor=actor)
    wish = replace(wish_from(row), **parts)
    columns: dict[str, Any] = {}
    if "audience" in parts:
        by_groups = audience_from(parts["audience"]).is_of_groups
        if wish.channel and (wish.channel == GROUP_CHANNEL) != by_groups and "channel" not in parts:
            wish = replace(wish, **_OF_THE_WAY)
        columns["stores"] = reach_of(actor)
    asked = {_NAMED.get(name, name) for name in parts}
    if not wish.channel:
        # By which way it goes is chosen after for whom it is.
        asked -= {"audience"}
    wrong = [what for what in faults_of(wish) if what in asked]
    if wrong:
        raise CampaignIsIncomplete(what=wrong[0])
    if _SAID & set(parts):
        check_said(wish)
    rewrite(row, columns | columns_of(wish), now=now)
    _note(actor, "channels.change_campaign", row, now)
    return wish


def _note(actor: Actor, action: str, row: Campaign, now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="campaign", subject_id=row.key, detail={"name": row.name}, now=now)
