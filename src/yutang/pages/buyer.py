"""What a phone remembers of group-buying: the seats that were taken with it, signed, so that nobody names those of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

from yutang.pages.cookies import device_of, keep, keep_device, new_device

_COOKIE, _PATH = "yutang_groups", "/g/"
_LASTS, _MOST_SEATS = timedelta(days=180), 20


@dataclass(frozen=True)
class Phone:
    """A phone that was here before, or a new one.

    Attributes:
        device: what the guard knows it by.
        tokens: of the seats that were taken with it, newest first.
    """

    device: str
    tokens: tuple[str, ...] = ()


def phone_of(request: HttpRequest) -> Phone:
    """Return what the phone remembers; what was altered is forgotten."""
    try:
        kept = _signer().unsign(request.COOKIES.get(_COOKIE, ""), max_age=_LASTS)
    except BadSignature:
        kept = ""
    return Phone(device_of(request) or new_device(), tuple(filter(None, kept.split(".")))[:_MOST_SEATS])


def remember(response: HttpResponse, request: HttpRequest, phone: Phone, token: str) -> HttpResponse:
    """Let the phone remember a seat."""
    tokens = dict.fromkeys((token, *phone.tokens))
    kept = _signer().sign(".".join(list(tokens)[:_MOST_SEATS]))
    return keep_device(keep(response, _COOKIE, kept, lasts=_LASTS, path=_PATH), request, phone.device)


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="yutang.pages.groups")
