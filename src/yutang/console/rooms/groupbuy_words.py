"""Group-buying in words: what a campaign promises, how it stands, how likely a group fills."""

from __future__ import annotations

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.groupbuy.views import CampaignView, GroupView
from yutang.kit.text import N_, filled

CAMPAIGN_TONES = {"draft": "plain", "open": "accent", "paused": "warn", "closed": "plain"}
GROUP_TONES = {"open": "info", "filled": "accent", "expired": "warn", "lapsed": "plain"}
LATE_WORDS = {"refund": N_("the money goes back"), "new_group": N_("a new group begins with it")}
#: Why a campaign was paused, in words of the code.
_WHY = {
    "economics": N_("The economics guard paused it: a newcomer who stays costs more than such a newcomer is worth.")
}


def tiers_words(view: CampaignView) -> str:
    """Return sizes and prices: ``2 people ¥99.00 · 3 people ¥89.00``."""
    return " · ".join(
        _("%(n)s people %(price)s") % {"n": size, "price": formats.money(price, "CNY")}
        for size, price in view.terms.tiers
    )


def paused_words(view: CampaignView) -> str:
    """Return why a campaign is paused; empty where it is not."""
    if view.state != "paused":
        return ""
    return _(_WHY[view.paused_why]) if view.paused_why in _WHY else view.paused_why or _("It was paused by hand.")


def left_words(view: CampaignView) -> str:
    """Return how many places are left, and of which stores that is told, for whoever sells them."""
    if view.left_told is None:
        return _("It is used at other stores only.")
    words = _("%(n)s places are left") if view.is_used_here_alone else _("%(n)s places are left in the whole chain")
    return words % {"n": formats.number(view.left_told)}


def _places(view: CampaignView) -> str:
    told = {"stock": formats.number(view.terms.stock)}
    if view.left_told is None:
        return _("%(stock)s in all") % told
    told["left"] = formats.number(view.left_told)
    if view.is_used_here_alone:
        return _("%(left)s of %(stock)s left") % told
    return _("%(left)s of %(stock)s left in the whole chain") % told


def facts(view: CampaignView) -> list[tuple[str, str]]:
    """Return the terms of a campaign, each with its title, but what a place costs."""
    terms = view.terms
    local = filled(_("within %(km)s km of a store"), {"km": terms.radius_km}) if terms.radius_km else _("for everybody")
    return [
        (_("List price"), formats.money(terms.list_minor, "CNY")),
        (_("Hours to fill"), formats.number(terms.hours)),
        (_("Places"), _places(view)),
        (_("Times a person"), formats.number(terms.per_person)),
        (_("Places for newcomers in each group"), formats.number(terms.newcomer_places)),
        (_("Who can buy"), local),
        (_("Stores"), "、".join(view.store_names) or _("all")),
        (_("A payment after the last place"), _(LATE_WORDS[terms.when_late])),
        (_("A place is held"), filled(_("%(n)s minutes"), {"n": terms.hold_minutes})),
        (_("Last moment to start a group"), formats.moment(terms.ends_at)),
        (_("Product code"), terms.product or "—"),
    ]  # fmt: skip


def odds_words(one: GroupView) -> str:
    """Return how likely a group fills: ``58 % (49–66 %), of 132``, and of which groups it is told; empty where it is not open."""
    if one.state != "open":
        return ""
    if one.odds is None or one.odds.share is None or one.odds.low is None or one.odds.high is None:
        return _("not known yet: too few similar groups")
    words = (
        _("%(share)s%% (%(low)s–%(high)s%%), from %(n)s groups")
        if one.odds.own
        else _("%(share)s%% (%(low)s–%(high)s%%), from %(n)s groups of other offers")
    )
    return words % {
        "share": round(100 * one.odds.share),
        "low": round(100 * one.odds.low),
        "high": round(100 * one.odds.high),
        "n": formats.number(one.odds.groups),
    }
