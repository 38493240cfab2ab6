"""The room of imports: the list, one import from draft to result, start, cancel and undo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.console.uploads import takes_files
from yutang.console.words import STATUSES
from yutang.ingest import actions, queries
from yutang.ingest.new_stores import NewStore
from yutang.ingest.planning import FormatIsUnknown
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_PAGE = 30
#: Imports of a table that leaves, newest first.
_MOST_IN_A_SHEET = 5_000
_CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "TWD", "JPY", "SGD", "MYR", "THB", "VND")


@room("imports.view")
def imports(request: StaffRequest) -> HttpResponseBase:
    """Show the imports, newest first."""
    if sheet_asked(request):
        found = queries.recent_imports(access=request.actor, limit=_MOST_IN_A_SHEET)
        return sheet_answer(request, listed.of_imports(found))
    before = request.GET.get("before", "")
    found = queries.recent_imports(access=request.actor, before_id=number_asked(before), limit=_PAGE + 1)
    context = {
        "imports": [shown(one) for one in found[:_PAGE]],
        "next": found[_PAGE - 1].id if len(found) > _PAGE else None,
        "first_page": not before,
    }
    return render(request, "console/imports/list.html", context)


@takes_files
@room("imports.run")
def new(request: StaffRequest) -> HttpResponse:
    """Take one or several files and prepare an import of each."""
    if request.method != "POST":
        return render(request, "console/imports/new.html", {"currencies": _CURRENCIES})
    files = request.FILES.getlist("file")
    if not files:
        messages.error(request, _("Choose a file first."))
        return _lead_to(request, "imports-new")
    prepared, refused = [], []
    for file in files:
        try:
            prepared.append(_prepare(request, file))
        except DomainError as refusal:
            refused.append((file.name, spoken(refusal.sentence)))
    for name, reason in refused:
        messages.error(request, f"{name}: {reason}")
    if not prepared:
        return _lead_to(request, "imports-new")
    return _lead_to(request, "imports-one", prepared[0]) if len(prepared) == 1 else _lead_to(request, "imports")


def _lead_to(request: StaffRequest, name: str, *args: int) -> HttpResponse:
    """Redirect; an upload by script is told where to go, since it would follow a redirect and use up the messages."""
    if "X-Upload" in request.headers:
        return HttpResponse(status=204, headers={"X-Next": reverse(name, args=args)})
    return redirect(name, *args)


@room("imports.view")
def one(request: StaffRequest, import_id: int) -> HttpResponse:
    """Show one import as far as it has come: the plan with a preview, the progress, or the result."""
    view = queries.import_view(access=request.actor, import_id=import_id)
    context: dict[str, Any] = {"one": shown(view)}
    if request.htmx:
        answer = render(request, "console/imports/progress.html", context)
        if view.progress is None:
            answer["HX-Refresh"] = "true"
        return answer
    if view.status == "draft":
        if queries.lacks_columns(access=request.actor, import_id=import_id) and request.actor.can("imports.run"):
            return redirect("imports-columns", import_id)
        try:
            context["sheets"] = queries.plan_of(access=request.actor, import_id=import_id)
        except DomainError as refusal:
            context["refusal"], context["sheets"] = spoken(refusal.sentence), []
        context["troubled"] = sum(1 for sheet in context["sheets"] for row in sheet.preview if row.problem)
        new = list(dict.fromkeys(store for sheet in context["sheets"] for store in sheet.new_stores))
        context |= {"new_stores_n": len(new), "new_stores": _called_all(new)}
    return render(request, "console/imports/one.html", context)


@room("imports.run")
@require_POST
def start(request: StaffRequest, import_id: int) -> HttpResponse:
    """Start a prepared import, or go on with one that stopped."""
    actions.start_import(actor=request.actor, import_id=import_id, now=request.now)
    return redirect("imports-one", import_id)


@room("imports.run")
@require_POST
def cancel(request: StaffRequest, import_id: int) -> HttpResponse:
    """Stop an import after the batch at hand, or throw a draft away."""
    actions.cancel_import(actor=request.actor, import_id=import_id, now=request.now)
    messages.success(request, _("The import is being cancelled. What is written stays, and can be undone."))
    return redirect("imports-one", import_id)


@room("imports.undo")
@require_POST
def undo(request: StaffRequest, import_id: int) -> HttpResponse:
    """Take a whole import back."""
    record = actions.start_undo(actor=request.actor, import_id=import_id, now=request.now)
    if record.status == "undone":
        messages.success(request, _("The import was taken back: everything is as it was before it."))
    return redirect("imports-one", import_id)


def shown(view: queries.ImportView) -> dict[str, Any]:
    """Return what the templates say of an import beside its own figures."""
    counts = {f"rows_{name}": rows for name, rows in view.counts.items()}
    return {
        "view": view,
        "status": _(STATUSES[view.status]),
        "counts": counts,
        "format": _(view.format_title) if view.format_title else "",
        "ignored_why": [(spoken(why), rows) for _code, why, rows in view.ignored_why],
        "leads": _leads(view),
        "new_stores": _called_all(view.new_stores),
        "made": [(_(_MADE.get(kind, kind)), number) for kind, number in view.made.items() if number],
        "has_money": any(view.amounts.values()) and len(view.currencies) < 2,
        "several_currencies": formats.listed(view.currencies) if len(view.currencies) > 1 else "",
        "amounts": [(_(label), view.amounts[name]) for name, label in _AMOUNTS if name in view.amounts],
    }


def _called_all(stores: Sequence[NewStore]) -> str:
    return formats.listed([_called(store) for store in stores[:_NAMED]]) + (" …" if len(stores) > _NAMED else "")


def _called(store: NewStore) -> str:
    return store.name if store.name == store.code else f"{store.name} ({store.code})"


def _leads(view: queries.ImportView) -> str:
    """Return the page that shows what an import brought: ``traffic``, ``business`` or ``people``."""
    return {"ad_cost": "traffic", "footfall": "business"}.get(view.target, "people")


#: How many new stores are named; the page of stores lists all.
_NAMED = 20
_MADE = {
    "orders": N_("Orders"),
    "order_lines": N_("Order lines"),
    "customers": N_("Customers"),
    "refunds": N_("Refunds"),
    "cancellations_matched": N_("Cancellations matched"),
    "merges": N_("Merged people"),
    "review_cases": N_("Pairs to decide"),
    "products": N_("Products"),
    "footfall": N_("Days of footfall"),
    "ad_cost": N_("Days of ad cost"),
}
_AMOUNTS = (
    ("read", N_("Read")),
    ("imported", N_("Imported")),
    ("cancelled", N_("Cancelled")),
    ("quarantined", N_("To be mended")),
    ("ignored", N_("Ignored")),
)


def _prepare(request: StaffRequest, file: Any) -> int:
    currency = request.POST.get("currency", "CNY")
    told: dict[str, Any] = {
        "actor": request.actor,
        "path": Path(file.temporary_file_path()),
        "file_name": file.name,
        "shop_name": request.POST.get("shop_name", "").strip()[:120],
        "currency": currency if currency in _CURRENCIES else "CNY",
        "now": request.now,
    }
    try:
        record = actions.prepare_import(**told)
    except FormatIsUnknown:
        return int(actions.prepare_unrecognised_import(**told).pk)
    try:
        queries.plan_of(access=request.actor, import_id=record.pk, rows=1)
    except DomainError:
        # A file that cannot even be previewed leaves no draft behind.
        actions.discard_import(actor=request.actor, import_id=record.pk, now=request.now)
        raise
    return int(record.pk)
