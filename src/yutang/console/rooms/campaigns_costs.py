"""What a campaign uses up: charged short messages, e-mails, and places of the platform's own limit."""

from __future__ import annotations

from django.utils.translation import gettext as _

from yutang.channels import queries
from yutang.channels.queries import CampaignView, PreviewView
from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms.campaigns_confirmations import places_taken
from yutang.content import queries as contents


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
    charged, most = _charged(request, campaign, way="sms")
    told = {"n": formats.number(charged), "most": formats.number(most)}
    if campaign.channel != "sms":
        total, most = _charged(request, campaign)
        told |= {"total": formats.number(total), "most": formats.number(most)}
        return (
            _(
                "about %(n)s are charged for people whom the first way cannot reach, %(total)s at most if it reaches nobody; "
                "up to %(most)s for one person"
            )
            % told
        )
    return _("about %(n)s are charged; up to %(most)s for one person") % told


def _charged(request: StaffRequest, campaign: CampaignView, *, way: str = "") -> tuple[int, int]:
    """Return how many short messages those take who get something by one way or (empty) by any, and most for one person."""
    parts, most = 0, 0
    for reference, fates in ((campaign.content, ("now", "at")), (campaign.instead, ("replace",))):
        kind, _colon, named = reference.partition(":")
        going: list[int] = []
        for fate in fates if kind == "content" else ():
            found = queries.receivers_foreseen(access=request.actor, campaign_id=campaign.id, fate=fate, way=way)
            going += [one for one in found if isinstance(one, int)]
        if going:
            cost = contents.short_cost(access=request.actor, reference=named, customer_ids=going, now=request.now)
            parts, most = parts + cost.parts, max(most, cost.most)
    return parts, most
