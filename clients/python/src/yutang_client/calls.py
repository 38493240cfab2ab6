"""How a call is made: token, language, key, repetition, refusal. Operations stand on it."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import httpx

from yutang_client.problems import problem_of, wait_asked

_REPEATED = frozenset({429, 503})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
Item = TypeVar("Item")


class Calling(Protocol):
    """What operations need: something that makes a call and returns the body of the answer."""

    def call(
        self,
        method: str,
        path: str,
        *,
        places: Mapping[str, int | str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        needs_key: bool = False,
        match: str | None = None,
    ) -> Any:
        """Make a call, again where that helps, and return what the answer holds."""


class Caller:
    """Makes calls over one pool of connections.

    Args:
        address: of the server, such as ``http://127.0.0.1:8000``.
        token: that of this program.
        language: of sentences: ``zh-hans`` or ``en``.
        timeout: of one attempt. Seconds.
        attempts: how often a call is made at most, where the server is busy or the line breaks.
        transport: how httpx reaches the server; its own way where None.
        sleep: waits between two attempts.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str,
        language: str = "zh-hans",
        timeout: float = 30.0,
        attempts: int = 5,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._attempts = max(1, attempts)
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
            timeout=timeout,
            transport=transport,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        places: Mapping[str, int | str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        needs_key: bool = False,
        match: str | None = None,
    ) -> Any:
        """Make a call, again where that helps, and return what the answer holds.

        Args:
            method: of HTTP.
            path: below ``/api/v1``, with places in braces.
            places: what stands in the places.
            query: parameters; those that are None are left out.
            body: sent as JSON; None: nothing is sent.
            key: Idempotency-Key; None: a new one where the call needs one, the same at each attempt.
            needs_key: whether the call needs one.
            match: ETag without which nothing is changed.

        Raises:
            Problem: the call was refused.
            httpx.TransportError: the server does not answer.
        """
        headers = {}
        if key or needs_key:
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        if match:
            headers["If-Match"] = match
        given = {name: value for name, value in (query or {}).items() if value is not None}
        where = path.format(**{name: quote(str(value), safe="") for name, value in (places or {}).items()})
        answer = self._answered(method, where, given, body, headers)
        if not answer.is_success:
            raise problem_of(answer)
        return answer.json()

    def _answered(
        self, method: str, where: str, query: Mapping[str, Any], body: Any, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Return the first answer that a repetition would not better, or the last one."""
        # Events are taken once by their own ids.
        may_repeat = method == "GET" or "Idempotency-Key" in headers or where == "/events"
        for attempt in range(1, self._attempts + 1):
            is_last = attempt == self._attempts
            try:
                answer = self._http.request(method, where, params=query, json=body, headers=headers)
            except httpx.TransportError:
                if is_last or not may_repeat:
                    raise
                self._sleep(_pause(attempt, None))
                continue
            if answer.status_code not in _REPEATED or is_last:
                return answer
            self._sleep(_pause(attempt, wait_asked(answer)))
        raise AssertionError("the last attempt returns or raises")


def iterated(ask: Callable[[str], Any]) -> Iterator[Any]:
    """Yield the items of all pages of a list.

    Args:
        ask: returns the page behind a cursor; the first behind an empty one.
    """
    cursor: str | None = ""
    while cursor is not None:
        page = ask(cursor)
        yield from page["items"]
        cursor = page["next"]


def _pause(attempt: int, asked_seconds: float | None) -> float:
    """Return the seconds to wait: what was asked for, else half a second doubled each time and up to a fifth more."""
    if asked_seconds is not None:
        return min(asked_seconds, _LONGEST_PAUSE)
    grown: float = min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
    return grown * (1 + random.random() / 5)  # noqa: S311 - spreads load, hides nothing.
