"""The owner's dashboard: sales and their factors, daily sales, stages, cohorts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import LENGTHS, Asked, asked_by, half_known, orders_fresh
from yutang.console.rooms.first_steps import first_steps_for
from yutang.console.rooms.why import signed_money, told
from yutang.console.words import STAGES, stage_label
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.kit.money import from_minor
from yutang.kit.text import N_, filled

#: Days that one point of the chart sums up, by the longest period for which they do.
_STEPS = ((45, 1), (120, 3), (400, 5), (10_000, 14))
_TONES = {"new": "info", "growing": "accent", "loyal": "accent", "at_risk": "warn", "asleep": "plum", "lost": "down"}
_FACTORS = {
    "sales": N_("buyers × orders a buyer × order value"),
    "buyers": N_("moves: traffic × conversion"),
    "orders_per_buyer": N_("moves: repurchase"),
    "order_value": N_("moves: average order value"),
}
_SIGNS = {"buyers": "=", "orders_per_buyer": "×", "order_value": "×"}


@room("insight.view")
@reads_reports
def dashboard(request: StaffRequest) -> HttpResponse:
    """Show how business went in the period and the stores that the address names."""
    asked = asked_by(request)
    found = queries.dashboard(
        access=request.actor,
        today=asked.today,
        period_end=asked.until + timedelta(days=1) if asked.until else None,
        days=asked.days,
        store_ids=asked.store_ids,
        channel=asked.channel,
    )
    context = {
        **asked.context(),
        "heading": _heading(asked),
        "subtitle": _subtitle(found, asked.place),
        "tab": "dashboard",
        "fresh": {"orders": orders_fresh(request, asked)},
        "first_steps": first_steps_for(request),
    }
    if not found.now_figures.orders and not found.now_figures.anonymous_orders:
        return render(request, "console/dashboard/page.html", context | _nothing(found))
    change = _change(request, asked, found)
    context["half_known"] = half_known(found.before, found.known_since)
    context |= _figures(found, change) | _cohorts(request, asked) | _stages(request, asked)
    if request.actor.can("customers.view"):
        _lead_to_people(context, asked, found)
    if change is not None:
        context |= told(change)
    return render(request, "console/dashboard/page.html", context)


def _change(request: StaffRequest, asked: Asked, found: queries.Dashboard) -> queries.SalesChange | None:
    """Return why sales moved; None where an older version wrote the lake: the figures are shown without it until then."""
    comparison = queries.Comparison(found.period, found.before, by="store", formula="buyers", store_ids=asked.store_ids)
    comparison = replace(comparison, channel=asked.channel)
    try:
        return queries.sales_change(access=request.actor, today=asked.today, asked=comparison)
    except queries.FiguresAreBehind:
        return None


def _lead_to_people(context: dict[str, Any], asked: Asked, found: queries.Dashboard) -> None:
    """Let every figure lead to the people behind it."""
    people = reverse("dashboard-people")
    for tile in context["tiles"]:
        tile["url"] = people + asked.keep()
    for row in context["cohorts"]:
        row["url"] = people + asked.keep(cohort=row["month"])
        for offset, cell in enumerate(row["cells"], 1):
            if cell:
                cell["url"] = people + asked.keep(cohort=row["month"], offset=offset)
    urls = [
        people + asked.keep(**{"from": span[0].day.isoformat(), "to": span[-1].day.isoformat()})
        for span in _spans(found)
    ]
    context["daily"]["urls"] = urls
    for row, url in zip(context["daily_rows"], urls, strict=True):
        row["url"] = url


def _step_of(days: int) -> int:
    return next(step for longest, step in _STEPS if days <= longest)


def _heading(asked: Asked) -> str:
    if asked.days not in LENGTHS:
        return filled(_("How did these %(n)s days go?"), {"n": formats.number(asked.days)})
    return _("How did the last %(n)d days go?") % {"n": asked.days}


def _subtitle(found: queries.Dashboard, store_name: str) -> str:
    span = _("%(start)s to %(end)s, against the %(n)d days before") % {
        "start": formats.day(found.period.start),
        "end": formats.day(found.period.last_day),
        "n": len(found.days),
    }
    return f"{span} · {store_name}"


def _nothing(found: queries.Dashboard) -> dict[str, Any]:
    newest = found.known_until
    text = _("The newest order is of %(day)s.") % {"day": formats.day(newest)} if newest else ""
    return {"tiles": (), "newest": newest.isoformat() if newest else "", "newest_text": text}


def _figures(found: queries.Dashboard, change: queries.SalesChange | None) -> dict[str, Any]:
    now = found.now_figures
    step = _step_of(len(found.days))
    effects = change.parts if change and not half_known(found.before, found.known_since) else {}
    tiles = [_tile(one, effects.get(one.code, 0), found.currency) for one in found.tiles]
    if half_known(found.before, found.known_since):
        for tile in tiles:
            tile["note"] = _("The period before is not known whole")
    if now.anonymous_sales_minor:
        amount = formats.compact_money(now.anonymous_sales_minor, found.currency)
        tiles[0]["factor"] = _("buyers × orders a buyer × order value, and %(amount)s of unknown buyers") % {
            "amount": amount
        }
    best = max(found.days, key=lambda day: day.sales_minor)
    words = _("Daily sales; the best day was %(day)s with %(amount)s.") % {
        "day": formats.day(best.day),
        "amount": formats.compact_money(best.sales_minor, found.currency),
    }
    others = [
        _("There are orders in %(currency)s too; they are not in these figures.") % {"currency": code}
        for code in found.other_currencies
    ]
    return {
        "tiles": tiles,
        "other_currencies": others,
        "daily": _daily(found),
        "daily_rows": _daily_rows(found),
        "daily_note": _daily_note(step),
        "daily_words": words,
    }


def _spans(found: queries.Dashboard) -> list[tuple[queries.Day, ...]]:
    """Return the days of each point of the chart."""
    step = _step_of(len(found.days))
    return [found.days[place : place + step] for place in range(0, len(found.days), step)]


def _daily_rows(found: queries.Dashboard) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for span in _spans(found):
        first, last = formats.day(span[0].day), formats.day(span[-1].day)
        rows.append(
            {
                "day": first if len(span) == 1 else f"{first} – {last}",
                "sales": formats.whole_money(sum(day.sales_minor for day in span), found.currency),
                "before": formats.whole_money(sum(day.before_sales_minor for day in span), found.currency),
            }
        )
    return rows


def _daily_note(step: int) -> str:
    if step == 1:
        return _("dashed: the period before")
    return _("a point sums up %(n)d days; dashed: the period before") % {"n": step}


def _daily(found: queries.Dashboard) -> dict[str, Any]:
    chunks = _spans(found)
    had = [float(from_minor(sum(day.before_sales_minor for day in chunk), currency=found.currency)) for chunk in chunks]
    return {
        "days": [chunk[0].day.isoformat() for chunk in chunks],
        "values": [
            float(from_minor(sum(day.sales_minor for day in chunk), currency=found.currency)) for chunk in chunks
        ],
        "before": had if any(had) else [],
        "currency": found.currency,
    }


def _tile(one: queries.Tile, effect: int, currency: str) -> dict[str, Any]:
    if one.value is None:
        value = "—"
    elif one.unit == "money":
        value = formats.compact_money(int(one.value), currency)
    else:
        value = formats.compact_number(one.value)
    return {
        "metric": one.code,
        "label": _(one.title),
        "value": value,
        "change": one.change_ratio,
        "factor": _(_FACTORS[one.code]),
        "effect": signed_money(effect, currency) if effect else "",
        "effect_news": "up" if effect > 0 else "down",
        "sign": _SIGNS.get(one.code, ""),
        "lead": one.code == "sales",
    }


def _cohorts(request: StaffRequest, asked: Asked) -> dict[str, Any]:
    found = queries.cohorts(
        access=request.actor, today=asked.today, months=12, store_ids=asked.store_ids, channel=asked.channel
    )
    top = max((ratio for row in found.rows for ratio in row.ratios[1:] if ratio), default=0.0)
    rows = [
        {"month": row.month, "size": row.size, "cells": [_cell(ratio, top) for ratio in row.ratios[1:]]}
        for row in found.rows
        if row.size
    ]
    if not found.is_last_month_whole:
        for row in rows:
            # The last month that has begun stands last in every row.
            cells = [cell for cell in row["cells"] if cell]  # type: ignore[attr-defined]
            if cells:
                cells[-1]["is_open"] = True
    widest = max((sum(1 for cell in row["cells"] if cell) for row in rows), default=0)  # type: ignore[misc, attr-defined]
    return {
        "cohorts": [{**row, "cells": row["cells"][:widest]} for row in rows] if widest else [],  # type: ignore[index]
        "cohort_months": range(1, widest + 1),
        "cohort_top": formats.percent(top, 0),
        "cohort_is_open": not found.is_last_month_whole,
    }


def _cell(ratio: float | None, top: float) -> dict[str, Any] | None:
    if ratio is None:
        return None
    return {"level": round(9 * ratio / top) if top else 0, "text": formats.percent(ratio, 0)}


def _stages(request: StaffRequest, asked: Asked) -> dict[str, Any]:
    chosen = asked.store_ids
    whole_chain = chosen is None and request.actor.store_ids is None
    moved = queries.stage_flow(access=request.actor) if whole_chain else None
    counts = moved.counts if moved else queries.stage_counts(access=request.actor, store_ids=chosen)
    store = f"&store={asked.store_id}" if asked.store_id else f"&store=r{asked.region_id}" if asked.region_id else ""
    may_see = request.actor.can("customers.view")
    stages: list[dict[str, Any]] = [
        {
            "code": code,
            "label": stage_label(code),
            "count": counts[code],
            "url": f"{reverse('customers')}?stage={code}{store}" if may_see else "",
        }
        for code in STAGES
        if counts.get(code)
    ]
    return {
        "stages": stages,
        "stages_most": max((one["count"] for one in stages), default=1),
        "flow": _flow(moved) if moved else {"nodes": [], "links": []},
        "flow_note": _flow_note(moved, asked),
        "flow_words": ", ".join(f"{one['label']} {formats.number(one['count'])}" for one in stages),
    }


def _flow_note(moved: queries.StageFlow | None, asked: Asked) -> str:
    every = _("through all channels") if asked.channel else ""
    days = f"{formats.day_before(moved.since)} → {formats.day_before(moved.as_of)}" if moved else ""
    return " · ".join(filter(None, (days, every)))


def _flow(moved: queries.StageFlow) -> dict[str, Any]:
    order = {"": len(STAGES), **{code: place for place, code in enumerate(STAGES)}}
    links = sorted((flow for flow in moved.flows if flow[2]), key=lambda flow: (order[flow[0]], order[flow[1]]))
    nodes = []
    for depth, side in enumerate(("from", "to")):
        totals: dict[str, int] = {}
        for begun, ended, count in links:
            code = ended if depth else begun
            totals[code] = totals.get(code, 0) + count
        nodes += [
            {
                "name": f"{side}:{code}",
                "label": stage_label(code) if code else _("Not known yet"),
                "tone": _TONES.get(code, "ink3"),
                "depth": depth,
                "total": totals[code],
            }
            for code in sorted(totals, key=order.__getitem__)
        ]
    return {
        "nodes": nodes,
        "links": [
            {"source": f"from:{begun}", "target": f"to:{ended}", "value": count} for begun, ended, count in links
        ],
    }
