"""The rows that could not be taken: mend them inline, download them, put them aside."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.exports import csv_answer, workbook_answer
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.imports import shown
from yutang.ingest import actions, queries
from yutang.ingest.marks import ROW_MARK

_PAGE = 40


@room("imports.view")
def rows(request: StaffRequest, import_id: int) -> HttpResponse:
    """Show the kept rows of an import, the cell at fault ready to be corrected."""
    after = request.GET.get("after", "")
    view = queries.import_view(access=request.actor, import_id=import_id)
    found = queries.kept_rows(
        access=request.actor, import_id=import_id, after_id=number_asked(after) or 0, limit=_PAGE + 1
    )
    page = found[:_PAGE]
    context = {
        "one": shown(view),
        "rows": [_shown(row) for row in page],
        "reasons": queries.kept_reasons(access=request.actor, import_id=import_id),
        "next": page[-1].id if len(found) > _PAGE else None,
    }
    return render(request, "console/imports/rows.html", context)


@room("imports.run")
@require_POST
def mend(request: StaffRequest, import_id: int) -> HttpResponse:
    """Import the rows again whose cells were changed."""
    asked = {number for part in request.POST.getlist("row") if (number := number_asked(part)) is not None}
    first = min(asked, default=1)
    kept = queries.kept_rows(access=request.actor, import_id=import_id, after_id=first - 1, limit=_PAGE)
    mended = {row.id: changed for row in kept if row.id in asked and (changed := _changed(request, row))}
    if not mended:
        messages.warning(request, _("No cell was changed yet."))
        return redirect("imports-rows", import_id)
    record = actions.mend_rows(actor=request.actor, mended=mended, now=request.now)
    messages.success(request, _("%(n)d mended rows are being imported again.") % {"n": len(mended)})
    return redirect("imports-one", record.pk)


@room("imports.run")
@require_POST
def dismiss(request: StaffRequest, import_id: int) -> HttpResponse:
    """Put a row, or all rows of one reason, aside: they are not to be imported."""
    if code := request.POST.get("reason"):
        count = actions.dismiss_rows_alike(
            actor=request.actor,
            import_id=import_id,
            reason_code=code,
            column=request.POST.get("column", ""),
            now=request.now,
        )
        messages.success(request, _("%(n)d rows were put aside.") % {"n": count})
        return redirect("imports-rows", import_id)
    row_ids = [number for part in request.POST.getlist("only") if (number := number_asked(part)) is not None]
    count = actions.dismiss_rows(actor=request.actor, row_ids=row_ids, now=request.now)
    messages.success(request, _("%(n)d rows were put aside.") % {"n": count})
    return redirect("imports-rows", import_id)


@room("imports.run")
def download(request: StaffRequest, import_id: int) -> HttpResponseBase:
    """Give the kept rows as a table that can be mended in a spreadsheet and imported again."""
    view = queries.import_view(access=request.actor, import_id=import_id)
    tables = queries.kept_tables(access=request.actor, import_id=import_id)
    name = f"{view.file_name.rsplit('.', 1)[0]}-mend"
    if len(tables) > 1:
        return workbook_answer(tables, file_name=f"{name}.xlsx")
    return csv_answer(tables[0][1] if tables else (), file_name=f"{name}.csv")


def _shown(row: queries.KeptRowView) -> dict[str, Any]:
    cells = [
        {
            "name": f"cell-{row.id}-{index}",
            "header": header or _("Column %(number)s") % {"number": index + 1},
            "value": value,
            "wrong": index == row.position,
            "is_long": "\n" in value or "\r" in value,
        }
        for index, (header, value) in enumerate(row.cells)
        if header != ROW_MARK
    ]
    wrong = [cell for cell in cells if cell["wrong"]]
    return {"row": row, "wrong": wrong, "others": [cell for cell in cells if not cell["wrong"]]}


def _changed(request: StaffRequest, row: queries.KeptRowView) -> dict[int, str]:
    changed = {}
    for index, (_header, value) in enumerate(row.cells):
        given = request.POST.get(f"cell-{row.id}-{index}")
        if given is not None and _with_plain_breaks(given) != _with_plain_breaks(value):
            changed[index] = _with_plain_breaks(given)
    return changed


def _with_plain_breaks(text: str) -> str:
    """Return the text with line breaks as one character: browsers send two, whatever the file had."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
