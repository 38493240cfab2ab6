"""Where sales come from: chain, region, store, member of staff, each row one step deeper and every figure with its people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import Asked, asked_by, compared, half_known, known_since
from yutang.console.rooms.why import amount_cell, span
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.foundation.queries import StoreView
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.kit.money import from_minor
from yutang.kit.text import N_

_TITLES = {"region": N_("Region"), "store": N_("Store"), "staff": N_("Staff"), "channel": N_("Channel")}


@room("insight.view")
@reads_reports
def where(request: StaffRequest) -> HttpResponseBase:
    """Break the sales of the place that the address names down by what lies one step deeper."""
    asked = asked_by(request)
    by = _step(request, asked)
    now, before = compared(request, asked)
    comparison = queries.Comparison(
        now, before, by=by, formula="buyers", store_ids=asked.store_ids, channel=asked.channel  # type: ignore[arg-type]
    )  # fmt: skip
    found = queries.sales_change(access=request.actor, today=asked.today, asked=comparison)
    rows = [_row(request, asked, found, group, by) for group in _by_size(found)]
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found, rows, by))
    context = {
        **asked.context(),
        "tab": "where",
        "by": by,
        "by_title": _(_TITLES[by]),
        "breakdowns": [(code, _(_TITLES[code])) for code in _offered(asked)],
        "trail": _trail(asked),
        "subtitle": f"{span(found)} · {asked.place}",
        "half_known": half_known(before, known_since(request, asked)),
        "rows": rows,
        "total": _total(request, asked, found, comparison),
    }
    return render(request, "console/dashboard/where.html", context)


def _offered(asked: Asked) -> list[str]:
    """Return what lies below the place that is shown, the next step first; a channel that is chosen has none below it."""
    if asked.store_id is not None:
        steps = ["staff"]
    elif asked.region_id is not None or not asked.regions:
        steps = ["store", "staff"]
    else:
        steps = ["region", "store", "staff"]
    return steps if asked.channel else [*steps, "channel"]


def _step(request: StaffRequest, asked: Asked) -> str:
    offered = _offered(asked)
    by = request.GET.get("by", "")
    return by if by in offered else offered[0]


def _trail(asked: Asked) -> list[dict[str, str]]:
    """Return the places above the one that is shown, and the shown one last, without an address."""
    here = reverse("dashboard-where")
    store = next((one for one in asked.stores if one.id == asked.store_id), None)
    region = _region_of(asked, store)
    steps = [{"name": _("The whole chain") if asked.is_whole_chain else _("All your stores"), "url": ""}]
    if store is not None or region is not None:
        steps[0]["url"] = here + asked.keep(region=None, store=None)
    if region is not None:
        steps.append({"name": region[1], "url": here + asked.keep(region=region[0], store=None) if store else ""})
    if store is not None:
        steps.append({"name": store.name, "url": ""})
    return steps


def _region_of(asked: Asked, store: StoreView | None) -> tuple[int, str] | None:
    if store is not None:
        region = store.region
        return (region.id, region.name) if region is not None and region.id in asked.regions else None
    if asked.region_id is None:
        return None
    return asked.region_id, asked.store_name


def _by_size(found: queries.SalesChange) -> list[queries.GroupChange]:
    return sorted(found.groups, key=lambda group: (-group.split.now_minor, group.key or ""))


def _figures(groups: list[queries.GroupChange]) -> dict[str, Any]:
    """Return what the groups sold together; buyers are told only of one."""
    now = sum(group.split.now_minor for group in groups)
    before = sum(group.split.before_minor for group in groups)
    rungs = [group.split.rungs for group in groups]
    orders = sum(each.get(name, (0, 0))[1] for each in rungs for name in ("orders", "anonymous_orders"))
    return {
        "now": now,
        "before": before,
        "orders": orders,
        "buyers": sum(each.get("buyers", (0, 0))[1] for each in rungs),
    }


def _row(
    request: StaffRequest, asked: Asked, found: queries.SalesChange, group: queries.GroupChange, by: str
) -> dict[str, Any]:
    figures = _figures([group])
    people = ""
    if request.actor.can("customers.view") and figures["buyers"]:
        more = {"by": by} if group.key is None else {"by": by, "group": group.key}
        people = reverse("dashboard-people") + asked.keep(**more)
    return {
        "name": spoken(group.name),
        "deeper": _deeper(asked, group, by),
        "share": now_share(figures["now"], found.now_minor),
        "people": people,
        **_written(figures, found.currency),
        "figures": figures,
    }


def _deeper(asked: Asked, group: queries.GroupChange, by: str) -> str:
    """Return the address of the next step into a group; empty where there is none."""
    here = reverse("dashboard-where")
    if group.key is None:
        # What lies in no region, or in no store, is told apart by the step below a region.
        return here + asked.keep(by="store") if by == "region" else ""
    if by == "region":
        if int(group.key) in asked.regions:
            return here + asked.keep(region=group.key, store=None)
        only = next((one.id for one in asked.stores if one.region and str(one.region.id) == group.key), None)
        return here + asked.keep(region=None, store=only) if only else ""
    if by == "store" and any(str(one.id) == group.key for one in asked.stores):
        return here + asked.keep(region=None, store=group.key)
    if by == "channel" and any(one.key == group.key for one in asked.channels):
        return here + asked.keep(channel=group.key)
    return ""


def now_share(part: int, whole: int) -> dict[str, Any] | None:
    """Return which share of the whole a part is, in words and as a bar; None where that cannot be told."""
    if whole <= 0 or part < 0:
        return None
    return {"text": formats.percent(part / whole, 0), "bar": round(100 * part / whole)}


def _written(figures: dict[str, Any], currency: str) -> dict[str, Any]:
    buyers, orders = figures["buyers"], figures["orders"]
    change = (figures["now"] - figures["before"]) / figures["before"] if figures["before"] > 0 else None
    return {
        "sales": formats.whole_money(figures["now"], currency),
        "buyers": formats.number(buyers),
        "orders": formats.number(orders),
        "order_value": formats.whole_money(round(figures["now"] / orders), currency) if orders else "—",
        "change": change,
        "difference": amount_cell(figures["now"] - figures["before"], currency),
    }


def _total(
    request: StaffRequest, asked: Asked, found: queries.SalesChange, comparison: queries.Comparison
) -> dict[str, Any] | None:
    """Return all groups together; who bought in several of them is counted once."""
    if len(found.groups) < 2:
        return None
    url = reverse("dashboard-people") + asked.keep() if request.actor.can("customers.view") else ""
    whole = queries.sales_change(access=request.actor, today=asked.today, asked=replace(comparison, by="all"))
    figures = {**_figures(list(found.groups)), "buyers": _figures(list(whole.groups))["buyers"]}
    return {**_written(figures, found.currency), "people": url}


def _sheet(found: queries.SalesChange, rows: list[dict[str, Any]], by: str) -> Sheet:
    titles = [_(_TITLES[by]), _("Sales"), _("Before"), _("Buyers"), _("Orders"), _("Currency")]
    lines = [
        [
            row["name"],
            from_minor(row["figures"]["now"], currency=found.currency),
            from_minor(row["figures"]["before"], currency=found.currency),
            row["figures"]["buyers"],
            row["figures"]["orders"],
            found.currency,
        ]
        for row in rows
    ]
    return Sheet(_("Where sales come from"), titles, lines)
