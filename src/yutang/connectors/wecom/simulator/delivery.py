"""Callbacks on their way: signed, sealed and sent to the address of the app, up to three times.

On order they come late, twice, in another order, or never.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import urllib3

from yutang.connectors.wecom.callbacks.envelope import CallbackKeys, sealed, signature
from yutang.connectors.wecom.simulator.clock import SimulatorClock

_TRIES = 3
_CHECK_SECONDS = 5.0
_QUIET_SECONDS = 0.05
_MOST_AT_ONCE = 1_000


@dataclass(frozen=True)
class Habits:
    """How callbacks travel.

    Attributes:
        duplicate: share of callbacks that are sent twice. Ratio.
        drop: share that is never sent. Ratio.
        reorder: callbacks are gathered up to this number and sent in another order; 0 keeps the order.
        delay: so long they wait, in simulated seconds.
        lanes: how many are on their way at once.
        patience: without an answer within so many seconds the connection is cut.
        retries_refusals: whether an answer other than 200 is tried again; sources disagree.
    """

    duplicate: float = 0.0
    drop: float = 0.0
    reorder: int = 0
    delay: float = 0.0
    lanes: int = 1
    patience: float = 5.0
    retries_refusals: bool = True

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Habits:
        """Return the habits that a JSON object tells.

        Raises:
            ValueError: there is no such habit.
        """
        unknown = set(told) - {one.name for one in fields(cls)}
        if unknown:
            raise ValueError(f"no such habits: {sorted(unknown)}")
        return replace(cls(), **told)


@dataclass(frozen=True)
class Address:
    """Where callbacks go, and what they are sealed with."""

    url: str
    keys: CallbackKeys
    agent_id: int


class AddressDoesNotAnswer(Exception):
    """The address did not give the text back that it was to decrypt."""


@dataclass(frozen=True)
class _Letter:
    due: float
    text: str


class Delivery:
    """Sends callbacks, in threads of its own."""

    def __init__(self, *, clock: SimulatorClock, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.habits = Habits()
        self.address: Address | None = None
        self._clock = clock
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, no secret.
        self._pool = urllib3.PoolManager(maxsize=32, retries=False, timeout=urllib3.Timeout(_CHECK_SECONDS))
        self._waiting: deque[_Letter] = deque()
        self._ready: deque[_Letter] = deque()
        self._on_the_way = 0
        self._last_at = 0.0
        self._changed = threading.Condition()
        self._ended = False
        self._threads: list[threading.Thread] = []

    def register(self, address: Address, habits: Habits) -> None:
        """Check an address with a GET, as WeCom does, then send callbacks there.

        Raises:
            AddressDoesNotAnswer: it did not decrypt what it was sent.
        """
        text = str(self._dice.randrange(10**18, 10**19))
        query = _signed(address.keys, sealed(keys=address.keys, message=text), name="echostr")
        try:
            response = self._pool.request("GET", f"{address.url}?{query}", redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise AddressDoesNotAnswer(type(error).__name__) from error
        if response.status != 200 or response.data != text.encode():
            raise AddressDoesNotAnswer(f"HTTP {response.status}")
        with self._changed:
            self.address, self.habits = address, habits
            while len(self._threads) < max(1, habits.lanes):
                thread = threading.Thread(target=self._run, name=f"callbacks-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def behave(self, **habits: Any) -> None:
        """Change some habits; what is on its way goes on."""
        with self._changed:
            self.habits = replace(self.habits, **habits)
            self._changed.notify_all()

    def post(self, event: dict[str, Any]) -> None:
        """Take an event; without an address nobody hears of it."""
        with self._changed:
            if self.address is None:
                self.counts["unheard"] += 1
                return
            self.counts["told"] += 1
            if self._dice.random() < self.habits.drop:
                self.counts["dropped"] += 1
                return
            copies = 2 if self._dice.random() < self.habits.duplicate else 1
            self.counts["duplicated"] += copies - 1
            text = event_xml(event)
            for _ in range(copies):
                self._waiting.append(_Letter(self._clock.now() + self.habits.delay, text))
            self._last_at = time.monotonic()
            self._changed.notify_all()

    def settled(self, *, seconds: float) -> bool:
        """Wait until all that is due was sent; return whether it was within so many seconds."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._ready or self._on_the_way or self._is_due():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, _QUIET_SECONDS))
        return True

    def end(self) -> None:
        """Send nothing any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def pending(self) -> int:
        """How many have not been sent."""
        return len(self._waiting) + len(self._ready) + self._on_the_way

    def _run(self) -> None:
        while True:
            letter = self._next()
            if letter is None:
                return
            try:
                self._send(letter.text)
            finally:
                with self._changed:
                    self._on_the_way -= 1
                    self._changed.notify_all()

    def _next(self) -> _Letter | None:
        with self._changed:
            while not self._ended:
                self._make_ready()
                if self._ready:
                    self._on_the_way += 1
                    return self._ready.popleft()
                self._changed.wait(_QUIET_SECONDS)
        return None

    def _make_ready(self) -> None:
        """Move what is due to what is sent next; with another order wait until enough is there, or nothing more comes."""
        window = self.habits.reorder
        if not self._is_due() or self._ready:
            return
        if window and len(self._waiting) < window and time.monotonic() - self._last_at < _QUIET_SECONDS * 2:
            return
        due: list[_Letter] = []
        while self._is_due() and len(due) < (window or _MOST_AT_ONCE):
            due.append(self._waiting.popleft())
        if window:
            self._dice.shuffle(due)
            self.counts["reordered"] += len(due)
        self._ready.extend(due)

    def _is_due(self) -> bool:
        return bool(self._waiting) and self._waiting[0].due <= self._clock.now()

    def _send(self, text: str) -> None:
        address = self.address
        if address is None:
            return
        for _ in range(_TRIES):
            self.counts["tries"] += 1
            outcome = self._try(address, text)
            if outcome is not None:
                self.counts[outcome] += 1
                return
        self.counts["given_up"] += 1

    def _try(self, address: Address, text: str) -> str | None:
        """Send once; return how it ended, or None when it is to be tried again."""
        envelope = sealed(keys=address.keys, message=text, random=os.urandom(16))
        body = _body(address, envelope)
        try:
            response = self._pool.request(
                "POST",
                f"{address.url}?{_signed(address.keys, envelope)}",
                body=body.encode(),
                headers={"Content-Type": "text/xml"},
                redirect=False,
                timeout=urllib3.Timeout(self.habits.patience),
            )
        except urllib3.exceptions.HTTPError:
            return None
        if response.status == 200:
            return "delivered"
        return None if self.habits.retries_refusals else "refused"


def event_xml(event: dict[str, Any]) -> str:
    """Return an event as XML: texts in CDATA, numbers plain, lists as items."""
    return f"<xml>{''.join(_element(name, value) for name, value in event.items())}</xml>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_element('Item', one) for one in value)}</{name}>"
    text = str(value)
    return f"<{name}>{escape(text)}</{name}>" if "]]>" in text else f"<{name}><![CDATA[{text}]]></{name}>"


def _body(address: Address, envelope: str) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{address.keys.receive_id}]]></ToUserName>"
        f"<AgentID><![CDATA[{address.agent_id}]]></AgentID><Encrypt><![CDATA[{envelope}]]></Encrypt></xml>"
    )


def _signed(keys: CallbackKeys, envelope: str, *, name: str | None = None) -> str:
    timestamp, nonce = str(int(time.time())), str(random.SystemRandom().randrange(10**9, 10**10))
    query = {
        "msg_signature": signature(token=keys.token, timestamp=timestamp, nonce=nonce, sealed=envelope),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    return urlencode({**query, name: envelope} if name else query)
