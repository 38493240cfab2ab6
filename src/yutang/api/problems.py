"""Every refusal as ``application/problem+json``.

Source: RFC 9457, "Problem Details for HTTP APIs".
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import Any

import orjson
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja.errors import HttpError, ValidationError

from yutang.api.faults import what_is_wrong
from yutang.api.limits import Allowance
from yutang.api.refusals import (
    BodyIsUnreadable,
    InputIsWrong,
    NothingHere,
    RequestIsWrong,
    SoftwareFault,
    StoreIsBusy,
    TooManyCalls,
)
from yutang.api.speech import spoken
from yutang.kit.errors import DomainError
from yutang.kit.text import Sentence

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_PLACE = re.compile(r"%\(\w+\)[sd]")


def problem(request: HttpRequest, refusal: DomainError, **more: Any) -> HttpResponse:
    """Return the answer to a refused call: its code, its sentence in the caller's language, and what it was about."""
    status = refusal.http_status
    body = {
        "type": f"/api/v1/problems#{refusal.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": refusal.code,
        "detail": spoken(refusal.sentence),
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
        "data": {name: spoken(told) if isinstance(told, Sentence) else told for name, told in refusal.data.items()},
        **more,
    }
    answer = HttpResponse(orjson.dumps(body, default=str), status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="yutang"'
    if isinstance(refusal, StoreIsBusy):
        answer["Retry-After"] = "5"
    if isinstance(refusal, TooManyCalls):
        answer["Retry-After"] = str(refusal.data["seconds"])
    allowance: Allowance | None = getattr(request, "allowance", None)
    for name, value in allowance.headers().items() if allowance else ():
        answer[name] = value
    return answer


def kinds_of_problems() -> list[dict[str, Any]]:
    """Return every code that a problem can have: its status, and its sentence with … for what differs from call to call."""
    kinds: dict[tuple[str, int], str] = {}
    waiting = [DomainError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        # Several refusals of one code say the same, or more closely what the first one says.
        kinds.setdefault((kind.code, kind.http_status), kind.message)
    return [
        {"code": code, "status": status, "detail": _PLACE.sub("…", gettext(kinds[code, status])).replace("%%", "%")}
        for code, status in sorted(kinds)
    ]


def refused(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Return the answer to any error that an operation raised; a bug goes into the log with the request id."""
    if isinstance(error, DomainError):
        return problem(request, error)
    if isinstance(error, ValidationError):
        return wrong_input(request, error.errors)
    if isinstance(error, Http404):
        return problem(request, NothingHere())
    if isinstance(error, HttpError):
        return problem(request, BodyIsUnreadable() if error.status_code == HTTPStatus.BAD_REQUEST else RequestIsWrong())
    if isinstance(error, OperationalError):
        # On SQLite another process writes for longer than anybody waits; on PostgreSQL the server does not answer.
        logger.warning("request %s was refused: %s", getattr(request, "request_id", ""), error)
        return problem(request, StoreIsBusy())
    logger.error("request %s failed", getattr(request, "request_id", ""), exc_info=error)  # type: ignore[arg-type]
    return problem(request, SoftwareFault())


def wrong_input(request: HttpRequest, found: list[dict[str, Any]]) -> HttpResponse:
    """Return the answer to parameters or a body that do not fit, with each fault and where it lies."""
    faults = [
        {
            "where": ".".join(
                str(part) for part in fault["loc"] if part not in {"query", "path", "body", "given", "asked"}
            ),
            "what": spoken(what_is_wrong(fault["type"], fault.get("ctx"))),
            "type": fault["type"],
        }
        for fault in found[:20]
    ]
    first = faults[0] if faults else {"where": "", "what": spoken(what_is_wrong())}
    return problem(request, InputIsWrong(where=first["where"] or "body", what=first["what"]), errors=faults)
