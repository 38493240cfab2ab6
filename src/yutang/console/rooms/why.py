"""Why sales moved: the causes in words, the waterfall, the table of groups, and the customers behind a part."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import AGAINST, Asked, asked_by, compared, half_known, known_since, orders_fresh
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.insight.queries import NOBODY_BEHIND, PARTS
from yutang.kit.money import from_minor
from yutang.kit.text import N_

BREAKDOWNS = {
    "store": N_("Store"),
    "region": N_("Region"),
    "channel": N_("Channel"),
    "staff": N_("Staff"),
    "product": N_("Product"),
    "category": N_("Category"),
    "all": N_("As a whole"),
}
FORMULAS = {
    "traffic": N_("Traffic × entry rate × conversion × order value"),
    "buyers": N_("Buyers × orders a buyer × order value"),
    "new_returning": N_("New and returning buyers"),
}
_COLUMNS_BEHIND = (N_("Orders"), N_("Before"), N_("Now"), N_("Difference"))
_SHOWN_GROUPS = 30
#: More bars than these need a higher chart.
_BARS_OF_A_LOW_CHART = 8
#: Where the lowest level stands above this share of the highest, the axis does not begin at 0.
_ZOOM_FROM = 0.55


@room("insight.view")
@reads_reports
def why(request: StaffRequest) -> HttpResponseBase:
    """Explain the change of sales that the address asks about."""
    asked = asked_by(request)
    by, formula = _choice(request, "by", BREAKDOWNS, "store"), _choice(request, "formula", FORMULAS, "traffic")
    now, before = compared(request, asked)
    comparison = queries.Comparison(
        now, before, by=by, formula=formula, store_ids=asked.store_ids, channel=asked.channel  # type: ignore[arg-type]
    )  # fmt: skip
    found = queries.sales_change(access=request.actor, today=asked.today, asked=comparison)
    if sheet_asked(request):
        return sheet_answer(request, listed.of_change(found, _(BREAKDOWNS[by])))
    context = {
        **asked.context(),
        "breakdowns": [(code, _(title)) for code, title in BREAKDOWNS.items()],
        "formulas": [(code, _(title)) for code, title in FORMULAS.items()],
        "against_choices": [
            *((code, _(title)) for code, title in AGAINST.items()),
            *([("days", _("named days"))] if asked.other else []),
        ],
        "by": by,
        "by_title": _(BREAKDOWNS[by]),
        "formula": formula,
        "against": asked.against,
        "subtitle": f"{span(found)} · {asked.place}",
        "nothing": not found.groups,
        "half_known": half_known(before, known_since(request, asked)),
        "tab": "why",
        "fresh": {"orders": orders_fresh(request, asked)},
        **told(found),
    }
    return render(request, "console/dashboard/why.html", context | _tables(request, asked, found))


@room("insight.view", "customers.view")
@reads_reports
def behind(request: StaffRequest) -> HttpResponseBase:
    """Show the customers behind one part of a change."""
    request.actor.require("customers.view")
    asked = asked_by(request)
    by, formula = _choice(request, "by", BREAKDOWNS, "store"), _choice(request, "formula", FORMULAS, "traffic")
    part, group = request.GET.get("part", ""), request.GET.get("group")
    now, before = compared(request, asked)
    comparison = queries.Comparison(
        now, before, by=by, formula=formula, store_ids=asked.store_ids, channel=asked.channel  # type: ignore[arg-type]
    )  # fmt: skip
    wanted: dict[str, Any] = {"today": asked.today, "asked": comparison, "part": part, "group_key": group}
    if sheet_asked(request):
        every = queries.customers_behind(access=request.actor, **wanted, limit=listed.MOST_PEOPLE)
        return sheet_answer(request, listed.of_changed(request.actor, _(PARTS[part][0]), every))
    found = queries.customers_behind(access=request.actor, **wanted, after=request.GET.get("after"))
    change = queries.sales_change(access=request.actor, today=asked.today, asked=comparison)
    known = people.customer_rows(access=request.actor, ids=[one.customer_id for one in found.customers])
    mine = next((each for each in change.groups if each.key == group), None)
    amount = mine.split.parts.get(part, 0) if mine else 0
    name = spoken(mine.name) if mine else ""
    context = {
        "part": _(PARTS[part][0]),
        "subtitle": " · ".join(filter(None, (name, span(change)))),
        "summary": _summary(found, amount),
        "columns": [
            {"title": _("Customer")},
            *({"title": _(title), "is_number": True} for title in _COLUMNS_BEHIND),
        ],
        "rows": [_row(one, known, found.currency) for one in found.customers if one.customer_id in known],
        "next": found.next_key,
        "later": bool(request.GET.get("after")),
        "may_take": may_take_people(request),
        "back": reverse("dashboard-why") + asked.keep(by=by, formula=formula),
    }
    return render(request, "console/dashboard/behind.html", context)


def told(found: queries.SalesChange) -> dict[str, Any]:
    """Return the causes in words and the waterfall of a change."""
    bars = _bars(found)
    return {
        "causes": spoken(found.causes),
        "waterfall": bars,
        "waterfall_tall": len(bars["bars"]) > _BARS_OF_A_LOW_CHART,
        "waterfall_note": _axis_note(bars, found.currency),
        "waterfall_words": spoken(found.causes),
    }


def span(found: queries.SalesChange) -> str:
    """Return the days of a change in words."""
    return _("%(start)s to %(end)s, against %(before_start)s to %(before_end)s") % {
        "start": formats.day(found.now.start),
        "end": formats.day(found.now.last_day),
        "before_start": formats.day(found.before.start),
        "before_end": formats.day(found.before.last_day),
    }


def _choice(request: StaffRequest, name: str, known: dict[str, str], usual: str) -> str:
    value = request.GET.get(name, "")
    return value if value in known else usual


def _bars(found: queries.SalesChange) -> dict[str, Any]:
    """Return the steps from the sales before to the sales now, as bars on invisible ones."""
    steps: list[tuple[str, int, int, str]] = [(_("Before"), 0, found.before_minor, "total")]
    level = found.before_minor
    for code, amount in found.parts.items():
        steps.append((_(PARTS[code][0]), level, level + amount, "up" if amount > 0 else "down"))
        level += amount
    steps.append((_("Now"), 0, found.now_minor, "total"))
    levels = [end for _label, _start, end, _kind in steps]
    low, high = min(levels), max(levels)
    floats = low >= 0
    begin = low - (high - low) // 3 if floats and high and low > high * _ZOOM_FROM else 0
    return {
        "bars": [
            {
                "label": label,
                "base": _major(min(start, end) if floats else 0, found.currency),
                "size": _major(abs(end - start) if floats else end - start, found.currency),
                "amount": _major(end - start if kind != "total" else end, found.currency),
                "kind": kind,
            }
            for label, start, end, kind in steps
        ],
        "begin": _major(begin, found.currency),
        "begin_minor": begin,
        "currency": found.currency,
    }


def _axis_note(bars: dict[str, Any], currency: str) -> str:
    if not bars["begin_minor"]:
        return ""
    return _("The axis begins at %(amount)s, not at 0.") % {
        "amount": formats.compact_money(bars["begin_minor"], currency)
    }


def _tables(request: StaffRequest, asked: Asked, found: queries.SalesChange) -> dict[str, Any]:
    may_see = request.actor.can("customers.view")
    codes = list(found.parts)
    shown, left = found.groups[:_SHOWN_GROUPS], found.groups[_SHOWN_GROUPS:]
    rows = [
        {
            "name": spoken(group.name),
            "status": group.split.status,
            "before": formats.whole_money(group.split.before_minor, found.currency),
            "now": formats.whole_money(group.split.now_minor, found.currency),
            "difference": amount_cell(group.difference_minor, found.currency),
            "cells": [_cell(asked, found, group, code, may_see=may_see) for code in codes],
        }
        for group in shown
    ]
    rest = sum(group.difference_minor for group in left)
    return {
        "parts": [
            {"title": _(PARTS[code][0]), "amount": amount_cell(amount, found.currency)}
            for code, amount in found.parts.items()
        ],
        "groups": rows,
        "rest": _("%(n)s more groups together: %(amount)s.")
        % {"n": len(left), "amount": signed_money(rest, found.currency)}
        if left
        else "",
        "total": amount_cell(found.difference_minor, found.currency),
        "total_before": formats.whole_money(found.before_minor, found.currency),
        "total_now": formats.whole_money(found.now_minor, found.currency),
        "tiles": _tiles(found),
    }


def _cell(
    asked: Asked, found: queries.SalesChange, group: queries.GroupChange, code: str, *, may_see: bool
) -> dict[str, Any]:
    amount = group.split.parts.get(code, 0)
    cell = {"label": _(PARTS[code][0]), **amount_cell(amount, found.currency), "url": ""}
    if amount and may_see and code not in NOBODY_BEHIND:
        more = {"by": found.by, "formula": found.formula, "part": code}
        if group.key is not None:
            more["group"] = group.key
        cell["url"] = reverse("dashboard-behind") + asked.keep(**more)
    return cell


def _tiles(found: queries.SalesChange) -> list[dict[str, Any]]:
    """Return the formula from the street to the till, where footfall carries it."""
    rungs = found.rungs
    if not found.has_traffic:
        return []
    names = [name for name in ("passers_by", "entries", "visit_orders", "visit_sales_minor") if name in rungs]
    whole = rungs["visit_sales_minor"]
    tiles = [
        _tile(_("Sales in stores"), formats.compact_money(whole[1], found.currency), whole, lead=True)
        | {"factor": _("what footfall explains"), "metric": "store_sales"}
    ]
    titles = {
        "passers_by": (_("Traffic"), _("Passers-by"), "traffic", "passers_by"),
        "entries": (_("Entry rate"), _("entries by passers-by"), "entry_rate", "entry_rate"),
        "visit_orders": (_("Conversion"), _("orders by entries"), "conversion", "conversion"),
        "visit_sales_minor": (_("Order value"), _("sales by orders"), "visit_value", "visit_value"),
    }
    for place, name in enumerate(names):
        title, factor, code, metric = titles[name]
        if place == 0:
            if name == "entries":
                title, factor, code, metric = _("Entries"), _("people who came in"), "entries", "entries"
            tile = _tile(title, formats.compact_number(rungs[name][1]), rungs[name])
        else:
            upper, lower = rungs[name], rungs[names[place - 1]]
            ratios = tuple(upper[side] / lower[side] if lower[side] else None for side in (0, 1))
            tile = _tile(title, _ratio(ratios[1], name, found.currency), ratios)
        amount = found.parts.get(code, 0)
        effect = signed_money(amount, found.currency) if amount else ""
        sign = "=" if place == 0 else "×"
        tiles.append(
            tile
            | {"factor": factor, "effect": effect, "effect_news": "up" if amount > 0 else "down"}
            | {"sign": sign, "metric": metric}
        )
    return tiles


def _tile(label: str, value: str, pair: tuple[float | None, ...], *, lead: bool = False) -> dict[str, Any]:
    had, has = pair
    change = (has - had) / had if had and has is not None else None
    return {"label": label, "value": value, "change": change, "lead": lead, "sign": ""}


def _ratio(value: float | None, name: str, currency: str) -> str:
    if value is None:
        return "—"
    return formats.compact_money(round(value), currency) if name == "visit_sales_minor" else formats.percent(value)


def _summary(found: queries.CustomersBehind, amount: int) -> str:
    text = _(
        "%(n)s customers, whose own purchases changed by %(amount)s together. The part comes to %(part)s: it values the change "
        "at what buyers bring on average, not at what just these spent."
    )
    return text % {
        "n": formats.number(found.count),
        "amount": signed_money(found.difference_minor, found.currency),
        "part": signed_money(amount, found.currency),
    }


def _row(one: queries.CustomerChange, known: dict[int, Any], currency: str) -> dict[str, Any]:
    person = known[one.customer_id]
    return {
        "id": one.customer_id,
        "name": spoken_name(person.name),
        "orders": f"{formats.number(one.orders_before)} → {formats.number(one.orders_now)}",
        "before": formats.whole_money(one.before_minor, currency),
        "now": formats.whole_money(one.now_minor, currency),
        "difference": amount_cell(one.difference_minor, currency),
    }


def amount_cell(minor: int, currency: str) -> dict[str, str]:
    """Return a difference as a cell shows it: its words and whether it is good news."""
    return {
        "text": signed_money(minor, currency) if minor else "—",
        "news": "up" if minor > 0 else "down" if minor else "",
    }


def signed_money(minor: int, currency: str) -> str:
    """Return an amount that carries its sign, with a true minus."""
    sign = "+" if minor > 0 else "−" if minor < 0 else ""
    return f"{sign}{formats.whole_money(abs(minor), currency)}"


def _major(minor: int, currency: str) -> float:
    return float(from_minor(minor, currency=currency))
