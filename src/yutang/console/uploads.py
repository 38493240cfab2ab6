"""How much a form may send: files only to a room that takes them, from who may bring them, and no more than is allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yutang.console.access import actor_of
from yutang.console.refusals import refusal

View = TypeVar("View", bound=Callable[..., Any])

_MIB = 1 << 20


def takes_files(view: View) -> View:
    """Mark a room to which files may be sent; all other forms are small."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


class UploadMiddleware:
    """Refuses what is too large before a byte of it is read; stands before whatever looks into forms.

    Forms are read before it is known whether their sender may send them (the token against forgery is in them): without
    this, a stranger could fill the disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; what it asks for is known in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_args: Any) -> HttpResponse | None:
        """Answer 413 where more is sent than this address takes from this person."""
        if request.content_type != "multipart/form-data":
            # Django bounds forms without files by itself.
            return None
        most = _most(request, view)
        if int(request.META.get("CONTENT_LENGTH") or 0) <= most:
            return None
        text = _("That is more than %(mb)s MB, which is too much at once. Send several smaller files.") % {
            "mb": max(1, most // _MIB)
        }
        if "X-Upload" in request.headers:
            # A page that sends by script goes on to a page that shows the message.
            messages.error(request, text)
            return HttpResponse(status=413, headers={"X-Next": request.path})
        return refusal(request, status=413, title=_("Too large"), text=text)


def _most(request: HttpRequest, view: Any) -> int:
    """Return how many bytes the request may hold."""
    if getattr(view, "takes_files", False):
        actor = actor_of(request)
        if all(actor.can(permission) for permission in view.permissions):
            return int(settings.YUTANG_LARGEST_UPLOAD_MB) * _MIB
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
