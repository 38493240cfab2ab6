"""The emergency stop: everything, a channel, or a campaign or playbook; and letting it go on."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.channels.policy import CHANNELS
from yutang.channels.switches import EVERYTHING, STOPPED_CAMPAIGNS, STOPPED_CHANNELS
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.foundation.queries import organisation_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NothingNamed(DomainError):
    """Neither a channel nor a campaign was named, or one that is none."""

    code: ClassVar[str] = "nothing_named"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Name a channel (%(channels)s), or a campaign by its key of at most 80 characters.")


@transaction.atomic
def stop_sending(*, actor: Actor, channel: str = "", campaign: str = "", now: datetime) -> None:
    """Let nothing go out any more by a channel, or for a campaign; what staff did not confirm is taken back.

    Args:
        actor: who stops; needs ``channels.send``.
        channel: one of `policy.CHANNELS`, or ``all``.
        campaign: key of a campaign or playbook.
        now: aware UTC.

    Raises:
        NothingNamed: nothing was named, or what does not exist.
    """
    _switch(actor, channel, campaign, off=True, now=now)


@transaction.atomic
def let_go_on(*, actor: Actor, channel: str = "", campaign: str = "", now: datetime) -> None:
    """Let what was stopped go on; arguments and refusals as for `stop_sending`."""
    _switch(actor, channel, campaign, off=False, now=now)


def _switch(actor: Actor, channel: str, campaign: str, *, off: bool, now: datetime) -> None:
    names = (EVERYTHING, *CHANNELS)
    if bool(channel) == bool(campaign) or (channel and channel not in names) or len(campaign) > 80:
        raise NothingNamed(channels=", ".join(names))
    setting, name = (STOPPED_CHANNELS, channel) if channel else (STOPPED_CAMPAIGNS, campaign)
    before = list(organisation_setting(setting))
    after = [*before, name] if off and name not in before else [one for one in before if off or one != name]
    if after != before:
        change_setting(actor=actor, key=setting, value=after, now=now)
