"""The address that WeCom calls: checked once by a GET, then told by POST. Opened, kept and answered; nothing else is done here.

There is no log-in and no form: the signature says who calls. What cannot be opened is refused with a status and a code, and whoever
sends much of it is not listened to for the rest of the minute.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from yutang.connectors.wecom.callbacks.receiving import MOST_BYTES, BodyIsTooLong
from yutang.kit.errors import DomainError
from yutang.wecom import inbox

logger = logging.getLogger(__name__)

#: Requests of one sender that could not be opened, within a minute and in one process, before it is listened to no more.
MOST_REFUSED = 120
_SIGNED = ("msg_signature", "timestamp", "nonce")
#: Longer than any part of the query that WeCom writes.
_LONGEST = 4_096


class Refusals:
    """Counts what senders sent that could not be opened, by the minute."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def note(self, sender: str, *, at_seconds: float) -> None:
        """Count one."""
        self._turn(at_seconds)
        self._counts[sender] += 1

    def are_too_many(self, sender: str, *, at_seconds: float) -> bool:
        """Return whether a sender is not listened to for the rest of the minute."""
        self._turn(at_seconds)
        return self._counts[sender] >= MOST_REFUSED

    def _turn(self, at_seconds: float) -> None:
        minute = int(at_seconds // 60)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()


REFUSALS = Refusals()


@csrf_exempt
@login_not_required
def wecom(request: HttpRequest) -> HttpResponse:
    """Answer the check of the address, or keep what WeCom tells."""
    sender, at = request.META.get("REMOTE_ADDR", ""), time.time()
    if REFUSALS.are_too_many(sender, at_seconds=at):
        return _refused("too_many_refused", HTTPStatus.TOO_MANY_REQUESTS)
    if request.method not in {"GET", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        return _answer(request)
    except DomainError as refusal:
        REFUSALS.note(sender, at_seconds=at)
        return _refused(refusal.code, refusal.http_status)
    except (UnreadablePostError, RawPostDataException):
        # Whoever hung up, or sent a form with files in place of a callback.
        REFUSALS.note(sender, at_seconds=at)
        return _refused("body_is_no_callback", HTTPStatus.BAD_REQUEST)
    except OperationalError:
        # Somebody else writes for long: not kept, so not answered as if it were. WeCom comes again.
        logger.exception("a callback of WeCom could not be kept")
        return _refused("busy", HTTPStatus.SERVICE_UNAVAILABLE)


def _answer(request: HttpRequest) -> HttpResponse:
    keys = inbox.callback_keys()
    signed = {name: request.GET.get(name, "")[:_LONGEST] for name in _SIGNED}
    content: bytes | str = b""
    if request.method == "GET":
        content = inbox.echo_of(keys=keys, echostr=request.GET.get("echostr", "")[:_LONGEST], **signed)
    else:
        inbox.take_callback(keys=keys, body=_body(request), now=datetime.now(UTC), **signed)
    return HttpResponse(content, content_type="text/plain; charset=utf-8")


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(length) > MOST_BYTES:
        raise BodyIsTooLong
    try:
        return request.body
    except RequestDataTooBig as error:
        raise BodyIsTooLong from error


def _refused(code: str, status: int) -> HttpResponse:
    return HttpResponse(code, status=status, content_type="text/plain; charset=utf-8")
