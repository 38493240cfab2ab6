"""What every answer carries: a strict content policy, no copy in a browser, readable refusals, one state of the figures a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.utils.http import url_has_allowed_host_and_scheme

from yutang.console.refusals import refusal, title_of, toast
from yutang.console.sentences import spoken
from yutang.ingest.lake_sync import the_lake
from yutang.insight.lake_reading import looking_at
from yutang.kit.errors import DomainError

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

Next = Callable[[HttpRequest], HttpResponse]


class ContentPolicyMiddleware:
    """Sends the content security policy with every answer, and lets nobody keep what does not say how long it may be kept."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with both in the headers."""
        response = self.get_response(request)
        # Pages hold what concerns people: after a log-out neither the Back button nor a disk gives them away. Files that
        # everybody may have, and answers to programs, say for themselves how they are kept.
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class PreparedFiguresMiddleware:
    """Lets all figures of a page stand on one version of the lake: the last one whose answers were prepared."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; programs see the current version."""
        if request.path_info.startswith("/api/"):
            return self.get_response(request)
        with looking_at(lambda: the_lake().prepared(now=datetime.now(UTC))):
            return self.get_response(request)


class PlainTextMiddleware:
    """Refuses addresses and forms that hold a NUL character: nobody writes one, and PostgreSQL keeps none."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; what is read of it is looked at in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: object) -> None:
        """Raise `SuspiciousOperation`, which is answered with 400, where there is one."""
        if request.path_info.startswith("/api/"):
            return
        try:
            told = (*request.GET.lists(), *request.POST.lists())
        except UnreadablePostError:
            # Whoever hung up hears nothing.
            return
        if any("\x00" in text for name, values in told for text in (name, *map(str, values))):
            raise SuspiciousOperation("a text with a NUL character")


class RefusalMiddleware:
    """Turns a refusal of a domain into a page, a message beside the form, or a toast."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; refusals come to `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a `DomainError`; leave everything else to crash loudly."""
        if not isinstance(exception, DomainError):
            return None
        text, status = spoken(exception.sentence), exception.http_status
        if request.headers.get("HX-Request"):
            return toast(request, status=status, text=text)
        origin = request.headers.get("Referer", "")
        if request.method == "POST" and status != 403 and _is_ours(request, origin):
            messages.error(request, text)
            return HttpResponseRedirect(origin)
        return refusal(request, status=status, title=title_of(status), text=text)


def _is_ours(request: HttpRequest, address: str) -> bool:
    return bool(address) and url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
