"""Sees in which browsers staff are logged in, and tells them of new ones."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import actor_of
from yutang.console.agents import device_words
from yutang.foundation import actions
from yutang.foundation.queries import SEEN_EVERY
from yutang.webhooks.actions import note_switch_offs_told

#: By it a browser is known again.
DEVICE_COOKIE = "yutang_device"
_TWO_YEARS = 2 * 365 * 24 * 3600
_SEEN = "seen"


class SessionWatchMiddleware:
    """Writes down now and then that somebody is there; stands behind the middleware of log-in and messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; every few minutes write down that the person was here, and tell of new browsers."""
        user: Any = request.user
        now = timezone.now()
        if not user.is_authenticated or now.timestamp() - request.session.get(_SEEN, 0) < SEEN_EVERY.total_seconds():
            return self.get_response(request)
        request.session[_SEEN] = int(now.timestamp())
        if not request.session.session_key:
            request.session.create()
        facts = browser_of(request)
        for news in actions.see_session(actor=actor_of(request), **facts, now=now):
            messages.warning(request, _told() % _words(news))
        for _key, name in note_switch_offs_told(actor=actor_of(request), now=now):
            messages.warning(request, _switched_off() % {"name": name})
        response = self.get_response(request)
        return keep_device(response, facts["device"])


def browser_of(request: HttpRequest) -> dict[str, str]:
    """Return what is known of the browser at hand: session, device, what it says of itself, where it is."""
    return {
        "session_key": request.session.session_key or "",
        "device": request.COOKIES.get(DEVICE_COOKIE, "")[:80] or secrets.token_urlsafe(24),
        "agent": request.headers.get("User-Agent", ""),
        "address": get_client_ip_address(request) or "",
    }


def keep_device(response: HttpResponse, device: str) -> HttpResponse:
    """Let the browser keep what it is known by."""
    response.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=_TWO_YEARS,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _told() -> str:
    return _(
        "Somebody logged in as you in a new browser: %(device)s, %(address)s, %(at)s. If that was not you, end it under "
        "“My profile” and change your password."
    )


def _switched_off() -> str:
    return _(
        "The webhook “%(name)s” was switched off, because it failed for days or is gone. What happens waits for it; see "
        "“Programs”."
    )


def _words(news: Any) -> dict[str, str]:
    return {"device": device_words(news.agent), "address": news.address or "—", "at": formats.moment(news.began_at)}
