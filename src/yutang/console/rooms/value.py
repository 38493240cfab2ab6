"""What the customers are worth: how value is spread, who brings it, whose value moved."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed_value
from yutang.console.rooms.asked import known_before, number_asked, store_chosen
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.foundation.queries import stores as stores_within_reach
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.kit.money import from_minor
from yutang.kit.text import N_, filled

_LISTED = 10
_MOVERS = 5
_FIFTHS = (N_("Best fifth"), N_("Second fifth"), N_("Third fifth"), N_("Fourth fifth"), N_("Last fifth"))


@room("insight.view")
@reads_reports
def value(request: StaffRequest) -> HttpResponseBase:
    """Show the value of the customers of the store that the address names, or why there is none yet."""
    stores = stores_within_reach(access=request.actor)
    store_id = number_asked(request.GET.get("store", ""))
    may_open = request.actor.can("customers.view")
    context: dict[str, Any] = {"tab": "value", "stores": stores, "store_id": store_id, "may_open": may_open}
    run = queries.latest_value_run()
    found = queries.value_spread(access=request.actor, store_ids=None if store_id is None else [store_id])
    if run is None or found is None or not found.customers:
        return render(request, "console/value/page.html", context | _nothing())
    chosen = None if store_id is None else [store_id]
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, chosen, run))
    context |= {
        "may_take": may_take_people(request),
        "subtitle": _subtitle(run, store_chosen(request.actor, stores, store_id)),
        "fresh": {"values": known_before(run.as_of)},
        "tiles": _tiles(request, found, chosen, run.currency),
        **_charts(found, run.currency),
        **_fifths(request, chosen, run.currency),
        **_lists(request, chosen, run),
    }
    return render(request, "console/value/page.html", context)


def _sheet(request: StaffRequest, chosen: list[int] | None, run: queries.ValueRunView) -> Sheet:
    if request.GET.get("list") == "moved":
        return listed_value.of_movers(request.actor, chosen, currency=run.currency, since=run.since, as_of=run.as_of)
    return listed_value.of_most_valuable(request.actor, chosen)


def _nothing() -> dict[str, Any]:
    fit = queries.current_fit()
    refusal = fit.refusal if fit else None
    return {
        "tiles": (),
        "why": spoken(refusal) if refusal else _("The values come with the next refresh of the figures."),
    }


def _subtitle(run: queries.ValueRunView, store_name: str) -> str:
    said = _("Expected from %(day)s on, for 365 days") % {"day": formats.day(run.as_of)}
    return f"{said} · {store_name}"


def _tiles(
    request: StaffRequest, found: queries.ValueSpread, chosen: list[int] | None, currency: str
) -> list[dict[str, Any]]:
    top = found.share_of_top(20)
    soon = queries.expected_orders_soon(access=request.actor, store_ids=chosen)
    return [
        {
            **_tile("value_total", formats.compact_money(found.value_minor, currency)),
            "lead": True,
            "note": filled(_("%(n)s people"), {"n": formats.number(found.customers)}),
        },
        _tile("value_each", formats.compact_money(found.value_minor // found.customers, currency)),
        _tile("top_fifth", formats.percent(top, 0) if top is not None else "—"),
        _tile("orders_soon", formats.compact_number(round(soon))),
    ]


def _tile(metric: str, shown: str) -> dict[str, Any]:
    return {"metric": metric, "value": shown, "lead": False, "note": " "}


def _charts(found: queries.ValueSpread, currency: str) -> dict[str, Any]:
    ends = [formats.whole_money(band.from_minor, currency) for band in found.bands]
    labels = [f"{low}–{high}" for low, high in pairwise(ends)] + [f"{ends[-1]}+"]
    most = max(found.bands, key=lambda band: band.customers)
    words = _("Most customers, %(n)s, are expected to bring %(band)s.") % {
        "n": formats.number(most.customers),
        "band": labels[found.bands.index(most)],
    }
    return {
        "bands": {
            "labels": labels,
            "customers": [band.customers for band in found.bands],
            "values": [float(from_minor(band.value_minor, currency=currency)) for band in found.bands],
            "currency": currency,
        },
        "bands_words": words,
        "curve": {"shares": [round(share, 4) for share in found.curve]},
        "curve_words": _curve_words(found),
    }


def _curve_words(found: queries.ValueSpread) -> str:
    if not found.curve:
        return ""
    said = _("The best 1%% bring %(one)s of the value, the best 20%% %(twenty)s.")
    return said % {"one": formats.percent(found.curve[1], 0), "twenty": formats.percent(found.curve[20], 0)}


def _fifths(request: StaffRequest, chosen: list[int] | None, currency: str) -> dict[str, Any]:
    found = queries.value_fifths(access=request.actor, store_ids=chosen)
    whole = sum(each.value_minor for each in found)
    at = {"store": chosen[0]} if chosen else {}
    return {
        "fifths": [
            {
                "name": _(_FIFTHS[each.fifth]),
                "customers": formats.number(each.customers),
                "share": formats.percent(each.value_minor / whole, 0) if whole else "—",
                "value": formats.whole_money(each.value_minor // each.customers, currency),
                "from": formats.whole_money(each.lowest_minor, currency),
                "orders": f"{each.orders:.1f}",
                "order": formats.whole_money(round(each.order_minor), currency),
                "order_days": f"{each.order_days:.1f}",
                "p_alive": formats.percent(each.p_alive, 0),
                "in_danger": formats.number(each.in_danger),
                "endangered": each.in_danger,
                "people": f"{reverse('dashboard-people')}?{urlencode({'fifth': each.fifth, **at})}",
            }
            for each in found
        ],
    }


def _lists(request: StaffRequest, chosen: list[int] | None, run: queries.ValueRunView) -> dict[str, Any]:
    best = queries.most_valuable(access=request.actor, store_ids=chosen, limit=_LISTED)
    movers = queries.value_movers(access=request.actor, store_ids=chosen, per_side=_MOVERS)
    names = _names(request, [card.customer_id for card in best] + [mover.customer_id for mover in movers])
    return {
        "best": [
            {
                "id": card.customer_id,
                "name": names.get(card.customer_id, f"#{card.customer_id}"),
                "value": formats.whole_money(card.value_minor, run.currency),
                "range": _range(card),
                "orders": formats.number(round(card.orders_365, 1)),
                "p_alive": formats.percent(card.p_alive, 0),
                "next_order_date": card.next_order_date,
            }
            for card in best
        ],
        "movers": [
            {
                "id": mover.customer_id,
                "name": names.get(mover.customer_id, f"#{mover.customer_id}"),
                "value": formats.whole_money(mover.value_minor, run.currency),
                "before": formats.whole_money(mover.before_minor, run.currency),
                "change": formats.whole_money(abs(mover.change_minor), run.currency),
                "news": "up" if mover.change_minor > 0 else "down",
                "sign": "+" if mover.change_minor > 0 else "−",
                "p_alive": formats.percent(mover.p_alive, 0),
            }
            for mover in movers
        ],
        "movers_note": f"{formats.day_before(run.since)} → {formats.day_before(run.as_of)}",
    }


def _range(card: queries.ValueCard) -> str:
    low, high = (formats.whole_money(each, card.currency) for each in (card.low_minor, card.high_minor))
    return f"{low} – {high}"


def _names(request: StaffRequest, ids: Iterable[int]) -> dict[int, str]:
    """Return masked names by customer; who may not see customers sees numbers."""
    if not request.actor.can("customers.view"):
        return {}
    rows = people.customer_rows(access=request.actor, ids=list(dict.fromkeys(ids)))
    return {key: spoken_name(row.name) for key, row in rows.items()}
