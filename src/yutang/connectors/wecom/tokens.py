"""Access tokens: fetched by one caller at a time among all threads and processes that share a store.

WeCom gives the same token again while it lives, and may end it early. Wrong secrets are not tried again and again: about
2,000 wrong fetches an hour lead to a block.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from yutang.connectors.wecom.clock import Clock
from yutang.connectors.wecom.errors import Remedy, WeComError, error_of

#: A token is renewed so long before its end, in seconds.
MARGIN_SECONDS = 120.0
#: For so long a refused secret is not tried again, in seconds.
REFUSAL_SECONDS = 60.0

_GETTOKEN = "gettoken"


@dataclass(frozen=True)
class Token:
    """What the last fetch brought.

    Attributes:
        value: the token; empty when the fetch was refused.
        fetched_at: seconds since 1970.
        expires_at: seconds since 1970; of a refusal: until when it is believed.
        refused_with: code of the refusal; 0 when there is a token.
    """

    value: str = field(repr=False)
    fetched_at: float
    expires_at: float
    refused_with: int = 0


class TokenStore(Protocol):
    """Where tokens lie for all that share them; plugged in from above."""

    def read(self, key: str) -> Token | None:
        """Return what lies under a key."""

    def write(self, key: str, token: Token) -> None:
        """Put a token under a key."""

    def alone(self, key: str) -> contextlib.AbstractContextManager[None]:
        """Keep everybody else who asks for the same key out while the block runs."""


class MemoryTokens:
    """Tokens of one process."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def read(self, key: str) -> Token | None:
        """Return what lies under a key."""
        return self._tokens.get(key)

    def write(self, key: str, token: Token) -> None:
        """Put a token under a key."""
        self._tokens[key] = token

    @contextlib.contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Keep other threads out."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            yield


class FileTokens:
    """Tokens of all processes of one machine: a file each, which its owner alone can read, and a lock beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def read(self, key: str) -> Token | None:
        """Return what lies under a key; None also when it cannot be read, because it can be fetched again."""
        try:
            return Token(**json.loads(self._path(key).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, key: str, token: Token) -> None:
        """Put a token under a key; a reader sees the old one or the new one, never half."""
        draft = self._path(key).with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(token), file)
        draft.replace(self._path(key))

    @contextlib.contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Keep other threads and processes out; the lock of a process that died is free."""
        lock = os.open(self._path(key).with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


class TokenSource:
    """Gives the token of one app.

    Args:
        key: names corp and app in the store; the whole secret counts, so that a changed secret has another key.
        fetch: asks WeCom; returns the token and for how many seconds it lives, or raises the typed refusal.
        store: where tokens lie for all that share them.
        clock: what time it is.
    """

    def __init__(self, *, key: str, fetch: Callable[[], tuple[str, float]], store: TokenStore, clock: Clock) -> None:
        self._key = key
        self._fetch = fetch
        self._store = store
        self._clock = clock

    def token(self) -> str:
        """Return a token that still lives; fetch one if there is none.

        Raises:
            WeComError: the secret is refused, or was refused moments ago.
        """
        if kept := self._kept():
            return kept
        with self._store.alone(self._key):
            return self._kept() or self._fetch_and_keep()

    def renew(self, *, refused: str, asked_at: float) -> str:
        """Return another token than one that WeCom refused.

        Args:
            refused: the token that was refused.
            asked_at: when the refused call began; somebody who fetched after that has done the work already, also when
                WeCom gave the same token again.
        """
        with self._store.alone(self._key):
            kept = self._store.read(self._key)
            if kept is not None and not kept.refused_with and (kept.value != refused or kept.fetched_at >= asked_at):
                return kept.value
            return self._fetch_and_keep()

    def _kept(self) -> str | None:
        kept = self._store.read(self._key)
        if kept is None:
            return None
        left = kept.expires_at - self._clock.now()
        if kept.refused_with and left > 0:
            raise error_of(errcode=kept.refused_with, api=_GETTOKEN)
        return (
            kept.value if kept.value and left > min(MARGIN_SECONDS, (kept.expires_at - kept.fetched_at) / 10) else None
        )

    def _fetch_and_keep(self) -> str:
        now = self._clock.now()
        try:
            value, seconds = self._fetch()
        except WeComError as error:
            if error.remedy is Remedy.ALARM and error.errcode is not None:
                self._store.write(self._key, Token("", now, now + REFUSAL_SECONDS, error.errcode))
            raise
        self._store.write(self._key, Token(value, now, now + seconds))
        return value
