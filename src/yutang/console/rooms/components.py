"""Every component in all its states on one page, for those who build screens (debug only)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.kit.text import N_

#: The components with states of their own: anchor and name.
PARTS = (
    ("tile", N_("Tiles")),
    ("number-help", N_("Number help")),
    ("chart-card", N_("Chart cards")),
    ("progress", N_("Progress and counts")),
    ("filter-bar", N_("Filter bar")),
    ("table", N_("Table")),
    ("empty", N_("Empty states and notices")),
    ("form-row", N_("Form rows")),
    ("dialog", N_("Dialog, drawer, toast")),
    ("toast", N_("Toasts")),
    ("stepper", N_("Stepper")),
    ("timeline", N_("Timeline")),
    ("tags", N_("Tags and avatars")),
    ("board", N_("Board")),
    ("palette-specimen", N_("Command palette")),
)
_SPEND = [120, 0, 310, 88, 0, 540, 95, 210, 64, 0, 390]
_COUNTS = {
    "rows_read": 1000,
    "rows_new": 620,
    "rows_updated": 140,
    "rows_unchanged": 180,
    "rows_quarantined": 40,
    "rows_ignored": 20,
}
_ICONS = (
    "chart tasks people upload download merge gear search help check close alert info right left theme more leave eye tag cart "
    "refund phone shield clock undo file store plus star fish lock filter badge sliders key globe screen"
)
_STAGES = (
    ("new", "New", "info"),
    ("growing", "Growing", "accent"),
    ("at_risk", "At risk", "warn"),
    ("lost", "Lost", "down"),
)


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """Show the components with specimen content."""
    if not settings.DEBUG:
        raise Http404
    context = {"parts": [(code, _(title)) for code, title in PARTS], "icons": _ICONS.split(), "nothing": ()}
    return render(request, "console/components/page.html", {**context, **_figures(), **_work()})


def _figures() -> dict[str, Any]:
    start = date(2026, 10, 1)
    days = [(start + timedelta(days=n)).isoformat() for n in range(30)]
    values = [24000 + 900 * ((n * 7) % 11) for n in range(30)]
    nodes = [
        {"name": f"{side}:{code}", "label": label, "tone": tone, "depth": depth, "total": 900}
        for depth, side in enumerate(("from", "to"))
        for code, label, tone in _STAGES
    ]
    links = [
        {"source": f"from:{a}", "target": f"to:{b}", "value": 600 if a == b else 100}
        for a, _label, _tone in _STAGES
        for b, _other, _its in _STAGES
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
    }


def _work() -> dict[str, Any]:
    at = datetime(2026, 11, 21, 0, 11, tzinfo=UTC)
    step = {"why": "门店用编码区分。By their codes.", "url": "#empty", "icon": "store"}
    return {
        "columns": [{"title": "客户 Customer"}, {"title": "阶段 Stage"}, {"title": "消费 Spend", "is_number": True}],
        "events": [
            {"icon": "cart", "tone": "accent", "title": "下单 Order", "text": "¥386.26", "at": at},
            {"icon": "refund", "tone": "warn", "title": "退款 Refund", "text": "", "at": at - timedelta(days=6)},
            {"icon": "alert", "tone": "down", "title": "投诉 Complaint", "text": "", "at": at - timedelta(days=9)},
        ],
        "board": [_column("first_order", "首单感谢", late=False), _column("silent", "高价值沉默", late=True)],
        "first_steps": {
            "steps": [
                {**step, "title": "写下组织名称 Name", "is_done": True, "is_next": False},
                {**step, "title": "建立门店 Stores", "is_done": False, "is_next": True},
                {**step, "title": "导入文件 Import", "is_done": False, "is_next": False},
            ],
            "done": 1,
            "total": 3,
            "may_fill": True,
        },
        "palette_groups": _palette(),
    }


def _column(code: str, title: str, *, late: bool) -> dict[str, Any]:
    task = {
        "id": 1,
        "kind": code,
        "reason": "3 天前第一次下单 ¥128。First order 3 days ago.",
        "name": "朱*",
        "customer_id": 1,
        "url": "#board",
        "store": "徐汇店",
        "owner": "李店长",
        "when": "今天到期 due today",
        "late": late,
        "gain": {"value": "¥64", "help": "涉及金额 × 可能性"},
    }
    return {
        "code": code,
        "title": title,
        "advice": "打个电话道谢。Say thanks.",
        "count": 12,
        "more": True,
        "tasks": [task],
    }


def _palette() -> list[dict[str, Any]]:
    person = {
        "id": "specimen-1",
        "title": "朱*",
        "note": "145****0012 · 徐汇店",
        "person": 12,
        "url": "#palette-specimen",
    }
    screen = {"id": "specimen-2", "title": "经营 Business", "note": "", "icon": "chart", "url": "#palette-specimen"}
    action = {"id": "specimen-3", "title": "新建人群 New segment", "icon": "plus", "url": "#palette-specimen"}
    return [
        {"code": "one", "title": "客户 Customers", "options": [person]},
        {"code": "two", "title": "页面 Screens", "options": [screen]},
        {"code": "three", "title": "操作 Actions", "options": [action]},
    ]
