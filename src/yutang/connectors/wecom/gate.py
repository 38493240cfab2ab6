"""How many calls of one API are under way in this process; narrower after WeCom said that it is too many."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

#: After so many calls without complaint one more may run beside them.
_CALM = 50
_STRIPES = 64


class Gate:
    """Places for calls, by API."""

    def __init__(self) -> None:
        self._doors: dict[str, _Door] = {}
        self._making = threading.Lock()
        self._stripes = tuple(threading.Lock() for _ in range(_STRIPES))

    @contextlib.contextmanager
    def place(self, api: str, *, at_once: int) -> Iterator[None]:
        """Wait for a place and keep it while the block runs."""
        door = self._door(api)
        door.enter(at_once)
        try:
            yield
        finally:
            door.leave(at_once)

    def narrow(self, api: str) -> None:
        """Halve the places of an API."""
        self._door(api).narrow()

    def width(self, api: str) -> int | None:
        """Return how many places an API has; None before its first call."""
        return self._door(api).width

    def _door(self, api: str) -> _Door:
        with self._making:
            return self._doors.setdefault(api, _Door())

    @contextlib.contextmanager
    def alone_with(self, *key: str) -> Iterator[None]:
        """Keep other threads off the same thing, such as a member and a customer, while the block runs."""
        with self._stripes[hash(key) % _STRIPES]:
            yield


class _Door:
    def __init__(self) -> None:
        self.width: int | None = None
        self._inside = 0
        self._calm = 0
        self._changed = threading.Condition()

    def enter(self, at_once: int) -> None:
        with self._changed:
            self.width = at_once if self.width is None else self.width
            while self._inside >= self.width:
                self._changed.wait()
            self._inside += 1

    def leave(self, at_once: int) -> None:
        with self._changed:
            self._inside -= 1
            self._calm += 1
            if self._calm >= _CALM and self.width is not None and self.width < at_once:
                self.width += 1
                self._calm = 0
            self._changed.notify()

    def narrow(self) -> None:
        with self._changed:
            self.width = max(1, (self.width or 2) // 2)
            self._calm = 0
