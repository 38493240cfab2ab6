"""How customers moved between cells as a picture and as tables, the rules in words, and all of it as rows that leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.insight import queries
from yutang.insight.queries import CELL_GROUPS, GRADES
from yutang.kit.money import from_minor
from yutang.kit.text import N_

TONES = {"core": "accent", "promising": "info", "cooling": "warn", "win_back": "plum", "quiet": "down"}
WITHIN_TITLES = {
    "chain": N_("the whole chain"),
    "region": N_("each region"),
    "store": N_("each store"),
    "platform": N_("each platform"),
}
_TITLES = {one.code: one.title for one in CELL_GROUPS}
_ORDER = {code: place for place, code in enumerate([*_TITLES, ""])}


def moved(found: queries.RfmMovement) -> dict[str, Any]:
    """Return how customers moved within the month: the flow between the named groups, the same as a table, and the net by cell."""
    between, net = found.between_groups, found.net
    most = max(map(abs, net.values()), default=0)
    return {
        "note": f"{_end(found.since)} → {_end(found.as_of)}",
        "flow": _flow(between),
        "words": _words(between),
        "columns": [_(title) for title in _TITLES.values()],
        "table": [
            {
                "title": title_of(code),
                "cells": [
                    {"n": between.get((code, other), 0), "stays": code == other, "title": title_of(other)}
                    for other in _TITLES
                ],
            }
            for code in (*_TITLES, "")
        ],
        "net": [{"r": r, "cells": [_net_cell(r, f, net[r, f], most) for f in GRADES]} for r in reversed(GRADES)],
    }


def title_of(code: str) -> str:
    """Return what a group of cells is called; the empty code is who was no buyer yet."""
    return _(_TITLES[code]) if code else _("Not a buyer yet")


def rules_shown(rules: queries.RfmRules, currency: str) -> dict[str, Any]:
    """Return the thresholds as rows, and the money as people write it."""
    spend = [from_minor(each, currency=currency) for each in rules.spend_minor]
    words = _("Grades follow fixed thresholds.")
    if rules.method == "quintiles":
        words = _("Grades are fifths of the buyers of %(within)s.") % {"within": _(WITHIN_TITLES[rules.within])}
    return {
        "words": words,
        "is_fixed": rules.method == "thresholds",
        "within": rules.within,
        "recency_days": rules.recency_days,
        "orders": rules.orders,
        "spend": [f"{each:f}".rstrip("0").rstrip(".") if "." in f"{each:f}" else f"{each:f}" for each in spend],
        "rows": [
            {
                "title": _("Recency: days since the last order, at most"),
                "cells": ["—", *map(formats.number, reversed(rules.recency_days))],
            },
            {"title": _("Frequency: orders, at least"), "cells": ["—", *map(formats.number, rules.orders)]},
            {
                "title": _("Money: spent, at least"),
                "cells": ["—", *(formats.whole_money(each, currency) for each in rules.spend_minor)],
            },
        ],
    }


def table_rows(found: queries.RfmGrid, movement: queries.RfmMovement | None, *, stores: str) -> Iterator[list[str]]:
    """Yield the cells with their figures and net movement, then the moves between cells."""
    yield [
        _("As of"),
        _("Stores"),
        "R",
        "F",
        _("Named group"),
        _("Customers"),
        _("Orders"),
        _("Spent"),
        _("Currency"),
        _("Net change"),
    ]
    day = _last_day(found.as_of) if found.as_of else ""
    net = movement.net if movement else {}
    for cell in found.cells:
        group = _(queries.cell_group_of(r=cell.r, f=cell.f).title)
        spent = from_minor(cell.spend_minor, currency=found.currency)
        change = str(net[cell.r, cell.f]) if net else ""
        figures = [str(cell.customers), str(cell.orders), str(spent), found.currency, change]
        yield [day, stores, str(cell.r), str(cell.f), group, *figures]
    if movement is None:
        return
    yield []
    yield [_("From"), _("To"), _("R before"), _("F before"), "R", "F", _("Customers")]
    for r_before, f_before, r, f, customers in movement.moves:
        before = [str(r_before), str(f_before)] if r_before else ["", ""]
        yield [_last_day(movement.since), _last_day(movement.as_of), *before, str(r), str(f), str(customers)]


def _flow(between: dict[tuple[str, str], int]) -> dict[str, Any]:
    nodes = []
    for depth in (0, 1):
        totals: dict[str, int] = {}
        for pair, customers in between.items():
            totals[pair[depth]] = totals.get(pair[depth], 0) + customers
        nodes += [
            {
                "name": f"{depth}:{code}",
                "label": title_of(code),
                "tone": TONES.get(code, "ink3"),
                "depth": depth,
                "total": totals[code],
            }
            for code in sorted(totals, key=_ORDER.__getitem__)
        ]
    pairs = sorted(between.items(), key=lambda one: (_ORDER[one[0][0]], _ORDER[one[0][1]]))
    return {
        "nodes": nodes,
        "links": [
            {"source": f"0:{before}", "target": f"1:{after}", "value": customers}
            for (before, after), customers in pairs
            if customers
        ],
    }


def _words(between: dict[tuple[str, str], int]) -> str:
    """Return the largest moves from one group to another in words."""
    moves = sorted(((n, pair) for pair, n in between.items() if pair[0] != pair[1] and n), reverse=True)[:3]
    if not moves:
        return _("Nobody moved from one group to another.")
    return _("Largest moves: %(moves)s.") % {
        "moves": ", ".join(f"{title_of(a)} → {title_of(b)} {formats.number(n)}" for n, (a, b) in moves)
    }


def _net_cell(r: int, f: int, change: int, most: int) -> dict[str, Any]:
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return {
        "f": f,
        "text": f"{sign}{formats.compact_number(abs(change))}",
        "level": round(9 * abs(change) / most) if most else 0,
        "side": "up" if change > 0 else "down" if change < 0 else "",
    }


def _end(exclusive: Any) -> str:
    return formats.day_before(exclusive)


def _last_day(exclusive: Any) -> str:
    return str((exclusive - timedelta(days=1)).isoformat())
