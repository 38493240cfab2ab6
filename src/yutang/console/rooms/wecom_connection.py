"""Which app of WeCom is connected: its keys, and what must be entered in WeCom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.kit.errors import DomainError
from yutang.wecom import actions, queries


@never_cache
@room("settings.manage", "channels.view")
def connection(request: StaffRequest) -> HttpResponse:
    """Show which app is connected, and take another."""
    view = queries.connection_view(access=request.actor, now=request.now)
    if request.method != "POST":
        is_real = view.kind == "real"
        known = {"corp_id": view.corp_id, "agent_id": view.agent_id or ""} if is_real else {}
        return _page(request, view, known)
    given = request.POST
    try:
        actions.connect(
            actor=request.actor,
            corp_id=given.get("corp_id", ""),
            agent_id=number_asked(given.get("agent_id", "")),
            secret=given.get("secret", ""),
            token=given.get("token", ""),
            aes_key=given.get("aes_key", ""),
            now=request.now,
        )
    except DomainError as refusal:
        # What was typed into the fields of secrets is not sent back.
        kept = {"corp_id": given.get("corp_id", ""), "agent_id": given.get("agent_id", "")}
        return _page(request, view, kept, error=spoken(refusal.sentence), status=refusal.http_status)
    messages.success(request, _("The app is connected. Everything that it shows is being read."))
    return redirect("wecom")


def _page(
    request: StaffRequest, view: Any, values: Mapping[str, Any], *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "view": view,
        "values": values,
        "error": error,
        "callback_url": request.build_absolute_uri(reverse("callbacks-wecom")),
        "keeps": view.kind == "real",
    }
    return render(request, "console/wecom/connection.html", context, status=status)
