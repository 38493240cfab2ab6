"""What a campaign uses up: charged short messages, e-mails, and places of the platform's own limit."""

from __future__ import annotations

from django.utils.translation import gettext as _

from yutang.channels import queries
from yutang.channels.queries import CampaignView, Going, PreviewView
from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms.campaigns_confirmations import places_taken
from yutang.content import queries as contents
from yutang.content.queries import ShortCost


def costs_shown(request: StaffRequest, campaign: CampaignView, preview: PreviewView) -> list[tuple[str, str]]:
    """Return what the campaign uses up: charged short messages, and places of the platform's own limit."""
    policy, rows = queries.current_policy(), []
    ways = {campaign.channel, campaign.fallback}
    if "wecom" in ways:
        said = _("%(n)s: WeCom delivers %(most)s a %(period)s to one customer")
        periods = {"day": _("day"), "week": _("week"), "month": _("month")}
        told = {"most": policy.wecom_person_most, "period": periods[policy.wecom_person_period]}
        rows.append((_("Places of WeCom"), said % {"n": formats.number(places_taken(preview)), **told}))
    if campaign.channel == "group":
        said = _("%(n)s: one post to each group")
        rows.append((_("Places of WeCom"), said % {"n": formats.number(preview.getting)}))
    if "sms" in ways and campaign.content and request.actor.can("content.view"):
        rows.append((_("Short messages"), _short_words(request, campaign)))
    if "email" in ways:
        rows.append((_("E-mails"), formats.number(preview.ways.get("email", preview.getting))))
    return rows


def _short_words(request: StaffRequest, campaign: CampaignView) -> str:
    going = queries.going_foreseen(access=request.actor, campaign_id=campaign.id)
    costs = [(one.channel, _cost(request, one)) for one in going if one.content.startswith("content:")]
    charged = sum(cost.parts for channel, cost in costs if channel == "sms")
    most = max((cost.most for channel, cost in costs if channel == "sms" or campaign.channel != "sms"), default=0)
    told = {"n": formats.number(charged), "most": formats.number(most)}
    if campaign.channel == "sms":
        return _("about %(n)s are charged; up to %(most)s for one person") % told
    told["total"] = formats.number(sum(cost.parts for _channel, cost in costs))
    return (
        _(
            "about %(n)s are charged for people whom the first way cannot reach, %(total)s at most if it reaches nobody; "
            "up to %(most)s for one person"
        )
        % told
    )


def _cost(request: StaffRequest, going: Going) -> ShortCost:
    reference = going.content.partition(":")[2]
    return contents.short_cost(access=request.actor, reference=reference, customer_ids=going.receivers, now=request.now)
