"""Who came to a segment, or left it, since an earlier look: the whole list, page by page or as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.customers import row_of
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.insight import queries as insight
from yutang.segments import queries
from yutang.segments.exporting import MaskedExport

_PAGE = 50


@room("segments.view")
def changes(request: StaffRequest, segment_id: int) -> HttpResponseBase:
    """Show one side of a change of a segment."""
    view = queries.segment_view(access=request.actor, segment_id=segment_id)
    since = number_asked(request.GET.get("since", ""))
    change = queries.change_since(access=request.actor, segment_id=segment_id, snapshot_id=since)
    side = "left" if request.GET.get("side") == "left" else "came"
    if change is None and since is not None:
        raise Http404
    keys = [int(key) for key in (change.left if side == "left" else change.entered)] if change else []
    title = _("Who left?") if side == "left" else _("Who came?")
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, f"{view.name} {title}", keys))
    after = number_asked(request.GET.get("after", "")) or 0
    later = [key for key in keys if key > after]
    shown = later[:_PAGE]
    rows = people.customer_rows(access=request.actor, ids=shown)
    scores = insight.scores_for(access=request.actor, customer_ids=shown)
    context: dict[str, Any] = {
        "view": view,
        "heading": title,
        "side": side,
        "sides": [("came", _("Came")), ("left", _("Left"))],
        "since": formats.moment(change.since) if change else "",
        "people": len(keys),
        "rows": [row_of(rows[key], scores.get(key)) for key in shown if key in rows],
        "next": shown[-1] if len(later) > _PAGE else None,
        "later": bool(after),
        "filtered": True,
        "may_take": may_take_people(request),
    }
    return render(request, "console/segments/changes.html", context)


def _sheet(request: StaffRequest, name: str, keys: list[int]) -> Sheet:
    rows: Iterator[list[str]] = MaskedExport(request.actor, keys).rows(spoken)
    titles = next(rows)
    return Sheet(name.rstrip("?？"), titles, rows, of_people=True)
