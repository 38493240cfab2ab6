"""The room of channel codes: what each brings and costs, and one code in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yutang.codes import queries
from yutang.codes.results import Tally
from yutang.codes.views import BoughtCost, CodeRow, CodeView, NewcomerView, Week
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import codes_words as words
from yutang.console.rooms.beside_programmes import guard_of
from yutang.console.sentences import spoken_name
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.foundation.queries import stores
from yutang.insight.methods.survival import SurvivalStep
from yutang.kit.money import from_minor
from yutang.kit.text import N_

#: Weeks of the picture of a code.
_WEEKS = timedelta(weeks=16)
#: What an answer of the guard means for somebody who came by a code.
_MEANS = {
    "slow": N_("Too many at once: they are friends of the staff, but got no tag, no remark and no group."),
    "review": N_("They are welcomed like anybody, until somebody has looked."),
    "refuse": N_("They are friends of the staff, but got no tag, no remark and no group."),
}
#: People of the list of who came last.
_LATEST = 8


@room("codes.view")
def codes(request: StaffRequest) -> HttpResponseBase:
    """Show every code with what it brought and what one who stayed cost."""
    found = queries.codes(access=request.actor, now=request.now)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    bought = queries.bought_cost(access=request.actor, now=request.now)
    currency = found[0].currency if found else "CNY"
    rows = [(one.name, one.tally) for one in found if one.currency == currency]
    context = {
        "rows": [_row(one) for one in found],
        "picture": words.cost_picture(rows, currency, bought),
        "picture_words": _cost_sentence(rows, currency, bought),
        "has_address": queries.has_public_address(),
        "alarms": sum(one.alarms for one in found),
        "has_cost": request.actor.store_ids is None,
    }
    return render(request, "console/codes/codes.html", context)


@room("codes.view")
def one(request: StaffRequest, code_id: int) -> HttpResponse:
    """Show one code: from scan to order, who stays, where it is printed, who answers, what it costs."""
    view = queries.code_view(access=request.actor, code_id=code_id, now=request.now)
    part = request.htmx and request.htmx.target == "code-spots"
    spots = {
        "view": view,
        "spots": [words.spot(each) for each in view.spots],
        "moving": any(each.duty and not each.is_told and not each.fault for each in view.spots),
    }
    if part:
        return render(request, "console/codes/spots.html", spots)
    currency = view.terms.currency
    bought = queries.bought_cost(access=request.actor, now=request.now)
    curve = queries.kept_curve(access=request.actor, code_id=code_id, now=request.now)
    since = timezone.localtime(request.now).date() - _WEEKS
    weeks = queries.weeks(access=request.actor, code_id=code_id, since=since, now=request.now)
    context = {
        **spots,
        **words.standing(view),
        "kind": _(queries.KIND_TITLES[view.terms.kind]),
        "tiles": _tiles(view),
        "funnel": words.funnel(view.tally) if view.tally.came or view.tally.scans else None,
        "funnel_words": _funnel_words(view.tally),
        "curve": _curve(curve) if view.tally.came else None,
        "curve_words": _curve_words(view.tally),
        "weeks": _weeks(weeks) if view.tally.came else None,
        "weeks_words": _weeks_words(weeks),
        **guard_of(request, f"code:{code_id}", means=_MEANS),
        "costs_picture": words.cost_picture([(view.name, view.tally)], currency, bought),
        "no_cost": words.no_cost_words(view.tally, currency),
        "costs_words": words.cost_words(view.tally, currency, bought),
        "channels": [(name, formats.money(minor, currency)) for name, minor in words.channel_names(bought)],
        "shifts": [words.shift(each, currency) for each in view.shifts],
        "facts": words.facts(view),
        "greetings": words.greetings(view.terms),
        "costs": [(each, formats.money(each.amount_minor, currency)) for each in view.costs],
        "newcomers": _newcomers(request, code_id),
        "layouts": _layouts(),
        "has_address": queries.has_public_address(),
        "today": timezone.localtime(request.now).date().isoformat(),
        "sees_chain": request.actor.store_ids is None,
        "stores": [(each.id, each.name, False) for each in stores(access=request.actor)],
        "fresh": {"orders": formats.moment(view.ordered_until) if view.ordered_until else ""},
    }
    return render(request, "console/codes/code.html", context)


def _layouts() -> list[tuple[str, str]]:
    titles = {
        "poster": _("Poster: one a page"),
        "sign": _("Table sign: four a page"),
        "card": _("Parcel card: ten a page"),
        "badge": _("Badge: twelve a page"),
    }
    return [(name, titles[name]) for name in queries.LAYOUTS]


def _row(one: CodeRow) -> dict[str, Any]:
    tally = one.tally
    return {
        "one": one,
        **words.standing(one),
        "kind": _(queries.KIND_TITLES[one.kind]),
        "staff": formats.listed(list(one.staff[:3])) + ("…" if len(one.staff) > 3 else ""),
        "kept": words.ratio_word(tally, 7),
        "kept_all": " · ".join(f"{label} {share}" for label, share in words.kept_words(tally)),
        "orders": formats.number(tally.orders),
        "sales": words.money_word(tally.sales_minor if tally.orders else None, one.currency),
        "each": words.money_word(tally.cost_per_kept_minor, one.currency),
        "cost": words.money_word(tally.cost_minor, one.currency),
    }


def _tiles(view: CodeView) -> list[dict[str, Any]]:
    tally, currency = view.tally, view.terms.currency
    fresh = _("%(n)s of them new to the shop") % {"n": formats.number(tally.fresh)}
    kept = " · ".join(f"{label} {share}" for label, share in words.kept_words(tally) if label)
    cost = _("%(cost)s in all") % {"cost": words.money_word(tally.cost_minor, currency)}
    each = words.money_word(tally.cost_per_kept_minor, currency)
    sold = _("%(sales)s by %(n)s people") % {
        "sales": words.money_word(tally.sales_minor, currency),
        "n": formats.number(tally.buyers),
    }
    return [
        {"metric": "code_came", "value": formats.number(tally.came), "note": fresh, "lead": True},
        {"metric": "code_kept", "value": words.ratio_word(tally, 7), "note": kept},
        {"metric": "code_orders", "value": formats.number(tally.orders), "note": sold},
        {"metric": "code_cost_per_kept", "value": each, "note": cost},
    ]


def _curve(steps: tuple[SurvivalStep, ...]) -> dict[str, Any]:
    shown = [each for each in steps if each.day >= 0]
    return {
        "days": [each.day for each in shown],
        "share": [each.waiting for each in shown],
        "low": [each.waiting if each.low is None else each.low for each in shown],
        "high": [each.waiting if each.high is None else each.high for each in shown],
        "most": queries.CURVE_DAYS,
        "words": {"day": _("after % days"), "share": _("still friends")},
    }


def _curve_words(tally: Tally) -> str:
    told = " · ".join(f"{label} {share}" for label, share in words.kept_words(tally))
    return _("Share that stayed: %(told)s") % {"told": told}


def _weeks(weeks: tuple[Week, ...]) -> dict[str, Any]:
    parts = (("accent", _("Still friends"), "friends"), ("warn", _("Left since"), "left"))
    return {
        "days": [week.monday.isoformat() for week in weeks],
        "series": [
            {"name": name, "tone": tone, "values": [getattr(week, part) for week in weeks]}
            for tone, name, part in parts
        ],
        "words": {"week": _("week from %")},
    }


def _weeks_words(weeks: tuple[Week, ...]) -> str:
    friends, left = sum(week.friends for week in weeks), sum(week.left for week in weeks)
    return _("In %(weeks)s weeks %(came)s people came, %(left)s of whom have left.") % {
        "weeks": len(weeks),
        "came": formats.number(friends + left),
        "left": formats.number(left),
    }


def _funnel_words(tally: Tally) -> str:
    if tally.scans is None:
        return _("%(came)s people came, %(friends)s are friends now, %(buyers)s ordered since.") % {
            "came": formats.number(tally.came),
            "friends": formats.number(tally.friends),
            "buyers": formats.number(tally.buyers),
        }
    return _("%(scans)s scans, %(came)s people came, %(friends)s are friends now, %(buyers)s ordered since.") % {
        "scans": formats.number(tally.scans),
        "came": formats.number(tally.came),
        "friends": formats.number(tally.friends),
        "buyers": formats.number(tally.buyers),
    }


def _cost_sentence(rows: list[tuple[str, Tally]], currency: str, bought: BoughtCost | None) -> str:
    paid = [(tally.cost_per_kept_minor, tally, name) for name, tally in rows if tally.cost_per_kept_minor is not None]
    if not paid:
        return ""
    _minor, tally, name = min(paid, key=lambda each: (each[0], each[2]))
    told = _("Cheapest is “%(name)s”.") % {"name": name}
    return formats.sentences(told, words.cost_words(tally, currency, bought))


def _newcomers(request: StaffRequest, code_id: int) -> list[dict[str, Any]]:
    """Return who came last, with names, where the reader may see people."""
    if not request.actor.can("customers.view"):
        return []
    found = queries.latest_newcomers(access=request.actor, code_id=code_id, limit=_LATEST)
    keys = [each.customer_id for each in found if each.customer_id is not None]
    known = people.customer_rows(access=request.actor, ids=keys)
    names = {key: spoken_name(row.name) for key, row in known.items()}
    return [_newcomer(each, names.get(each.customer_id or 0, "")) for each in found]


def _newcomer(one: NewcomerView, name: str) -> dict[str, Any]:
    told = [each for each in (one.spot, one.staff, _("known before") if one.was_known else "") if each]
    return {"one": one, "name": name, "told": " · ".join(told), "verdict": words.verdict(one.verdict)}


def _sheet(found: tuple[CodeRow, ...]) -> Sheet:
    titles = [
        _("Channel code"),
        _("Where people meet it"),
        _("Status"),
        pgettext("where a code hangs", "Places"),
        _("Scans"),
        _("Came by it"),
        _("New"),
    ]
    titles += [
        _("Still friends"),
        _("Lost"),
        _("Stayed 1 day"),
        _("Stayed 7 days"),
        _("Stayed 30 days"),
        _("In a group"),
    ]
    titles += [_("Orders since"), _("Sales since"), _("Cost"), _("Cost of one who stayed"), _("Currency")]
    return Sheet(_("Channel codes"), titles, _lines(found))


def _lines(found: tuple[CodeRow, ...]) -> Iterator[list[Any]]:
    for row in found:
        tally, currency = row.tally, row.currency

        def major(minor: int | None, currency: str = currency) -> Any:
            return "" if minor is None else from_minor(minor, currency=currency)

        yield [
            row.name, _(queries.KIND_TITLES[row.kind]), _(queries.STANDING_TITLES[row.standing]), row.spots, tally.scans, tally.came,
            tally.fresh, tally.friends, tally.lost, tally.kept_1, tally.kept_7, tally.kept_30, tally.grouped, tally.orders,
            major(tally.sales_minor), major(tally.cost_minor), major(tally.cost_per_kept_minor), currency,
        ]  # fmt: skip
