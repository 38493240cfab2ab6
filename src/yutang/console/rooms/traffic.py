"""Owned against bought traffic: what an order, a newcomer and a kept customer cost by channel."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import Asked, asked_by, compared, orders_fresh
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.foundation.replica import reads_reports
from yutang.insight import queries


@room("insight.view")
@reads_reports
def traffic(request: StaffRequest) -> HttpResponseBase:
    """Show what traffic cost in the period that the address names."""
    asked = asked_by(request)
    period, _before = compared(request, asked)
    found = queries.traffic_cost(access=request.actor, today=asked.today, period=period, store_ids=asked.store_ids)
    if sheet_asked(request):
        return sheet_answer(request, listed.of_traffic(found))
    context = {
        **asked.context(),
        "tab": "traffic",
        "fresh": {"orders": orders_fresh(request, asked)},
        "subtitle": _("%(start)s to %(end)s · %(store)s")
        % {"start": formats.day(period.start), "end": formats.day(period.last_day), "store": asked.store_name},
        "nothing": not found.channels,
        "has_cost": found.has_cost,
        "tiles": _tiles(found),
        "rows": [_row(each, found.currency, _people(request, asked, each)) for each in found.channels],
        "notes": _notes(found, asked),
    }
    return render(request, "console/dashboard/traffic.html", context)


def _tiles(found: queries.TrafficCost) -> list[dict[str, Any]]:
    total = found.total
    money = [
        ("cost_per_order", total.cost_per_order_minor, _("advertising by all orders")),
        ("cost_per_newcomer", total.cost_per_newcomer_minor, _("advertising by first-time buyers")),
        ("cost_per_kept", total.cost_per_kept_minor, _("who ordered again within 90 days")),
    ]
    owned = "—" if total.owned_ratio is None else formats.percent(total.owned_ratio, 0)
    lead = {
        "metric": "earlier_share",
        "value": owned,
        "note": _("of known buyers; owned traffic, no advertising"),
        "lead": True,
    }
    return [
        lead,
        *({"metric": code, "value": _money(minor, found.currency), "note": note} for code, minor, note in money),
    ]


def _people(request: StaffRequest, asked: Asked, each: queries.ChannelTraffic) -> dict[str, str]:
    """Return where the people of each number stand; none where the role sees no customers or nobody is behind it."""
    if not request.actor.can("customers.view"):
        return {}
    behind = {"all": each.orders - each.anonymous_orders, "earlier": each.returning_orders, "newcomers": each.newcomers}
    return {
        side: reverse("dashboard-people") + asked.keep(traffic=side, platform=each.platform, channel=None)
        for side, n in behind.items()
        if n
    }


def _row(each: queries.ChannelTraffic, currency: str, people: dict[str, str]) -> dict[str, Any]:
    return {
        "people": people,
        "name": spoken(each.name) or _("Unknown"),
        "orders": each.orders,
        "returning": formats.number(each.returning_orders) if each.orders > each.anonymous_orders else "—",
        "newcomers": formats.number(each.newcomers) if each.orders > each.anonymous_orders else "—",
        "owned": "—" if each.owned_ratio is None else formats.percent(each.owned_ratio, 0),
        "cost": _money(each.cost_minor, currency),
        "an_order": _money(each.cost_per_order_minor, currency),
        "a_newcomer": _money(each.cost_per_newcomer_minor, currency),
        "a_kept": _money(each.cost_per_kept_minor, currency),
        "kept": f"{formats.number(each.kept)} / {formats.number(each.ripe)}" if each.ripe else "—",
    }


def _notes(found: queries.TrafficCost, asked: Asked) -> list[str]:
    notes = [
        _("Nobody said where the buyers of %(channel)s order; its cost of %(cost)s stands in the total only.")
        % {"channel": channel, "cost": formats.money(minor, found.currency)}
        for channel, minor in found.unplaced
    ]
    if found.has_cost and found.ripe_before is None:
        notes.append(_("No newcomer of this period has been watched for 90 days yet, so none can be called kept."))
    elif found.has_cost and found.ripe_before and found.ripe_before < found.period.end:
        text = _(
            "Kept customers are those of newcomers before %(day)s; the later ones have not been watched long enough."
        )
        notes.append(text % {"day": formats.day(found.ripe_before)})
    hidden = [spoken(each.name) for each in found.channels if each.orders and each.orders == each.anonymous_orders]
    if hidden:
        text = _("%(names)s hide their buyers, so newcomers and earlier buyers cannot be told apart there.")
        notes.append(text % {"names": _(", ").join(hidden)})
    if not found.has_cost:
        # Whoever sees single stores can neither look at the others nor import.
        known = _("No advertising cost is known for this choice: import a cost file, or look at all stores.")
        notes.append(known if asked.is_whole_chain else _("No advertising cost is known for your stores."))
    return notes


def _money(minor: int | None, currency: str) -> str:
    return "—" if minor is None else formats.compact_money(minor, currency)
