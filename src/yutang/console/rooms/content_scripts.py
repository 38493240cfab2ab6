"""Scripts for staff: what can be said in a situation, found in two taps on a phone and copied with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import content_parts as parts
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.content import actions, queries
from yutang.content.situations import SITUATIONS
from yutang.content.views import ScriptView
from yutang.content.writing import LANGUAGES
from yutang.kit.errors import DomainError

_LONGEST_QUERY = 120


@room("content.view")
def scripts(request: StaffRequest) -> HttpResponseBase:
    """Show scripts by situation; in the reader's language unless another is chosen."""
    text = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    situation, language = request.GET.get("situation", ""), request.GET.get("language", "")
    situation = situation if situation in SITUATIONS else ""
    language = language if language in {*LANGUAGES, "all"} else _own_language(request)
    asked = "" if language == "all" else language
    found = queries.scripts(access=request.actor, text=text, situation=situation, language=asked)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    context = {
        "groups": _by_situation(found),
        "q": text,
        "situation": situation,
        "situations": parts.titled(SITUATIONS),
        "language": language,
        "languages": parts.titled(LANGUAGES),
        "count": len(found),
        "is_filtered": bool(text or situation),
    }
    return render(
        request, "console/content/script_rows.html" if request.htmx else "console/content/scripts.html", context
    )


@room("content.edit")
def new(request: StaffRequest) -> HttpResponse:
    """Add a script."""
    if request.method != "POST":
        return _form(request, {"language": _own_language(request), "situation": request.GET.get("situation", "")})
    try:
        actions.add_script(actor=request.actor, **_asked(request), now=request.now)
    except DomainError as refusal:
        return _form(request, _asked(request), error=refusal)
    messages.success(request, _("The script was added."))
    return redirect("content-scripts")


@room("content.edit")
def one(request: StaffRequest, script_id: int) -> HttpResponse:
    """Change a script."""
    view = queries.script(access=request.actor, script_id=script_id)
    if request.method != "POST":
        return _form(request, vars(view), view=view)
    try:
        actions.change_script(actor=request.actor, script_id=script_id, **_asked(request), now=request.now)
    except DomainError as refusal:
        return _form(request, _asked(request), view=view, error=refusal)
    messages.success(request, _("The script was changed."))
    return redirect("content-scripts")


@room("content.edit")
@require_POST
def delete(request: StaffRequest, script_id: int) -> HttpResponse:
    """Delete a script."""
    actions.delete_script(actor=request.actor, script_id=script_id, now=request.now)
    messages.success(request, _("The script was deleted."))
    return redirect("content-scripts")


def _asked(request: StaffRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("situation", "title", "body", "language")}


def _own_language(request: StaffRequest) -> str:
    return "en" if getattr(request, "LANGUAGE_CODE", "") == "en" else "zh-hans"


def _by_situation(found: tuple[ScriptView, ...]) -> list[dict[str, Any]]:
    """Return scripts under their situations, in the order in which a customer meets these."""
    return [
        {"code": code, "title": _(title), "rows": [row for row in found if row.situation == code]}
        for code, title in SITUATIONS.items()
        if any(row.situation == code for row in found)
    ]


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    view: ScriptView | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    context = {
        "values": values,
        "view": view,
        "situations": parts.titled(SITUATIONS),
        "languages": parts.titled(LANGUAGES),
        "error": spoken(error.sentence) if error else "",
    }
    return render(request, "console/content/script_form.html", context, status=error.http_status if error else 200)


def _sheet(found: tuple[ScriptView, ...]) -> Sheet:
    lines = ([_(SITUATIONS[row.situation]), row.title, row.body, _(LANGUAGES[row.language])] for row in found)
    return Sheet(_("Scripts for staff"), [_("Situation"), _("Title"), _("Words"), _("Language")], lines)
