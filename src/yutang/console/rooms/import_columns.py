"""The step of an import in which a person says which column means what."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yutang.console.access import StaffRequest, room
from yutang.console.rooms.imports import shown
from yutang.ingest import actions, queries
from yutang.ingest.marks import ROW_MARK


@room("imports.run")
def columns(request: StaffRequest, import_id: int) -> HttpResponse:
    """Show the fields with the columns suggested for them, and keep what the person chose."""
    view = queries.import_view(access=request.actor, import_id=import_id)
    if view.status != "draft":
        return redirect("imports-one", import_id)
    targets = queries.target_choices()
    codes = [code for code, _title, _fields in targets]
    wanted = request.POST.get("target") or request.GET.get("target") or view.target
    target = wanted if wanted in codes else codes[0]
    if request.method == "POST":
        mapping = {
            name[4:]: str(column) for name, column in request.POST.dict().items() if name.startswith("col-") and column
        }
        for name, field in request.POST.dict().items():
            if name.startswith("mean-") and field:
                mapping.setdefault(str(field), name[5:])
        actions.remap_import(actor=request.actor, import_id=import_id, mapping=mapping, target=target, now=request.now)
        messages.success(request, _("The columns are kept and offered again for files with the same header."))
        return redirect("imports-one", import_id)
    choice = queries.column_choice(access=request.actor, import_id=import_id, target=target)
    meant = set(choice.columns.values())
    context: dict[str, Any] = {
        "meaningless": [
            {
                "number": at + 1,
                "name": name or _("Column %(number)s") % {"number": at + 1},
                "sample": _sample(choice.sample, at),
            }
            for at, name in enumerate(choice.header)
            if at not in meant and name != ROW_MARK
        ],
        "one": shown(view),
        "target": target,
        "targets": [(code, _(title)) for code, title, _fields in targets],
        "columns": list(enumerate(choice.header, 1)),
        "samples": {index: _sample(choice.sample, index - 1) for index, _name in enumerate(choice.header, 1)},
        "required": [_row(field, choice) for field in choice.fields if field.required],
        "mapped": [
            _row(field, choice) for field in choice.fields if not field.required and field.name in choice.columns
        ],
        "others": [
            _row(field, choice) for field in choice.fields if not field.required and field.name not in choice.columns
        ],
    }
    return render(request, "console/imports/columns.html", context)


def _row(field: Any, choice: Any) -> dict[str, Any]:
    position = choice.columns.get(field.name)
    return {
        "name": field.name,
        "title": _(field.title),
        "column": None if position is None else position + 1,
        "sample": "" if position is None else _sample(choice.sample, position),
    }


def _sample(rows: tuple[tuple[str, ...], ...], position: int) -> str:
    cells = [row[position] for row in rows if position < len(row) and row[position]]
    return " · ".join(cell[:40] for cell in dict.fromkeys(cells[:3]))
