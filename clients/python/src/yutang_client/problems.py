"""Refusals as exceptions, one class for each kind of answer, with the stable code of the refusal.

Source: RFC 9457, "Problem Details for HTTP APIs".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

_MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A call was refused.

    Attributes:
        status: of the answer.
        code: what was refused; stable.
        detail: the same as a sentence, in the language that the client asks for.
        data: what it was about.
        errors: each fault of wrong input, and where it lies.
        request_id: names the call in the log of the server.
        retry_after_seconds: what the server asked to wait; None where it did not.
    """

    def __init__(self, *, status: int, told: Mapping[str, Any], retry_after_seconds: float | None = None) -> None:
        self.status = status
        self.code = str(told.get("code", ""))
        self.detail = str(told.get("detail", ""))
        self.data: Mapping[str, Any] = told.get("data") or {}
        self.errors: list[dict[str, str]] = told.get("errors") or []
        self.request_id = str(told.get("request_id", ""))
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{status} {self.code}: {self.detail}".strip())


class NotAuthenticated(Problem):
    """401: no token, an unknown one, or one that has ended."""


class NotAllowed(Problem):
    """403: the token does not hold the permission, or does not reach far enough."""


class NotFound(Problem):
    """404: there is nothing, or it is out of reach."""


class Conflict(Problem):
    """409: somebody was faster, or the key belongs to another call."""


class Changed(Problem):
    """412: it has changed since it was read."""


class InputIsWrong(Problem):
    """400, 413, 415, 422: parameters or body do not fit."""


class TooManyCalls(Problem):
    """429: the token has made all the calls of this minute."""


class Busy(Problem):
    """503: the store is busy."""


_KINDS: dict[int, type[Problem]] = {
    400: InputIsWrong,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: Changed,
    413: InputIsWrong,
    415: InputIsWrong,
    422: InputIsWrong,
    429: TooManyCalls,
    503: Busy,
}


def problem_of(answer: httpx.Response) -> Problem:
    """Return the exception for an answer that is a refusal; what is no problem of the API's is told by its status alone."""
    told: Mapping[str, Any] = {}
    if answer.headers.get("Content-Type", "").startswith(_MEDIA_TYPE):
        read = answer.json()
        told = read if isinstance(read, dict) else {}
    kind = _KINDS.get(answer.status_code, Problem)
    return kind(status=answer.status_code, told=told, retry_after_seconds=wait_asked(answer))


def wait_asked(answer: httpx.Response) -> float | None:
    """Return the seconds that an answer asks to wait; None where it does not."""
    text = answer.headers.get("Retry-After", "").strip()
    return float(text) if text.isascii() and text.isdecimal() else None
