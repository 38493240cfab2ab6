"""Channel codes of WeCom: made, shown with their picture, given other words, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

import segno
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.content_choices import content_choices
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom import actions, queries, views

_STATES = {
    "asked": (N_("Being made"), "info"),
    "ready": (N_("In use"), "accent"),
    "failed": (N_("Not made"), "down"),
}


@room("channels.view")
def ways(request: StaffRequest) -> HttpResponseBase:
    """Show the channel codes and who came through each."""
    found = queries.contact_ways(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    context = {
        "tab": "ways",
        "rows": [_shown(one) for one in found],
        "moving": any(one.state == "asked" for one in found),
        "may_make": request.actor.can("channels.send"),
    }
    part = request.htmx and request.htmx.target == "ways"
    return render(request, "console/wecom/way_rows.html" if part else "console/wecom/ways.html", context)


@room("channels.send")
def new(request: StaffRequest) -> HttpResponse:
    """Let WeCom make a channel code."""
    if request.method != "POST":
        return _form(request, {})
    given = request.POST
    chosen = [key for text in given.getlist("staff") if (key := number_asked(text)) is not None]
    try:
        way_id = actions.ask_for_contact_way(
            actor=request.actor,
            name=given.get("name", ""),
            account_ids=chosen,
            welcome_words=given.get("welcome_words", ""),
            welcome_content=given.get("welcome_content", "").strip(),
            now=request.now,
        )
    except DomainError as refusal:
        values = {**given.dict(), "staff": chosen}
        return _form(request, values, error=spoken(refusal.sentence), status=refusal.http_status)
    messages.success(request, _("WeCom is making the code. Its picture stands here in a moment."))
    return redirect("wecom-way", way_id)


@room("channels.view")
def one(request: StaffRequest, way_id: int) -> HttpResponse:
    """Show a channel code: its picture, who is added, what newcomers are told, who came."""
    view = queries.contact_way(access=request.actor, way_id=way_id)
    if view is None:
        raise Http404
    page = queries.sandbox_page()
    # In the sandbox the picture leads to where a person can be played who scans it.
    address = f"{page}customer?{urlencode({'way': view.config_id})}" if page and view.config_id else view.qr_code
    context = {
        **_shown(view),
        "moving": view.state == "asked",
        "page": address if page else "",
        "picture": _picture(address) if page and address else "",
        "outside": view.qr_code if not page and urlsplit(view.qr_code).scheme == "https" else "",
        "may_make": request.actor.can("channels.send"),
        "contents": _contents(request, view.welcome_content),
    }
    part = request.htmx and request.htmx.target == "way"
    return render(request, "console/wecom/way_state.html" if part else "console/wecom/way.html", context)


@room("channels.send")
@require_POST
def words(request: StaffRequest, way_id: int) -> HttpResponse:
    """Let newcomers through a code be told something else."""
    try:
        actions.change_welcome_words(
            actor=request.actor,
            way_id=way_id,
            welcome_words=request.POST.get("welcome_words", ""),
            welcome_content=request.POST.get("welcome_content", "").strip(),
            now=request.now,
        )
    except actions.NoSuchWay:
        raise
    except DomainError as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("wecom-way", way_id)
    messages.success(request, _("Whoever scans from now on is told this."))
    return redirect("wecom-way", way_id)


@room("channels.send")
@require_POST
def end(request: StaffRequest, way_id: int) -> HttpResponse:
    """Delete a channel code."""
    actions.end_contact_way(actor=request.actor, way_id=way_id, now=request.now)
    messages.success(request, _("The code is deleted. Printed ones lead nowhere from now on."))
    return redirect("wecom-ways")


def _form(request: StaffRequest, values: Mapping[str, Any], *, error: str = "", status: int = 200) -> HttpResponse:
    accounts = queries.accounts(access=request.actor, now=request.now)
    context = {
        "values": values,
        "error": error,
        "staff": [(one.id, one.name, one.id in values.get("staff", ())) for one in accounts if one.is_serving],
        "is_connected": queries.has_connection(),
        "contents": _contents(request, values.get("welcome_content", "")),
    }
    return render(request, "console/wecom/way_new.html", context, status=status)


def _contents(request: StaffRequest, chosen: str) -> list[tuple[str, str]]:
    """Return the contents that may greet, and the one that is chosen, also where it may no longer."""
    return content_choices(request, chosen=chosen, channels=("wecom",), intents=queries.GREETING_INTENTS)


def _shown(view: views.WayView) -> dict[str, Any]:
    label, tone = _STATES[view.state]
    return {"view": view, "state": _(label), "tone": tone}


def _sheet(rows: Sequence[views.WayView]) -> Sheet:
    titles = (_("Channel code"), _("Status"), _("Staff"), _("Came"), _("Still friends"), _("Welcome message"))
    lines = (
        (one.name, _(_STATES[one.state][0]), " ".join(one.staff), one.came, one.friends, one.welcome_words)
        for one in rows
    )
    return Sheet("wecom-codes", titles, lines)


def _picture(address: str) -> str:
    """Return a QR code as SVG that needs no style of its own."""
    code = segno.make(address, error="m", micro=False)
    # Made here; segno escapes nothing into it but numbers.
    return mark_safe(code.svg_inline(border=3, omitsize=True, svgclass="qr", lineclass="qr-line"))  # noqa: S308
