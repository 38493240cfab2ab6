"""What is switched off: everything, a channel, or a campaign. Looked at in every claim, and again before each hand-over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from yutang.channels.models import Campaign, CampaignState
from yutang.channels.organisation import CHANNEL_TITLES
from yutang.channels.policy import CHANNELS
from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Stands among the stopped channels for all of them.
EVERYTHING = "all"
STOPPED_CHANNELS = "delivery.stopped_channels"
STOPPED_CAMPAIGNS = "delivery.stopped_campaigns"
_LONGEST_CAMPAIGN = 80


class SendingIsStopped(DomainError):
    """Somebody has switched the channel, the campaign or everything off."""

    code: ClassVar[str] = "sending_is_stopped"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Sending by this channel or for this campaign is stopped. Let it go on first; what is planned waits until then."
    )


def _are_channels(value: Any) -> bool:
    return isinstance(value, list) and len(set(map(str, value))) == len(value) and set(value) <= {EVERYTHING, *CHANNELS}


def _are_campaigns(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and 0 < len(one) <= _LONGEST_CAMPAIGN for one in value)


SETTINGS.register(
    OrganisationSetting(
        key=STOPPED_CHANNELS,
        title=N_("Channels by which nothing is sent now"),
        default=[],
        accepts=_are_channels,
        help=N_(
            "The emergency stop. What is planned waits; what staff have not confirmed yet is taken back from WeCom. What was "
            "sent cannot be called back."
        ),
        choices={EVERYTHING: N_("All channels"), **CHANNEL_TITLES},
        also="channels.send",
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=STOPPED_CAMPAIGNS,
        title=N_("Campaigns and playbooks for which nothing is sent now"),
        default=[],
        accepts=_are_campaigns,
        help=N_("One key a line. The emergency stop for one campaign or playbook, also for one that runs by itself."),
        also="channels.send",
    )
)


@dataclass(frozen=True)
class Switches:
    """What is stopped at this moment.

    Attributes:
        channels: switched off by hand, `EVERYTHING` among them.
        campaigns: switched off by hand.
        paused: campaigns that rest.
        ended: campaigns that are over.
    """

    channels: frozenset[str]
    campaigns: frozenset[str]
    paused: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()

    @property
    def held_campaigns(self) -> frozenset[str]:
        """Campaigns for which nothing goes out."""
        return self.campaigns | self.paused | self.ended

    def hold_channel(self, channel: str) -> bool:
        """Return whether nothing goes out by a channel."""
        return EVERYTHING in self.channels or channel in self.channels

    def hold(self, *, channel: str, campaign: str) -> bool:
        """Return whether a message must not go out now."""
        return self.hold_channel(channel) or campaign in self.held_campaigns

    def take_back(self, *, channel: str, campaign: str) -> bool:
        """Return whether also what staff were asked to send is taken back: not for a campaign that only rests."""
        return self.hold_channel(channel) or campaign in self.campaigns | self.ended


def switches_for(*, campaigns: Collection[str]) -> Switches:
    """Return what is stopped, with those of the campaigns that are not running.

    Args:
        campaigns: keys that are asked about.
    """
    asked = [one for one in campaigns if one]
    resting = Campaign.objects.filter(key__in=asked, state__in=(CampaignState.PAUSED, CampaignState.ENDED)).order_by()
    states = dict(resting.values_list("key", "state")) if asked else {}
    return Switches(
        channels=frozenset(organisation_setting(STOPPED_CHANNELS)),
        campaigns=frozenset(organisation_setting(STOPPED_CAMPAIGNS)),
        paused=frozenset(key for key, state in states.items() if state == CampaignState.PAUSED),
        ended=frozenset(key for key, state in states.items() if state == CampaignState.ENDED),
    )
