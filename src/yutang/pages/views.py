"""Pages for customers: they follow a link of a message, or end messages. Nobody logs in: the link tells who was written to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yutang.channels import actions, queries
from yutang.foundation.access import Actor
from yutang.kit.text import N_
from yutang.pages.bounds import is_too_often
from yutang.pages.door import too_often, unknown
from yutang.pages.naming import merchant_name

#: What is written down of one link a minute, and how often it ends messages.
_MOST_VISITS, _MOST_STOPS = 60, 30
_PURPOSE_TITLES = {
    "promotion": N_("Offers and promotions"),
    "research": N_("Surveys and questions"),
    "service": N_("Tips, useful content and care"),
}


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD"])
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to where a link of a message leads, and nowhere else."""
    try:
        if is_too_often(f"link:{token}", most=_MOST_VISITS):
            target = queries.link_target(token=token)
        else:
            target = actions.open_link(
                actor=Actor.system(),
                token=token,
                method=str(request.method),
                headers=request.headers,
                now=datetime.now(UTC),
            )
    except actions.LinkIsUnknown:
        return unknown(request)
    answer = HttpResponseRedirect(target)
    answer["X-Robots-Tag"] = "noindex"
    return answer


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_messages(request: HttpRequest, token: str) -> HttpResponse:
    """Show what can be ended; end it when the form is sent, or at once when a mail program does (RFC 8058)."""
    try:
        choices = queries.stop_choices(token=token)
        if request.method != "POST":
            return _shown(request, choices)
        if is_too_often(f"stop:{token}", most=_MOST_STOPS):
            return too_often(request)
        is_one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        purposes = () if is_one_click else tuple(request.POST.getlist("purpose"))
        if not purposes and not is_one_click:
            return _shown(request, choices, error=_("Choose at least one kind of message."), status=422)
        ended = actions.stop_by_link(
            actor=Actor.system(),
            token=token,
            purposes=purposes,
            everywhere=request.POST.get("where") == "everywhere",
            now=datetime.now(UTC),
        )
    except actions.LinkIsUnknown:
        return unknown(request)
    except actions.NothingToStop:
        return _shown(request, choices, error=_("Choose at least one kind of message."), status=422)
    return _shown(request, choices, ended=[_(_PURPOSE_TITLES[one]) for one in ended])


def _shown(
    request: HttpRequest,
    choices: queries.StopChoices,
    *,
    error: str = "",
    ended: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "organisation": merchant_name(known_by=choices.store),
        "channel": _(queries.CHANNEL_TITLES[choices.channel]),
        "purposes": [(one, _(_PURPOSE_TITLES[one]), one == choices.chosen) for one in choices.purposes],
        "error": error,
        "ended": ended,
    }
    answer = render(request, "pages/stop.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer
