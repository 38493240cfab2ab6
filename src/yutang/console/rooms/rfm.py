"""Where each customer stands: the grid of recency and frequency, how people moved in a month, who stands in a cell, the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.exports import csv_answer
from yutang.console.rooms.asked import known_before, number_asked, store_chosen
from yutang.console.rooms.rfm_tables import TONES, WITHIN_TITLES, moved, rules_shown, table_rows
from yutang.console.sentences import spoken, spoken_name
from yutang.customers import queries as people
from yutang.foundation.queries import stores as stores_within_reach
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.insight.lake_reading import business_today
from yutang.insight.queries import CELL_GROUPS, GRADES
from yutang.insight.rfm import METHODS, WITHIN, spend_limits
from yutang.insight.rfm_actions import change_rfm_rules, export_graded
from yutang.kit.text import N_, filled

_PAGE = 50
_GROUP_MARK = "~"
_METHOD_TITLES = {"quintiles": N_("Fifths of the buyers"), "thresholds": N_("Fixed thresholds")}


@room("insight.view")
@reads_reports
def rfm(request: StaffRequest) -> HttpResponse:
    """Show the grid, the named groups of cells, and how customers moved within the month before."""
    asked, context = _asked(request)
    found = queries.rfm_grid(access=request.actor, today=business_today(request.now), asked=asked)
    context |= {"nothing": not found.customers, "rules": rules_shown(found.rules, found.currency)}
    if not found.customers:
        return render(request, "console/value/rfm.html", context)
    movement = queries.rfm_movement(access=request.actor, today=business_today(request.now), asked=asked)
    may_open = request.actor.can("customers.view")
    context |= {
        "subtitle": _subtitle(found, context["store_name"]),
        "fresh": {"scores": known_before(found.as_of)},
        "may_open": may_open,
        "may_change": request.actor.can("settings.manage"),
        "grid": _grid(found),
        "grades": [{"f": f, "span": _orders(found.orders.get(f))} for f in GRADES],
        "grid_metric": f"rfm_grid_{found.rules.method}",
        "ties_note": _ties_note(found),
        "cell_groups": _cell_groups(found),
        "cell_groups_most": max(found.within(one) for one in CELL_GROUPS) or 1,
        "graded_among": _graded_among(request, found),
        "moved": moved(movement) if movement else None,
        "methods": [(code, _(_METHOD_TITLES[code])) for code in METHODS],
        "withins": [(code, _(WITHIN_TITLES[code])) for code in WITHIN],
        "given": found.rules.as_json(),
    }
    return render(request, "console/value/rfm.html", context)


@room("insight.view")
def download(request: StaffRequest) -> StreamingHttpResponse:
    """Send the grid and the movement as a table."""
    asked, context = _asked(request)
    today = business_today(request.now)
    found = queries.rfm_grid(access=request.actor, today=today, asked=asked)
    movement = queries.rfm_movement(access=request.actor, today=today, asked=asked)
    name = f"rfm-{_last_day(found.as_of)}.csv"
    return csv_answer(table_rows(found, movement, stores=context["store_name"]), file_name=name)


@room("insight.view", "customers.view")
@reads_reports
def customers(request: StaffRequest) -> HttpResponse:
    """Show the customers of a cell or of a group of cells, page by page."""
    request.actor.require("customers.view")
    asked, context = _asked(request)
    rs, fs, title, preset = _cells(request)
    found = queries.rfm_customers(
        access=request.actor,
        today=business_today(request.now),
        rs=rs,
        fs=fs,
        asked=asked,
        after=request.GET.get("after"),
        limit=_PAGE,
    )
    rows = people.customer_rows(access=request.actor, ids=[one.customer_id for one in found.customers])
    context |= {
        "title": title,
        "subtitle": f"{_as_of_words(found.as_of)} · {context['store_name']}",
        "summary": filled(
            _("%(n)s customers, who spent %(amount)s together."),
            {"n": formats.number(found.count), "amount": formats.compact_money(found.spend_minor, found.currency)},
        ),
        "rows": [
            _row(one, rows[one.customer_id], found.currency) for one in found.customers if one.customer_id in rows
        ],
        "next": found.next_key,
        "later": bool(request.GET.get("after")),
        "back": f"{reverse('value-rfm')}?{context['keep']}",
        "preset": preset if context["is_latest"] and asked.store_ids is None and asked.group_key is None else "",
        "may_export": request.actor.can("segments.export"),
    }
    return render(request, "console/value/rfm_customers.html", context)


@room("segments.export")
@require_POST
def export(request: StaffRequest) -> StreamingHttpResponse:
    """Send the customers of a cell or of a group of cells as a table, names masked."""
    asked, _context = _asked(request)
    rs, fs, title, _preset = _cells(request)
    exported = export_graded(
        actor=request.actor, today=business_today(request.now), rs=rs, fs=fs, asked=asked, now=request.now
    )
    answer = csv_answer(exported.rows(spoken), file_name=f"{title}-{_last_day(exported.as_of)}.csv")
    answer["Cache-Control"] = "no-store"
    return answer


@room("settings.manage")
@require_POST
def change_rules(request: StaffRequest) -> HttpResponse:
    """Change by what customers are graded."""
    today = business_today(request.now)
    currency = queries.rfm_grid(access=request.actor, today=today).currency
    sent = {
        name: [_number(each) for each in request.POST.getlist(name)] for name in ("recency_days", "orders", "spend")
    }
    changes = {
        "method": request.POST.get("method", ""),
        "within": request.POST.get("within", ""),
        "recency_days": sent["recency_days"],
        "orders": sent["orders"],
        "spend_minor": spend_limits(sent["spend"], currency=currency),
    }
    change_rfm_rules(actor=request.actor, changes=changes, now=request.now)
    messages.success(request, _("The rules were changed. Scores and segments follow within minutes."))
    return redirect("value-rfm")


def _asked(request: StaffRequest) -> tuple[queries.RfmAsked, dict[str, Any]]:
    """Return what the address asks about, and what the page shows of it."""
    stores = stores_within_reach(access=request.actor)
    store_id = number_asked(request.GET.get("store", ""))
    group = request.GET.get("group", "")
    days = queries.graded_days(access=request.actor, today=business_today(request.now))
    wanted = request.GET.get("as_of", "")
    as_of = next((day for day in days if day.isoformat() == wanted), days[0] if days else None)
    is_latest = bool(days) and as_of == days[0]
    keep = {"as_of": "" if is_latest or as_of is None else as_of.isoformat(), "store": store_id, "group": group}
    context = {
        "stores": stores,
        "store_id": store_id,
        "store_name": store_chosen(request.actor, stores, store_id),
        "group": group,
        "days": [(day.isoformat(), _day_label(day, is_latest=place == 0)) for place, day in enumerate(days)],
        "as_of": as_of.isoformat() if as_of else "",
        "is_latest": is_latest,
        "keep": urlencode({name: value for name, value in keep.items() if value}),
        "tab": "rfm",
    }
    chosen = None if store_id is None else [store_id]
    # A group may have no key of its own, so a mark stands before it.
    key = group.removeprefix(_GROUP_MARK) if group.startswith(_GROUP_MARK) else None
    return queries.RfmAsked(as_of, chosen, key), context


def _cells(request: StaffRequest) -> tuple[tuple[int, ...], tuple[int, ...], str, str]:
    """Return the grades that the address asks about, what they are called together, and their preset."""
    group = next((one for one in CELL_GROUPS if one.code == request.GET.get("cells")), None)
    if group is not None:
        return group.rs, group.fs, _(group.title), f"rf-{group.code}"
    r, f = (number_asked(request.GET.get(name, "")) for name in ("r", "f"))
    if r is None or f is None:
        return GRADES, GRADES, _("All graded customers"), ""
    title = _("Recency %(r)s, frequency %(f)s") % {"r": r, "f": f}
    return (r,), (f,), title, f"rf-{r}{f}"


def _day_label(day: date, *, is_latest: bool) -> str:
    if is_latest:
        return _("Latest: %(day)s") % {"day": formats.day(day - timedelta(days=1))}
    return _("End of %(month)s") % {"month": formats.month(day - timedelta(days=1))}


def _as_of_words(as_of: date | None) -> str:
    return _("As of the end of %(day)s") % {"day": formats.day_before(as_of)}


def _last_day(exclusive: date | None) -> str:
    return (exclusive - timedelta(days=1)).isoformat() if exclusive else ""


def _subtitle(found: queries.RfmGrid, store_name: str) -> str:
    said = filled(_("%(n)s customers"), {"n": formats.number(found.customers)})
    return f"{_as_of_words(found.as_of)} · {said} · {store_name}"


def _orders(pair: tuple[int, int] | None) -> str:
    if pair is None or pair == (1, 1):
        return _("1 order") if pair else ""
    return filled(_("%(n)s orders"), {"n": _span(pair)})


def _days(pair: tuple[int, int] | None) -> str:
    if pair is None or pair == (1, 1):
        return _("1 day") if pair else ""
    return filled(_("%(n)s days"), {"n": _span(pair)})


def _span(pair: tuple[int, int]) -> str:
    least, most = (formats.number(each) for each in pair)
    return least if least == most else f"{least}–{most}"


def _grid(found: queries.RfmGrid) -> list[dict[str, Any]]:
    """Return rows of the grid, the highest recency first."""
    most = max((cell.customers for cell in found.cells), default=0)
    rows = []
    for r in reversed(GRADES):
        cells = [found.cell(r=r, f=f) for f in GRADES]
        shown = [
            {
                "f": cell.f,
                "people": cell.customers,
                "share": formats.percent(cell.customers / found.customers, 0),
                "level": round(9 * cell.customers / most),
                "group": _(queries.cell_group_of(r=r, f=cell.f).title),
                "tone": TONES[queries.cell_group_of(r=r, f=cell.f).code],
            }
            for cell in cells
        ]
        rows.append({"r": r, "span": _days(found.days.get(r)), "cells": shown})
    return rows


def _ties_note(found: queries.RfmGrid) -> str:
    empty = [f"R{r}" for r in GRADES if r not in found.days] + [f"F{f}" for f in GRADES if f not in found.orders]
    return empty_grades_note(empty, method=found.rules.method)


def empty_grades_note(empty: Sequence[str], *, method: str) -> str:
    """Return why rows or columns of a grid are empty; nothing where none is.

    Args:
        empty: what they are called, such as ``F2``.
        method: by which customers are graded.
    """
    if not empty:
        return ""
    if method != "quintiles":
        said = _("Nobody stands at %(grades)s: no customer lies between the thresholds that are set.")
        return said % {"grades": formats.listed(empty)}
    said = _(
        "Nobody stands at %(grades)s: customers with equal figures get the same grade, and here so many are equal, such as all "
        "who ordered once, that they take the room of several fifths. Fixed thresholds can be set instead."
    )
    return said % {"grades": formats.listed(empty)}


def _cell_groups(found: queries.RfmGrid) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "title": _(one.title),
            "tone": TONES[one.code],
            "people": found.within(one),
            "share": formats.percent(found.within(one) / found.customers, 0),
            "grades": f"R{_ends(one.rs)} F{_ends(one.fs)}",
            "spend": formats.compact_money(
                sum(cell.spend_minor for cell in found.cells if cell.r in one.rs and cell.f in one.fs), found.currency
            ),
        }
        for one in CELL_GROUPS
    ]


def _ends(grades: tuple[int, ...]) -> str:
    return str(grades[0]) if len(grades) == 1 else f"{grades[0]}–{grades[-1]}"


def _graded_among(request: StaffRequest, found: queries.RfmGrid) -> list[tuple[str, str]]:
    """Return the groups in which customers are graded as choices; none where everybody is graded together."""
    if found.rules.within == "chain":
        return []
    names = queries.names_of_groups(access=request.actor, rules=found.rules, keys=found.groups)
    return [(f"{_GROUP_MARK}{key}", spoken(name)) for key, name in names.items()]


def _row(one: queries.GradedCustomer, person: Any, currency: str) -> dict[str, Any]:
    return {
        "id": one.customer_id,
        "name": spoken_name(person.name),
        "store": person.store_name,
        "r": one.r,
        "f": one.f,
        "m": one.m,
        "days": formats.number(one.recency_days),
        "orders": formats.number(one.orders),
        "spend": formats.whole_money(one.spend_minor, currency),
        "last": formats.day(one.last_order_date),
    }


def _number(text: str) -> int | str:
    """Return the number that a field holds; what is none stays as it is, to be refused."""
    written = text.strip().replace(",", "")
    return int(written) if written.isdecimal() and len(written) <= 15 else text
