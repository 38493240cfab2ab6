"""How many people it takes to see how small an effect: worked out before an experiment begins."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.experiments import queries
from yutang.kit.text import N_

#: Name, what it is called, what stands there first, and between what it lies. In percent.
_FIELDS = (
    ("usual", N_("Share who buy anyway, percent"), "5", Decimal("0.01"), Decimal("99")),
    ("effect", N_("Smallest effect that counts, points"), "1", Decimal("0.01"), Decimal(50)),
    ("held_out", N_("Held out, percent"), "10", Decimal(1), Decimal(95)),
)
_WRONG = N_("%(title)s: write a number from %(low)s to %(high)s.")
#: Larger and smaller effects are shown too.
_TIMES = (4, 2, 1, Decimal("0.5"), Decimal("0.25"))
_LONGEST = 8


@room("experiments.view")
def size(request: StaffRequest) -> HttpResponse:
    """Show how many people it takes for what the address names."""
    asked, wrong = _asked(request)
    context: dict[str, Any] = {
        "fields": [
            {"name": name, "title": _(title), "value": request.GET.get(name, first)[:20]}
            for name, title, first, _low, _high in _FIELDS
        ],
        "wrong": wrong,
    }
    if not wrong:
        context |= _answer(asked)
    return render(request, "console/experiments/size.html", context, status=422 if wrong else 200)


def _asked(request: StaffRequest) -> tuple[dict[str, Decimal], str]:
    """Return what was asked, in percent, and why it cannot be worked out."""
    asked: dict[str, Decimal] = {}
    for name, title, first, low, high in _FIELDS:
        written = request.GET.get(name, first).strip().replace("，", "").rstrip("%")
        try:
            value = Decimal(written if len(written) <= _LONGEST else "NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or not low <= value <= high:
            ends = {"low": formats.number(low), "high": formats.number(high)}
            return asked, _(_WRONG) % {"title": _(title), **ends}
        asked[name] = value
    return asked, ""


def _answer(asked: dict[str, Decimal]) -> dict[str, Any]:
    effects = [asked["effect"] * times for times in _TIMES]
    usual, held_out = float(asked["usual"]) / 100, float(asked["held_out"]) / 100
    planned, rows = queries.PLANNED_UNITS["person"], list[dict[str, Any]]()
    for effect in effects:
        needed = queries.people_needed(
            effect=float(effect) / 100, variance=usual * (1 - usual), held_out_ratio=held_out, planned=planned
        )
        rows.append(
            {
                "effect": formats.number(effect),
                "needed": needed,
                "held_out": round(needed * held_out),
                "is_asked": effect == asked["effect"],
            }
        )
    chosen = next(row for row in rows if row["is_asked"])
    tile = {
        "metric": "experiment_needed",
        "value": formats.compact_number(chosen["needed"]),
        "note": _("of these %(n)s held out") % {"n": formats.compact_number(chosen["held_out"])},
        "lead": True,
    }
    return {"tiles": [tile], "rows": rows}
