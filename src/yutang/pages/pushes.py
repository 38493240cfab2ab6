"""Addresses to which platforms push: receipts and replies of short messages, mail that comes back."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yutang.channels import actions
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError


@login_not_required
@csrf_exempt
@require_POST
def sms(request: HttpRequest, source: str, what: str, secret: str) -> HttpResponse:
    """Take receipts or replies of a gateway, and answer what it wants to hear."""
    try:
        answer = actions.receive_push(
            actor=Actor.system(), source=source, what=what, secret=secret, body=_body(request), now=datetime.now(UTC)
        )
    except DomainError as error:
        return _refused(error)
    return HttpResponse(answer, content_type="application/json")


@login_not_required
@csrf_exempt
@require_POST
def mail(request: HttpRequest, secret: str) -> HttpResponse:
    """Take a mail that came back, whole, as a mail server hands it to a program."""
    try:
        changed = actions.receive_mail(actor=Actor.system(), secret=secret, raw=_body(request), now=datetime.now(UTC))
    except DomainError as error:
        return _refused(error)
    return JsonResponse({"changed": changed})


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except (RawPostDataException, UnreadablePostError):
        # Sent as a form with files, or cut off: no push is.
        return b""


def _refused(error: DomainError) -> HttpResponse:
    return JsonResponse({"code": error.code}, status=error.http_status)
