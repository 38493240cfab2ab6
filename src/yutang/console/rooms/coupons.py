"""The room of coupons: kinds with what became of them, and one kind in full."""

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

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.beside_programmes import economics_of, guard_of
from yutang.console.rooms.coupons_words import REFUSALS, end_words, facts, gift_words
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.coupons import queries
from yutang.coupons.queries import STATE_TITLES
from yutang.coupons.views import KindView, Tally, Week
from yutang.kit.money import from_minor
from yutang.kit.text import N_

#: What an answer of the guard means for a coupon.
_MEANS = {
    "slow": N_("Not given, or not redeemed, at once: it may be tried again after the wait."),
    "review": N_("Not given, or not redeemed, until somebody has looked; then it may be tried again."),
    "refuse": N_("Neither given nor redeemed. Whoever it was may ask for another look."),
}
#: Weeks of the picture of a kind.
_WEEKS = timedelta(weeks=12)
#: Parts of a kind's bar: code of the tone, name in a `Tally`, title.
_PARTS = (("accent", "redeemed"), ("info", "living"), ("warn", "expired"))
_TITLES = {"redeemed": STATE_TITLES["redeemed"], "living": STATE_TITLES["given"], "expired": STATE_TITLES["expired"]}


@room("coupons.view")
def kinds(request: StaffRequest) -> HttpResponseBase:
    """Show every kind of coupon with what became of its pieces."""
    counted = queries.tallies(access=request.actor, now=request.now)
    found = [(view, counted.get(view.id, Tally())) for view in queries.kinds(access=request.actor)]
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    context = {
        "rows": [_row(view, tally) for view, tally in found],
        "legend": [(tone, _(_TITLES[name])) for tone, name in _PARTS],
    }
    return render(request, "console/coupons/kinds.html", context)


@room("coupons.view")
def kind(request: StaffRequest, kind_id: int) -> HttpResponse:
    """Show one kind: what it promises, what became of its pieces, what it cost and brought, what was refused."""
    view = queries.kind_view(access=request.actor, kind_id=kind_id)
    tally = queries.tallies(access=request.actor, now=request.now).get(kind_id, Tally())
    refused = queries.refused_attempts(access=request.actor, kind_id=kind_id, now=request.now)
    since = timezone.localtime(request.now).date() - _WEEKS
    weeks = queries.weeks(access=request.actor, kind_id=kind_id, since=since, now=request.now)
    context = {
        "view": view,
        "gift": gift_words(view),
        "end": end_words(view),
        "facts": facts(view),
        "tally": tally,
        "tiles": _tiles(view, tally),
        "picture": _picture(weeks) if tally.given else None,
        "picture_words": _picture_words(tally),
        "refused": [(_(REFUSALS[reason]), count) for reason, count in refused.items() if reason in REFUSALS],
        "is_pool": view.terms.codes == "pool",
        **economics_of(request, f"coupon:{kind_id}"),
        **guard_of(request, f"coupon:{kind_id}", means=_MEANS),
    }
    return render(request, "console/coupons/kind.html", context)


def _row(view: KindView, tally: Tally) -> dict[str, Any]:
    currency = view.terms.currency
    return {
        "view": view,
        "gift": gift_words(view),
        "end": end_words(view),
        "tally": tally,
        "bar": _bar(tally),
        "bar_words": formats.listed([f"{_(_TITLES[name])} {getattr(tally, name)}" for _tone, name in _PARTS]),
        "left": view.terms.pieces - view.given,
        "ratio": formats.percent(tally.redeemed_ratio, 0) if tally.redeemed_ratio is not None else "—",
        "cost": formats.compact_money(tally.cost_minor, currency),
        "brought": formats.compact_money(tally.brought_minor, currency),
    }


def _bar(tally: Tally) -> list[dict[str, str]]:
    """Return the parts of a kind's bar, each as long as its share."""
    parts, left = [], 0.0
    for tone, name in _PARTS:
        share = 100 * getattr(tally, name) / tally.given if tally.given else 0.0
        if share:
            parts.append({"tone": tone, "left": f"{left:.3f}", "share": f"{share:.3f}"})
        left += share
    return parts


def _tiles(view: KindView, tally: Tally) -> list[dict[str, Any]]:
    currency = view.terms.currency
    ratio = tally.redeemed_ratio
    usable = _("%(n)s can still be used") % {"n": formats.number(tally.living)}
    orders = _("%(n)s known orders") % {"n": formats.number(tally.orders)}
    return [
        {"metric": "coupon_given", "value": formats.number(tally.given), "note": usable, "lead": True},
        {
            "metric": "coupon_redeemed",
            "value": formats.percent(ratio, 0) if ratio is not None else "—",
            "note": _("%(n)s of them") % {"n": formats.number(tally.redeemed)},
        },
        {
            "metric": "coupon_brought",
            "value": formats.compact_money(tally.brought_minor, currency),
            "note": orders,
        },
        {
            "metric": "coupon_left",
            "value": formats.compact_money(tally.left_minor, currency),
            "note": _("after a cost of %(cost)s") % {"cost": formats.compact_money(tally.cost_minor, currency)},
        },
    ]


def _picture(weeks: tuple[Week, ...]) -> dict[str, Any]:
    return {
        "days": [week.monday.isoformat() for week in weeks],
        "series": [
            {"name": _(_TITLES[name]), "tone": tone, "values": [getattr(week, name) for week in weeks]}
            for tone, name in _PARTS
        ],
        "words": {"week": _("week from %")},
    }


def _picture_words(tally: Tally) -> str:
    return _("Of %(given)s coupons %(redeemed)s were redeemed, %(expired)s expired unused, %(living)s can be used.") % {
        "given": formats.number(tally.given),
        "redeemed": formats.number(tally.redeemed),
        "expired": formats.number(tally.expired),
        "living": formats.number(tally.living),
    }


def _sheet(found: list[tuple[KindView, Tally]]) -> Sheet:
    titles = [
        _("Short name"),
        _("Name"),
        _("Gives"),
        _("Holds"),
        pgettext("kind of coupon", "Open"),
        _("Pieces in all"),
        _("Given"),
        _("Redeemed"),
    ]
    titles += [_("Expired unused"), _("Can be used"), _("Taken back"), _("What they cost"), _("Orders with them")]
    titles += [_("Currency")]
    return Sheet(_("Coupons"), titles, _lines(found))


def _lines(found: list[tuple[KindView, Tally]]) -> Iterator[list[Any]]:
    for view, tally in found:
        currency = view.terms.currency
        yield [
            view.code, view.name, gift_words(view), end_words(view), _("yes") if view.is_open else _("no"), view.terms.pieces,
            tally.given, tally.redeemed, tally.expired, tally.living, tally.taken_back,
            from_minor(tally.cost_minor, currency=currency), from_minor(tally.brought_minor, currency=currency), currency,
        ]  # fmt: skip
