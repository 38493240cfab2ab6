"""The room of group-buying: campaigns with what became of their groups, one campaign live, its groups, and its money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.groupbuy_words import (
    CAMPAIGN_TONES,
    GROUP_TONES,
    facts,
    left_words,
    odds_words,
    paused_words,
    tiers_words,
)
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.groupbuy import queries, watching
from yutang.groupbuy.queries import CAMPAIGN_TITLES, GROUP_TITLES
from yutang.groupbuy.views import CampaignView, Day, GroupView, Tally
from yutang.kit.money import from_minor

#: Days of the picture of a campaign; groups on its page, on a page of the list, and in one step of a table that leaves.
_DAYS, _LATEST, _PAGE, _SHEET = timedelta(days=30), 12, 40, 200
#: Parts of a campaign's bar and picture: tone, name in a `Tally`.
_PARTS = (("accent", "filled"), ("info", "open"), ("warn", "expired"))


@room("groupbuy.view")
def campaigns(request: StaffRequest) -> HttpResponseBase:
    """Show every campaign with what became of its groups."""
    counted = queries.tallies(access=request.actor)
    found = [(view, counted.get(view.id, Tally())) for view in queries.campaigns(access=request.actor)]
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    context = {
        "rows": [_row(view, tally) for view, tally in found],
        "legend": _legend(),
        "counts_own_only": not all(view.is_used_here_alone for view, _tally in found),
    }
    return render(request, "console/groupbuy/campaigns.html", context)


@room("groupbuy.view")
def campaign(request: StaffRequest, group_campaign_id: int) -> HttpResponse:
    """Show one campaign: what it promises, what became of its groups, which are filling, and its money."""
    view = queries.campaign_view(access=request.actor, campaign_id=group_campaign_id)
    tally = queries.tallies(access=request.actor, campaign_id=view.id).get(view.id, Tally())
    since = timezone.localtime(request.now).date() - _DAYS
    found = queries.days(access=request.actor, campaign_id=view.id, since=since)
    latest = queries.groups(access=request.actor, campaign_id=view.id, limit=_LATEST, now=request.now)
    sees_costs = request.actor.can("economics.view")
    context = {
        "view": view,
        "state": _(CAMPAIGN_TITLES[view.state]),
        "tone": CAMPAIGN_TONES[view.state],
        "tiers": tiers_words(view),
        "paused": paused_words(view),
        "facts": [*facts(view), *(_costs(request, view) if sees_costs else ())],
        "tally": tally,
        "tiles": [*_tiles(view, tally), *([_margin(view, tally)] if sees_costs else ())],
        "picture": _picture(found) if tally.ended + tally.open else None,
        "picture_words": _picture_words(tally),
        "groups": [group_row(one) for one in latest.rows],
        "has_more": latest.next_key is not None,
        "address": _address(request, view),
    }
    return render(request, "console/groupbuy/campaign.html", context)


@room("groupbuy.view")
def groups(request: StaffRequest) -> HttpResponseBase:
    """Show groups, as the filters narrow them."""
    known = queries.campaigns(access=request.actor)
    asked = number_asked(request.GET.get("campaign", ""))
    campaign_id = asked if asked in {one.id for one in known} else None
    state = request.GET.get("state", "")
    state = state if state in GROUP_TITLES else ""
    if sheet_asked(request):
        return sheet_answer(request, _groups_sheet(request, campaign_id, state))
    after = number_asked(request.GET.get("after", ""))
    page = queries.groups(
        access=request.actor, campaign_id=campaign_id, state=state, after_key=after, limit=_PAGE, now=request.now
    )
    context = {
        "groups": [group_row(one) for one in page.rows],
        "next": page.next_key,
        "campaigns": [(one.id, one.name) for one in known],
        "campaign_id": campaign_id,
        "states": [(code, _(title)) for code, title in GROUP_TITLES.items()],
        "state": state,
        "is_filtered": bool(campaign_id or state),
    }
    return render(request, "console/groupbuy/groups.html", context)


def group_row(one: GroupView) -> dict[str, Any]:
    """Return a group as lists show it."""
    return {
        "one": one,
        "state": _(GROUP_TITLES[one.state]),
        "tone": GROUP_TONES[one.state],
        "places": places_words(one),
        "price": formats.money(one.price_minor, one.currency),
        "odds": odds_words(one),
        "ends": formats.moment(one.ends_at if one.state in {"open", "expired"} else one.ended_at or one.ends_at),
    }


def places_words(one: GroupView) -> str:
    """Return how many places of a group are paid, and of how many the money went back after it filled."""
    told = {"paid": one.present, "size": one.size, "back": one.returned}
    if one.returned:
        return _("%(paid)s of %(size)s paid, %(back)s given back") % told
    return _("%(paid)s of %(size)s paid") % told


def _costs(request: StaffRequest, view: CampaignView) -> list[tuple[str, str]]:
    """Return what a place costs, and of a campaign under way whether the guard of economics watches it, and why not where it does not."""
    cost = (_("Cost of one place"), formats.money(view.terms.cost_minor, "CNY"))
    if view.state not in {"open", "paused"}:
        return [cost]
    why = watching.why_unwatched(access=request.actor, campaign_id=view.id)
    return [cost, (_("Growth economics"), _(watching.UNWATCHED_TITLES[why]) if why else _("watched"))]


def _row(view: CampaignView, tally: Tally) -> dict[str, Any]:
    return {
        "view": view,
        "state": _(CAMPAIGN_TITLES[view.state]),
        "tone": CAMPAIGN_TONES[view.state],
        "tiers": tiers_words(view),
        "tally": tally,
        "bar": _bar(tally),
        "bar_words": formats.listed([f"{_(GROUP_TITLES[name])} {getattr(tally, name)}" for _tone, name in _PARTS]),
        "ratio": _ratio(tally),
        "kept": formats.compact_money(tally.kept_minor, "CNY"),
    }


def _ratio(tally: Tally) -> str:
    return formats.percent(tally.filled_ratio, 0) if tally.filled_ratio is not None else "—"


def _legend() -> list[tuple[str, str]]:
    return [(tone, _(GROUP_TITLES[name])) for tone, name in _PARTS]


def _bar(tally: Tally) -> list[dict[str, str]]:
    parts, left, total = [], 0.0, tally.ended + tally.open
    for tone, name in _PARTS:
        share = 100 * getattr(tally, name) / total if total else 0.0
        if share:
            parts.append({"tone": tone, "left": f"{left:.3f}", "share": f"{share:.3f}"})
        left += share
    return parts


def _tiles(view: CampaignView, tally: Tally) -> list[dict[str, Any]]:
    newcomers = _("%(n)s of them had never bought") % {"n": formats.number(tally.newcomers)}
    waiting = _("%(amount)s more in groups that are filling, %(back)s given back") % {
        "back": formats.compact_money(tally.refunded_minor, "CNY"),
        "amount": formats.compact_money(tally.waiting_minor, "CNY"),
    }
    return [
        {"metric": "groupbuy_open", "value": formats.number(tally.open), "lead": True,
         "note": left_words(view)},
        {"metric": "groupbuy_filled", "value": _ratio(tally),
         "note": _("%(filled)s of %(ended)s") % {"filled": formats.number(tally.filled), "ended": formats.number(tally.ended)}},
        {"metric": "groupbuy_members", "value": formats.number(tally.members), "note": newcomers},
        {"metric": "groupbuy_kept", "value": formats.compact_money(tally.kept_minor, "CNY"), "note": waiting},
    ]  # fmt: skip


def _margin(view: CampaignView, tally: Tally) -> dict[str, Any]:
    cost = tally.members * view.terms.cost_minor
    note = _("after a cost of %(cost)s") % {"cost": formats.compact_money(cost, "CNY")}
    return {
        "metric": "groupbuy_margin",
        "value": formats.compact_money(tally.kept_minor - cost, "CNY"),
        "note": note,
    }


def _picture(found: tuple[Day, ...]) -> dict[str, Any]:
    return {
        "days": [one.day for one in found],
        "series": [
            {"name": _(GROUP_TITLES[name]), "tone": tone, "values": [getattr(one, name) for one in found]}
            for tone, name in _PARTS
        ],
        "words": {"week": "%"},
    }


def _picture_words(tally: Tally) -> str:
    return _("%(filled)s groups filled, %(expired)s did not fill in time, %(open)s are filling.") % {
        name: formats.number(getattr(tally, name)) for name in ("filled", "expired", "open")
    }


def _address(request: StaffRequest, view: CampaignView) -> str:
    path = reverse("group-offer", args=[view.code])
    return f"{settings.YUTANG_PUBLIC_URL}{path}" if settings.YUTANG_PUBLIC_URL else request.build_absolute_uri(path)


def _sheet(found: list[tuple[CampaignView, Tally]]) -> Sheet:
    titles = [
        _("Short name"),
        _("Name"),
        _("State"),
        _("Sizes and prices"),
        _("Places in all"),
        _("Filling"),
        _("Filled"),
    ]
    titles += [
        _("Not filled in time"),
        _("Buyers in groups"),
        _("Newcomers"),
        _("Money kept"),
        _("Money given back"),
        _("Currency"),
    ]
    return Sheet(_("Group-buying"), titles, _lines(found))


def _lines(found: list[tuple[CampaignView, Tally]]) -> Iterator[list[Any]]:
    for view, tally in found:
        kept, back = (from_minor(one, currency="CNY") for one in (tally.kept_minor, tally.refunded_minor))
        yield [
            view.code, view.name, _(CAMPAIGN_TITLES[view.state]), tiers_words(view), view.terms.stock, tally.open, tally.filled,
            tally.expired, tally.members, tally.newcomers, kept, back, "CNY",
        ]  # fmt: skip


def _groups_sheet(request: StaffRequest, campaign_id: int | None, state: str) -> Sheet:
    titles = [
        _("Buying group"),
        _("Offer"),
        _("State"),
        _("Size"),
        _("Paid"),
        _("Price"),
        _("Started"),
        _("Ends or ended"),
    ]
    return Sheet(_("Buying groups"), titles, _group_lines(request, campaign_id, state))


def _group_lines(request: StaffRequest, campaign_id: int | None, state: str) -> Iterator[list[Any]]:
    after: int | None = None
    while True:
        page = queries.groups(
            access=request.actor, campaign_id=campaign_id, state=state, after_key=after, limit=_SHEET, now=request.now
        )
        for one in page.rows:
            price = from_minor(one.price_minor, currency=one.currency)
            yield [
                one.code,
                one.campaign_name,
                _(GROUP_TITLES[one.state]),
                one.size,
                one.present,
                price,
                one.started_at,
                one.ends_at,
            ]
        after = page.next_key
        if after is None:
            return
