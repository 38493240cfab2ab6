"""Every component in all its states on one page, for those who build screens (debug only)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

_SPEND = [120, 0, 310, 88, 0, 540, 95, 210, 64, 0, 390]
_COUNTS = {
    "rows_read": 1000,
    "rows_new": 620,
    "rows_updated": 140,
    "rows_unchanged": 180,
    "rows_quarantined": 40,
    "rows_ignored": 20,
}
_ICONS = [
    *(
        "chart",
        "tasks",
        "people",
        "upload",
        "download",
        "merge",
        "gear",
        "search",
        "help",
        "check",
        "close",
        "alert",
        "info",
    ),
    *(
        "right",
        "left",
        "theme",
        "more",
        "leave",
        "eye",
        "tag",
        "cart",
        "refund",
        "phone",
        "shield",
        "clock",
        "undo",
        "file",
    ),
    *("store", "plus", "star", "fish", "lock", "filter"),
]


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """Show the components with specimen content."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "console/components/page.html", _specimens())


def _specimens() -> dict[str, Any]:
    start = date(2026, 10, 1)
    days = [(start + timedelta(days=n)).isoformat() for n in range(30)]
    values = [24000 + 900 * ((n * 7) % 11) for n in range(30)]
    stages = [
        ("new", "New", "info"),
        ("growing", "Growing", "accent"),
        ("at_risk", "At risk", "warn"),
        ("lost", "Lost", "down"),
    ]
    nodes = [
        {"name": f"{side}:{code}", "label": label, "tone": tone, "depth": depth, "total": 900}
        for depth, side in enumerate(("from", "to"))
        for code, label, tone in stages
    ]
    links = [
        {"source": f"from:{a}", "target": f"to:{b}", "value": 600 if a == b else 100}
        for a, _, _ in stages
        for b, _, _ in stages
    ]
    return {
        "daily": {"days": days, "values": values, "before": [value * 0.94 for value in values], "currency": "CNY"},
        "flow": {"nodes": nodes, "links": links},
        "spend": {"months": [f"2026-{month:02d}" for month in range(1, 12)], "values": _SPEND, "currency": "CNY"},
        "counts": _COUNTS,
        "heat": [
            [(month, min(9, max(0, 8 - month - row % 2)), 61 - 8 * month) for month in range(6 - row)]
            for row in range(6)
        ],
        "icons": _ICONS,
    }
