"""The stores on a map without tiles: dots as large as their customers or sales, rings of a radius, and the same as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import Asked, asked_by, compared, number_asked
from yutang.console.rooms.map_picture import Dot, picture_of, short_names
from yutang.console.rooms.why import span
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.foundation.queries import StoreView
from yutang.insight import queries
from yutang.kit.geography import distance_km
from yutang.kit.money import from_minor
from yutang.kit.text import N_

#: Kilometres that are offered; child photography reaches 5-10, weddings 20-30.
RADII = (1, 2, 3, 5, 10, 20, 30, 50, 100, 300)
_USUAL_RADIUS = 10
_SIZES = {"customers": N_("Customers"), "sales": N_("Sales")}
#: A change below this share is none to speak of.
_STEADY = 0.05


@dataclass(frozen=True)
class _Figures:
    """What the map tells of one store; None where it is not known."""

    customers: int | None
    now_minor: int
    before_minor: int

    @property
    def change(self) -> float | None:
        return (self.now_minor - self.before_minor) / self.before_minor if self.before_minor > 0 else None


@room("insight.view")
def store_map(request: StaffRequest) -> HttpResponseBase:
    """Show the stores around the one that the address names, or all of them."""
    asked = asked_by(request)
    now, before = compared(request, asked)
    comparison = queries.Comparison(now, before, by="store", formula="buyers", channel=asked.channel)
    found = queries.sales_change(access=request.actor, today=asked.today, asked=comparison)
    shown = _shown(asked)
    figures = _figures(request, shown, found)
    radius, size, centre = _radius(request), _size(request), _centre(request, asked, shown)
    rows = [_row(request, store, shown, figures, radius, centre, found.currency) for store in _ordered(shown, centre)]
    if sheet_asked(request):
        return sheet_answer(request, _sheet(rows, found.currency, centre))
    placed = [store for store in shown if store.place is not None]
    context = {
        **asked.context(),
        "tab": "map",
        "subtitle": f"{span(found)} · {asked.place}" if centre is None else span(found),
        "radii": RADII,
        "radius": radius,
        "sizes": [(code, _(label)) for code, label in _SIZES.items()],
        "size": size,
        "centres": [(one.id, one.name) for one in placed],
        "centre": centre,
        "map_title": centre.name if centre else asked.place,
        "rows": rows,
        "placed": len(placed),
        "lacking": len(shown) - len(placed),
        "picture": _picture(rows, placed, size, radius, centre),
        "summary": _summary(rows, radius, centre, found.currency),
        "may_place": request.actor.can("stores.manage"),
    }
    return render(request, "console/dashboard/map.html", context)


def _shown(asked: Asked) -> list[StoreView]:
    """Return the stores of the region asked about, without those that are closed; a store alone is shown among all."""
    return [
        store
        for store in asked.stores
        if not (store.closed_on and store.closed_on <= asked.today)
        and (asked.region_id is None or (store.region and store.region.id == asked.region_id))
    ]


def _figures(request: StaffRequest, shown: list[StoreView], found: queries.SalesChange) -> dict[int, _Figures]:
    counted = queries.stage_counts_by_store(access=request.actor)
    sold = {group.key: group.split for group in found.groups}
    return {
        store.id: _Figures(
            sum(counted[store.id].values()) if store.id in counted else (0 if counted else None),
            sold[str(store.id)].now_minor if str(store.id) in sold else 0,
            sold[str(store.id)].before_minor if str(store.id) in sold else 0,
        )
        for store in shown
    }


def _radius(request: StaffRequest) -> int:
    wanted = number_asked(request.GET.get("radius", ""))
    return wanted if wanted in RADII else _USUAL_RADIUS


def _size(request: StaffRequest) -> str:
    wanted = request.GET.get("size", "")
    return wanted if wanted in _SIZES else "customers"


def _centre(request: StaffRequest, asked: Asked, shown: list[StoreView]) -> StoreView | None:
    """Return the store in the middle: the one named as such, or the one that the page before was about."""
    wanted = number_asked(request.GET.get("centre", "")) or asked.store_id
    return next((store for store in shown if store.id == wanted and store.place is not None), None)


def _ordered(shown: list[StoreView], centre: StoreView | None) -> list[StoreView]:
    """Return the stores, the nearest to the centre first; those without a place last."""
    if centre is None or centre.place is None:
        return sorted(
            shown, key=lambda store: (store.place is None, store.region.name if store.region else "", store.code)
        )
    middle = centre.place
    return sorted(
        shown,
        key=lambda store: (
            store.place is None,
            distance_km(one=middle, other=store.place) if store.place else 0.0,
            store.code,
        ),
    )


def _row(
    request: StaffRequest,
    store: StoreView,
    shown: list[StoreView],
    figures: dict[int, _Figures],
    radius: int,
    centre: StoreView | None,
    currency: str,
) -> dict[str, Any]:
    mine = figures[store.id]
    away = _away(store, centre)
    near = _neighbours(store, shown)
    return {
        "id": store.id,
        "name": store.name,
        "region": store.region.name if store.region else "",
        "is_placed": store.place is not None,
        "is_centre": store is centre,
        "away_km": away,
        "away": None if away is None else distance_words(away),
        "is_within": away is not None and away <= radius,
        "nearest": f"{distance_words(near[0][0])} · {near[0][1]}" if near else "",
        "within": sum(1 for km, _name in near if km <= radius),
        "customers": mine.customers,
        "sales_minor": mine.now_minor,
        "sales": formats.whole_money(mine.now_minor, currency),
        "change": mine.change,
        "news": news_of(mine.change),
        "url": f"{reverse('customers')}?store={store.id}" if request.actor.can("customers.view") else "",
    }


def _away(store: StoreView, centre: StoreView | None) -> float | None:
    if centre is None or centre.place is None or store.place is None:
        return None
    return distance_km(one=centre.place, other=store.place)


def _neighbours(store: StoreView, shown: list[StoreView]) -> list[tuple[float, str]]:
    """Return (kilometres, name) of the other stores with a place, the nearest first."""
    if store.place is None:
        return []
    others = (
        (distance_km(one=store.place, other=one.place), one.name) for one in shown if one.place and one is not store
    )
    return sorted(others)


def news_of(change: float | None) -> str:
    """Return whether a change is to speak of: up, down, or neither."""
    if change is None or abs(change) < _STEADY:
        return "flat"
    return "up" if change > 0 else "down"


def distance_words(km: float) -> str:
    """Return a distance in metres or kilometres."""
    if km < 1:
        return _("%(n)s m") % {"n": formats.number(round(km * 1000 / 10) * 10)}
    return _("%(n)s km") % {"n": formats.number(round(km, 1) if km < 100 else round(km))}


def _picture(
    rows: list[dict[str, Any]], placed: list[StoreView], size: str, radius: int, centre: StoreView | None
) -> dict[str, Any] | None:
    if not placed:
        return None
    by_id = {row["id"]: row for row in rows}
    names = short_names([store.name for store in placed])
    dots = [
        Dot(
            place=store.place,  # type: ignore[arg-type]
            weight=float(
                (by_id[store.id]["customers"] if size == "customers" else by_id[store.id]["sales_minor"]) or 0
            ),
            name=name,
            words=_words(by_id[store.id]),
            news=by_id[store.id]["news"],
            url=by_id[store.id]["url"],
            is_centre=store is centre,
        )
        for store, name in zip(placed, names, strict=True)
    ]
    return picture_of(dots, radius_km=radius, centre=centre.place if centre else None)


def _words(row: dict[str, Any]) -> str:
    told = [row["name"]]
    if row["away"] and not row["is_centre"]:
        told.append(row["away"])
    if row["customers"] is not None:
        told.append(_("%(n)s customers") % {"n": formats.number(row["customers"])})
    told.append(_("sales %(amount)s") % {"amount": row["sales"]})
    if row["change"] is not None:
        told.append(formats.signed_percent(row["change"]))
    return ", ".join(told)


def _summary(rows: list[dict[str, Any]], radius: int, centre: StoreView | None, currency: str) -> str:
    if centre is None:
        return ""
    near = [row for row in rows if row["is_within"] and not row["is_centre"]]
    text = _(
        "Within %(radius)s km of %(store)s: %(stores)s further stores with %(customers)s customers and %(sales)s of sales."
    )
    return text % {
        "radius": radius,
        "store": centre.name,
        "stores": formats.number(len(near)),
        "customers": formats.number(sum(row["customers"] or 0 for row in near)),
        "sales": formats.whole_money(sum(row["sales_minor"] for row in near), currency),
    }


def _sheet(rows: list[dict[str, Any]], currency: str, centre: StoreView | None) -> Sheet:
    titles = [
        _("Store"),
        _("Region"),
        _("Nearest store"),
        _("Customers"),
        _("Sales"),
        _("Currency"),
        _("Change of sales"),
    ]
    if centre is not None:
        titles.append(_("Kilometres from %(store)s") % {"store": centre.name})
    lines = [
        [
            row["name"],
            row["region"],
            row["nearest"],
            row["customers"],
            from_minor(row["sales_minor"], currency=currency),
            currency,
            None if row["change"] is None else f"{row['change']:.4f}",
            *([None if row["away_km"] is None else f"{row['away_km']:.2f}"] if centre is not None else []),
        ]
        for row in rows
    ]
    return Sheet(_("Stores on the map"), titles, lines)
