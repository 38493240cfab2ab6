"""Who comes back: cohorts by what first orders share, the time to the second order, and what is bought next."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import asked_by, number_asked, orders_fresh
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.kit.text import N_, filled

_BY = {"month": N_("Month"), "store": N_("Store"), "channel": N_("Channel"), "product": N_("First product")}
_MONTHS = (6, 12, 24)
_SHOWN_PAIRS = 15


@room("insight.view")
@reads_reports
def coming_back(request: StaffRequest) -> HttpResponseBase:
    """Show who comes back, grouped as the address says."""
    asked = asked_by(request)
    by = request.GET.get("by", "")
    by = by if by in _BY else "month"
    months = number_asked(request.GET.get("months", ""))
    span = months if months is not None and months in _MONTHS else 12
    found = queries.coming_back(
        access=request.actor, today=asked.today, by=by, months=span, store_ids=asked.store_ids  # type: ignore[arg-type]
    )  # fmt: skip
    if sheet_asked(request):
        return sheet_answer(request, listed.of_coming_back(found, _(_BY[by])))
    context = {
        **asked.context(),
        "tab": "cohorts",
        "fresh": {"orders": orders_fresh(request, asked)},
        "by": by,
        "months": span,
        "breakdowns": [(code, _(title)) for code, title in _BY.items()],
        "spans": [(one, _("%(n)d months") % {"n": one}) for one in _MONTHS],
        "subtitle": _("First orders since %(since)s · %(store)s")
        % {"since": formats.day(found.since), "store": asked.store_name},
        "nothing": not found.customers,
    }
    if found.customers:
        context |= _figures(found) | _groups(found) | _pairs(request, asked.today)
    return render(request, "console/dashboard/coming_back.html", context)


def _figures(found: queries.ComingBack) -> dict[str, Any]:
    within = found.share_within(90)
    half = "—" if found.median_days is None else filled(_("%(n)s days"), {"n": formats.number(found.median_days)})
    not_yet = _("not reached yet") if found.median_days is None else _("half of all have come back by then")
    steps = [each for each in found.steps if each.day <= 365]
    return {
        "tiles": [
            {"metric": "first_time_buyers", "value": formats.compact_number(found.customers), "lead": True}
            | {"note": _("came in these months")},
            {"metric": "came_back", "value": formats.compact_number(found.came_back)}
            | {"note": _("with a second order day")},
            {"metric": "within_90", "value": "—" if within is None else formats.percent(within, 0)}
            | {"note": _("those still open counted as long as watched")},
            {"metric": "half_back", "value": half, "note": not_yet},
        ],
        "waiting": {
            "days": [each.day for each in steps],
            "share": [1 - each.waiting for each in steps],
            "low": [1 - each.waiting if each.high is None else 1 - each.high for each in steps],
            "high": [1 - each.waiting if each.low is None else 1 - each.low for each in steps],
        },
        "waiting_words": ", ".join(
            filled(_("%(n)s days"), {"n": days}) + f": {formats.percent(share, 0)}"
            for days in (30, 90, 180)
            if (share := found.share_within(days)) is not None
        ),
    }


def _groups(found: queries.ComingBack) -> dict[str, Any]:
    """Return the rows of the table; groups of which nothing can be told are counted together, months are never left out."""
    told = [each for each in found.groups if found.by == "month" or each.customers >= queries.LEAST_CUSTOMERS]
    ratios = [each.ratios for each in told]
    widest = max((place for row in ratios for place, each in enumerate(row, 1) if each is not None), default=0)
    top = max((each for row in ratios for each in row if each), default=0.0)
    left = found.customers - sum(each.customers for each in told)
    return {
        "cohort_spans": [queries.SPAN_DAYS * (place + 1) for place in range(widest)],
        "cohort_top": formats.percent(top, 0),
        "cohort_rest": filled(
            _("%(n)s people more belong to smaller groups, which are not shown."), {"n": formats.number(left)}
        )
        if left
        else "",
        "cohorts": [
            {
                "name": spoken(group.name) or group.key or "",
                "size": group.customers,
                "half": "—" if group.median_days is None else formats.number(group.median_days),
                "within": "—" if group.within_90 is None else formats.percent(group.within_90, 0),
                "cells": [_heat(each, top) for each in group.ratios[:widest]],
            }
            for group in told
        ],
    }


def _heat(ratio: float | None, top: float) -> dict[str, Any] | None:
    if ratio is None:
        return None
    return {"level": round(9 * ratio / top) if top else 0, "text": formats.percent(ratio, 0)}


def _pairs(request: StaffRequest, today: Any) -> dict[str, Any]:
    found = queries.known_next_products(access=request.actor, today=today)
    best = sorted(found or (), key=lambda each: (-each.low, each.first, each.following))[:_SHOWN_PAIRS]
    return {
        "pairs_wait": found is None,
        "pairs": [
            {
                "first": each.first,
                "following": each.following,
                "people": _("%(n)s of %(all)s")
                % {"n": formats.number(each.both), "all": formats.number(each.first_people)},
                "share": formats.percent(each.ratio, 0),
                "lift": f"{each.lift:.1f}×",
                "low": f"{each.low:.1f}×",
            }
            for each in best
        ],
    }
