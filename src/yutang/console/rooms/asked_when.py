"""When WeCom was last asked, on pages that show what it told: asked again because somebody looks, or by a button."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from yutang.channels import actions, queries
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked

#: A page looks so often whether the answer is there, every three seconds.
_LOOKS = 20


@room("channels.view")
@require_http_methods(["GET", "POST"])
def of_campaign(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Ask WeCom about the tasks of a campaign where it was not asked lately, and tell when it was."""
    view = queries.campaign(access=request.actor, campaign_id=campaign_id)
    page = reverse("campaigns-one", args=[campaign_id])
    return _answer(request, campaign_id=campaign_id, key=view.key, page=page)


@room("channels.view")
@require_http_methods(["GET", "POST"])
def of_everything(request: StaffRequest) -> HttpResponse:
    """Ask WeCom about all open tasks of which it was not asked lately, and tell when it was."""
    return _answer(request, campaign_id=None, key="", page=reverse("messages-quota"))


def asked_when_shown(request: StaffRequest, *, url: str, page: str, campaign: str = "") -> dict[str, Any]:
    """Return when WeCom was last asked, for a page that was just opened: it asks by itself where that is long ago."""
    told = queries.asked_when(access=request.actor, campaign=campaign, now=request.now)
    return {"told": told, "url": url, "page": page, "asks_itself": told.is_old, "looks": 0, "has_news": False}


def _answer(request: StaffRequest, *, campaign_id: int | None, key: str, page: str) -> HttpResponse:
    if request.method == "POST":
        before = queries.asked_when(access=request.actor, campaign=key, now=request.now).at
        actions.ask_wecom_again(actor=request.actor, campaign_id=campaign_id, now=request.now)
        looks = 1
    else:
        before, looks = _instant(request.GET.get("since", "")), number_asked(request.GET.get("looks", "")) or 1
    if not request.htmx:
        return redirect(page)
    told = queries.asked_when(access=request.actor, campaign=key, now=request.now)
    has_news = told.at != before and not told.is_old
    shown = {
        "told": told,
        "url": request.path,
        "page": page,
        "since": before.isoformat() if before else "",
        "looks": 0 if has_news or not told.open_tasks else looks + 1 if looks < _LOOKS else 0,
        "has_news": has_news,
    }
    return render(request, "console/messages/asked_when.html", {"asked_when": shown})


def _instant(written: str) -> datetime | None:
    try:
        return parse_datetime(written)
    except ValueError:
        return None
