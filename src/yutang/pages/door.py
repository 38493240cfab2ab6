"""How somebody comes to a page by a signed link: who asks too often waits, and what is refused is said on a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yutang.kit.errors import DomainError
from yutang.pages.bounds import address_of, is_too_often
from yutang.pages.signed import SignedLinkIsUnknown, read
from yutang.pages.wording import spoken

View = Callable[..., HttpResponse]
#: Times a minute that one link is opened, that one address opens links that there are not, and that one link changes something.
_MOST_VISITS, _MOST_MISSES, _MOST_CHANGES = 90, 120, 20


def signed_page(purpose: str) -> Callable[[View], View]:
    """Let a view be opened by links of a purpose; it gets what the link says as `signed`, and the token itself.

    Forms need no other secret: who does not have the link cannot send one, and who has it may (compare RFC 8058).
    """

    def decorate(view: View) -> View:
        @login_not_required
        @csrf_exempt
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def opened(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
            if _is_flooded(request, token):
                return too_often(request)
            try:
                answer = view(request, signed=read(token, purpose), token=token, **more)
            except SignedLinkIsUnknown:
                return unknown(request)
            except DomainError as refusal:
                return refused(request, status=refusal.http_status, text=spoken(refusal.sentence))
            answer["X-Robots-Tag"] = "noindex"
            return answer

        return opened

    return decorate


def refused(request: HttpRequest, *, status: int, text: str, back: str = "") -> HttpResponse:
    """Return a page that says why something is not possible, with the way back; empty: there is none."""
    answer = render(request, "pages/refused.html", {"text": text, "back": back}, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def too_often(request: HttpRequest) -> HttpResponse:
    """Return a page that asks to wait."""
    return refused(request, status=429, text=_("That was often within a short time. Wait a minute, then try again."))


def unknown(request: HttpRequest) -> HttpResponse:
    """Return the page of a link that is none of ours; who tries many waits."""
    if is_too_often(f"missed:{address_of(request)}", most=_MOST_MISSES):
        return too_often(request)
    return render(request, "pages/unknown.html", status=404)


def _is_flooded(request: HttpRequest, token: str) -> bool:
    if is_too_often(f"page:{token}", most=_MOST_VISITS):
        return True
    return request.method == "POST" and is_too_often(f"change:{token}", most=_MOST_CHANGES)
