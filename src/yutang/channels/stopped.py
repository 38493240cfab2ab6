"""What is stopped at this moment, since when and by whom, for whoever shows it; read through `queries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yutang.channels.centre import names_of_campaigns
from yutang.channels.switches import EVERYTHING, STOPPED_CAMPAIGNS, STOPPED_CHANNELS
from yutang.foundation.access import Actor
from yutang.foundation.settings_kept import SettingChange, kept_values, setting_changes


@dataclass(frozen=True)
class Stopped:
    """A channel, a campaign or everything that somebody has stopped.

    Attributes:
        channel: one of `policy.CHANNELS`, or ``all``; empty where a campaign is stopped.
        campaign: key of the campaign or playbook; empty where a channel is stopped.
        name: of the campaign; empty where this room does not know it, as those of playbooks.
        at: since when; None where that is not known any more.
        who: by whom; empty for the system.
    """

    channel: str
    campaign: str
    name: str
    at: datetime | None
    who: str

    @property
    def is_everything(self) -> bool:
        """Whether nothing at all goes out."""
        return self.channel == EVERYTHING


def what_is_stopped(*, access: Actor) -> tuple[Stopped, ...]:
    """Return what is stopped now, everything first, then channels, then campaigns; one question where nothing is."""
    access.require("channels.view")
    kept = kept_values([STOPPED_CHANNELS, STOPPED_CAMPAIGNS])
    channels, campaigns = list(kept[STOPPED_CHANNELS]), list(kept[STOPPED_CAMPAIGNS])
    if not channels and not campaigns:
        return ()
    changes = setting_changes(keys=[STOPPED_CHANNELS, STOPPED_CAMPAIGNS])
    names = names_of_campaigns(campaigns) if campaigns else {}
    found = [_stopped(STOPPED_CHANNELS, one, "", changes) for one in channels]
    found.sort(key=lambda one: not one.is_everything)
    return (*found, *(_stopped(STOPPED_CAMPAIGNS, one, names.get(one, ""), changes) for one in campaigns))


def _stopped(setting: str, what: str, name: str, changes: Sequence[SettingChange]) -> Stopped:
    since = next(
        (one for one in changes if one.key == setting and what in (one.after or ()) and what not in (one.before or ())),
        None,
    )
    return Stopped(
        channel=what if setting == STOPPED_CHANNELS else "",
        campaign=what if setting == STOPPED_CAMPAIGNS else "",
        name=name,
        at=since.at if since else None,
        who=since.who if since else "",
    )
