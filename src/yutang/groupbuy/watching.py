"""Which campaigns the economics of programmes do not watch, and why: what is left out is said, not passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yutang.foundation.access import Actor
from yutang.groupbuy.models import Campaign, CampaignState
from yutang.groupbuy.neighbours import programme_of, watched
from yutang.kit.text import N_

#: Why a campaign is not watched.
UNWATCHED_TITLES: Mapping[str, str] = {
    "no_cost": N_("Not watched: what a place costs is not stated, so nobody knows whether it earns or loses."),
    "earns": N_("Not watched: every place is sold for at least what it costs, so a newcomer costs nothing here."),
    "no_budget": N_("Not watched: no budget is stated for what a place costs beyond its price."),
    "unsaved": N_("Not watched yet: it begins when the campaign is saved."),
}


@dataclass(frozen=True)
class Unwatched:
    """A campaign that is not watched; `why` is a code of `UNWATCHED_TITLES`."""

    id: int
    name: str
    why: str


def unwatched(*, access: Actor) -> tuple[Unwatched, ...]:
    """Return the campaigns under way that nothing watches, the newest first.

    Args:
        access: needs ``groupbuy.view``.
    """
    access.require("groupbuy.view")
    known = watched()
    rows = Campaign.objects.filter(state__in=(CampaignState.OPEN, CampaignState.PAUSED)).order_by("-pk")
    return tuple(Unwatched(row.pk, row.name, _why(row)) for row in rows if programme_of(row.pk) not in known)


def why_unwatched(*, access: Actor, campaign_id: int) -> str:
    """Return the code of why a campaign under way is not watched; empty where it is, or where it is not under way."""
    return next((one.why for one in unwatched(access=access) if one.id == campaign_id), "")


def _why(row: Campaign) -> str:
    if not row.cost_minor:
        return "no_cost"
    if row.cost_minor <= min(price for _size, price in row.tiers):
        return "earns"
    return "unsaved" if row.budget_minor else "no_budget"
