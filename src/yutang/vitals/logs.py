"""Log lines as JSON, one a line: when, how bad, which logger, which request, and what the event tells.

No line tells a path, a search or what an exception says: those hold names and numbers. Routes, types and places in the code
are told instead.
"""

from __future__ import annotations

import logging
import traceback
from http.client import responses
from typing import Any

import structlog
from django.http import HttpRequest

#: Django's loggers of requests; their own sentences hold the path.
_OF_REQUESTS = ("django.request", "django.security", "django.server")


def formatter() -> logging.Formatter:
    """Return the formatter that writes records as JSON."""
    return structlog.stdlib.ProcessorFormatter(
        pass_foreign_args=True,
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request,
        ],
        processors=[
            _by_route,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_places),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=_type_of),
        ],
    )


def _with_request(logger: Any, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    from yutang.vitals.requests import request_id

    if request_id.get():
        event["request_id"] = request_id.get()
    return event


def _by_route(logger: Any, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Replace the request of a line, and the sentence of Django's loggers of requests, by route, method and status."""
    from yutang.vitals.requests import route_of

    request, record = event.pop("request", None), event.get("_record")
    said = event.pop("positional_args", ())
    if isinstance(request, HttpRequest):
        event["route"], event["method"] = route_of(request), request.method
        # Django tells of an answer once the request is over.
        event.setdefault("request_id", getattr(request, "request_id", ""))
    if record is not None and record.name.startswith(_OF_REQUESTS):
        status = event.pop("status_code", None)
        event["event"] = responses.get(status, "request")
        event.update({"status": status} if status else {})
        event.update(_why_forged(record.name, said))
    return event


def _why_forged(logger: str, said: tuple[object, ...]) -> dict[str, str]:
    """Return why a form was held for forged; without the sentences that hold the address of the page before."""
    reason = str(said[0]) if logger == "django.security.csrf" and said else ""
    return {"reason": reason} if reason and not reason.startswith("Referer") else {}


def _places(exc_info: Any) -> str:
    """Return where an error came from: types and places in the code, the first cause first, without what they say."""
    told: list[str] = []
    at: BaseException | None = exc_info[1]
    while at is not None:
        told.append("".join([*traceback.format_tb(at.__traceback__), type(at).__qualname__]))
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\n".join(reversed(told))


def _type_of(value: Any) -> str:
    """Return what stands for a value that JSON lacks: its type, as its own words can hold anything."""
    return f"<{type(value).__name__}>"
