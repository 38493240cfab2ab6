"""The emergency stop: everything, a channel, or a campaign or playbook; and letting it go on."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.channels.elsewhere import is_sender
from yutang.channels.models import Campaign, Decision, Touch
from yutang.channels.policy import CHANNELS
from yutang.channels.switches import EVERYTHING, STOPPED_CAMPAIGNS, STOPPED_CHANNELS
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.foundation.queries import organisation_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence


class NothingNamed(DomainError):
    """Neither a channel nor a campaign was named, or both, or a channel that is none."""

    code: ClassVar[str] = "nothing_named"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Name a channel, or a campaign by its key. The channels are: %(channels)s.")


class CampaignIsUnknown(DomainError):
    """No campaign or playbook has this key, and no message names it."""

    code: ClassVar[str] = "campaign_is_unknown"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no campaign or playbook “%(campaign)s”, and no message is of it.")


_CHANNEL_WORDS = N_(
    "all (everything), wecom (WeCom), sms (SMS), email (e-mail), phone (phone calls), group (customer groups)"
)
_LONGEST = 80


@transaction.atomic
def stop_sending(*, actor: Actor, channel: str = "", campaign: str = "", now: datetime) -> None:
    """Let nothing go out any more by a channel, or for a campaign; what staff did not confirm is taken back.

    Args:
        actor: who stops; needs ``channels.send``.
        channel: one of `policy.CHANNELS`, or ``all``.
        campaign: key of a campaign or playbook.
        now: aware UTC.

    Raises:
        NothingNamed: nothing was named, or a channel that does not exist.
        CampaignIsUnknown: there is no such campaign.
    """
    _switch(actor, channel, campaign, off=True, now=now)


@transaction.atomic
def let_go_on(*, actor: Actor, channel: str = "", campaign: str = "", now: datetime) -> None:
    """Let what was stopped go on; arguments and refusals as for `stop_sending`."""
    _switch(actor, channel, campaign, off=False, now=now)


def _switch(actor: Actor, channel: str, campaign: str, *, off: bool, now: datetime) -> None:
    names = (EVERYTHING, *CHANNELS)
    if bool(channel) == bool(campaign) or (channel and channel not in names):
        raise NothingNamed(channels=Sentence(_CHANNEL_WORDS).as_json())
    setting, name = (STOPPED_CHANNELS, channel) if channel else (STOPPED_CAMPAIGNS, campaign)
    before = list(organisation_setting(setting))
    after = [*before, name] if off and name not in before else [one for one in before if off or one != name]
    if after != before:
        if len(name) <= _LONGEST:
            change_setting(actor=actor, key=setting, value=after, now=now)
        # Looked up only after the actor was let through; the refusal takes the change back.
        if campaign and off and not _is_known(campaign):
            raise CampaignIsUnknown(campaign=campaign[:_LONGEST])


def _is_known(campaign: str) -> bool:
    return (
        is_sender(campaign)
        or Campaign.objects.filter(key=campaign).exists()
        or any(table.objects.filter(campaign=campaign).exists() for table in (Touch, Decision))
    )
