"""Answers that are not what was asked for: a page in the reader's language with the way back, or a toast."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from yutang.console.shell import THEME_COOKIE, THEMES, script_texts

_ARTS = {403: "lock", 404: "search"}


def refusal(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """Return the answer to somebody who could get what was asked for nowhere, or not like this.

    Args:
        request: came through the middleware of sessions and log-in.
        status: of the answer.
        title: what is true, in a few words.
        text: the same in a sentence, and what to do.
    """
    if request.headers.get("HX-Request"):
        return toast(request, status=status, text=text)
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return alone(request, status=status, title=title, text=text)
    context = {"title": title, "text": text, "art": _ARTS.get(status, "alert"), "way_back": _way_back(request)}
    return render(request, "console/refused.html", context, status=status)


def toast(request: HttpRequest, *, status: int, text: str) -> HttpResponse:
    """Return the answer to a part of a page that was asked for by script."""
    response = render(request, "console/parts/toast.html", {"level": "error", "text": text}, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
    return response


def alone(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """Return a page that asks neither the store nor the session: for strangers, and where something is broken."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    context = {
        "theme": chosen if chosen in THEMES else "auto",
        "script_texts": script_texts(),
        "title": title,
        "text": text,
        "art": _ARTS.get(status, "alert"),
    }
    return HttpResponse(render_to_string("console/alone.html", context), status=status)


def title_of(status: int) -> str:
    """Return in a few words what a status means."""
    return {403: _("No permission"), 404: _("Not found")}.get(status, _("Not possible"))


def _way_back(request: HttpRequest) -> str:
    """Return the page of the console from which the request came; empty where it was none, or the same one."""
    origin = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(origin, {request.get_host()}, request.is_secure())
    return origin if ours and origin != request.build_absolute_uri() else ""
