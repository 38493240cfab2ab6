"""What a phone remembers of group-buying: the seats that were taken with it, signed, so that nobody names those of others."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_COOKIE, _SALT = "yutang_groups", "yutang.pages.groups"
_DAYS, _MOST_SEATS = 180, 20


@dataclass(frozen=True)
class Phone:
    """A phone that was here before, or a new one.

    Attributes:
        device: by chance, the same as long as the phone remembers.
        tokens: of the seats that were taken with it, newest first.
    """

    device: str
    tokens: tuple[str, ...] = ()


def phone_of(request: HttpRequest) -> Phone:
    """Return what the phone remembers; what was altered is forgotten."""
    kept = str(request.get_signed_cookie(_COOKIE, default="", salt=_SALT, max_age=_DAYS * 86_400) or "")
    device, *tokens = kept.split(".")
    return Phone(device or secrets.token_hex(12), tuple(filter(None, tokens))[:_MOST_SEATS])


def remember(response: HttpResponse, phone: Phone, token: str) -> HttpResponse:
    """Let the phone remember a seat."""
    tokens = dict.fromkeys((token, *phone.tokens))
    response.set_signed_cookie(
        _COOKIE,
        ".".join((phone.device, *list(tokens)[:_MOST_SEATS])),
        salt=_SALT,
        max_age=_DAYS * 86_400,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path="/g/",
    )
    return response
