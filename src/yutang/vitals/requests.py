"""What every request gets and leaves: an id, a measured time, slow queries told.

Paths are told as routes, so that no id of a person, and no search, comes into a log.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from yutang.vitals.metrics import QUERIES, REQUESTS, SECONDS, count_pool

#: The id of the request that is being answered; empty outside one.
request_id: ContextVar[str] = ContextVar("request_id", default="")

HEADER = "X-Request-ID"
_log = logging.getLogger("yutang.requests")
_OUR_FORM = re.compile(r"[A-Za-z0-9._-]{8,64}")

Next = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Gives every request an id, measures it, and tells of what was slow or broke."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the id in the headers."""
        given = request.headers.get(HEADER, "")
        request.request_id = given if _OUR_FORM.fullmatch(given) else secrets.token_hex(8)  # type: ignore[attr-defined]
        token = request_id.set(request.request_id)  # type: ignore[attr-defined]
        queries, began = _Queries(request), time.perf_counter()
        try:
            with connection.execute_wrapper(queries):
                response = self.get_response(request)
            response.headers[HEADER] = request_id.get()
            _note(request, response, time.perf_counter() - began, queries)
        finally:
            count_pool()
            request_id.reset(token)
        return response


def route_of(request: HttpRequest) -> str:
    """Return the route of a request as the URL configuration writes it; empty where none fits."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None else ""


def _note(request: HttpRequest, response: HttpResponse, seconds: float, queries: _Queries) -> None:
    route, method = route_of(request), request.method or ""
    REQUESTS.labels(method, route, str(response.status_code)).inc()
    SECONDS.labels(method, route).observe(seconds)
    QUERIES.labels(method, route).inc(queries.count)
    is_slow, is_broken = seconds >= settings.YUTANG_SLOW_REQUEST_SECONDS, response.status_code >= 500
    if is_slow or is_broken or settings.YUTANG_LOG_REQUESTS:
        _log.log(
            logging.ERROR if is_broken else logging.WARNING if is_slow else logging.INFO,
            "request",
            extra={
                "method": method,
                "route": route,
                "status": response.status_code,
                "milliseconds": round(1000 * seconds),
                "queries": queries.count,
                "staff_id": getattr(getattr(request, "user", None), "pk", None),
            },
        )


class _Queries:
    """Counts the queries of a request and tells of slow ones: their text, never their values."""

    def __init__(self, request: HttpRequest) -> None:
        self._request, self.count = request, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seconds = time.perf_counter() - began
            if seconds >= settings.YUTANG_SLOW_QUERY_SECONDS:
                told = {"milliseconds": round(1000 * seconds), "route": route_of(self._request), "sql": sql[:2000]}
                _log.warning("slow query", extra=told)
