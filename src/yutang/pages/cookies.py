"""The cookies of customers' pages: no script reads them, no other site's form sends them, and with HTTPS none travels in the clear."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: By what the guard knows a phone, over all pages of customers: made by lot, and nothing of its owner. The console knows the browsers of
#: staff by a cookie of its own.
_DEVICE, _DEVICE_LASTS, _LONGEST_DEVICE = "yutang_phone", timedelta(days=365), 64


def keep(response: HttpResponse, name: str, value: str, *, lasts: timedelta, path: str = "/") -> HttpResponse:
    """Let the phone keep something.

    Args:
        response: the answer that tells it.
        name: of the cookie.
        value: what is kept; sealed or signed where it says who somebody is.
        lasts: how long.
        path: beginning of the addresses that get it back.
    """
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path=path,
        httponly=True,
        # Who comes from WeChat's site comes by a link that is followed, which carries such cookies.
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def forget(response: HttpResponse, name: str, *, path: str = "/") -> HttpResponse:
    """Let the phone forget something."""
    response.delete_cookie(name, path=path, samesite="Lax")
    return response


def device_of(request: HttpRequest) -> str:
    """Return what the guard knows the phone by; empty: the phone was not here before."""
    return request.COOKIES.get(_DEVICE, "")[:_LONGEST_DEVICE]


def keep_device(response: HttpResponse, request: HttpRequest, device: str = "") -> HttpResponse:
    """Let the phone keep what the guard knows it by, unless it does already.

    Args:
        response: the answer that tells it.
        request: of the phone.
        device: what it was called in this answer; empty: something new.
    """
    if device_of(request):
        return response
    return keep(response, _DEVICE, device or new_device(), lasts=_DEVICE_LASTS)


def new_device() -> str:
    """Return what a phone is called that was not here before."""
    return secrets.token_urlsafe(16)
