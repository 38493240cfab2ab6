"""Child processes kept alive until they are asked to end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

#: A child that ends so often within `_WINDOW` seconds is not started again.
_MOST_FALLS = 5
_WINDOW = 60.0
_PATIENCE = 15.0
_DIE_WITH_PARENT = 1


@dataclass
class Child:
    """One child process and what happened to it.

    Attributes:
        name: for the log file and for people.
        command: what is started.
        log: file that takes its output.
        environment: what it gets besides that of everybody.
        is_needed: whether everything ends when it falls too often; others are left out then.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    is_needed: bool = True
    process: subprocess.Popen[bytes] | None = None
    falls: list[float] = field(default_factory=list)

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process, its output added to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**environment, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread here.
            )

    def has_ended(self) -> bool:
        """Return whether the process is gone."""
        return self.process is None or self.process.poll() is not None


class Supervisor:
    """Starts children, starts them again when they fall, ends them all on SIGINT or SIGTERM.

    Args:
        children: what is kept alive.
        environment: of all of them, besides that of this process.
        told: called with a child that is left out from now on, because it fell too often.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        environment: Mapping[str, str] | None = None,
        told: Callable[[Child], None] = lambda child: None,
    ) -> None:
        self.children = children
        self._told = told
        self._environment = {**os.environ, **(environment or {})}
        self._asked_to_end = False

    def start(self) -> None:
        """Start every child; from here on a signal ends them."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end_soon)
        for child in self.children:
            child.start(self._environment)

    def watch(self, *, poll_seconds: float = 0.3) -> Child | None:
        """Keep the children alive until asked to end; return the needed child that fell too often, or None."""
        given_up = None
        while not self._asked_to_end and given_up is None:
            fallen = [child for child in self.children if child.has_ended() and not self._revive(child)]
            given_up = next((child for child in fallen if child.is_needed), None)
            for child in fallen if given_up is None else ():
                self.children = [one for one in self.children if one is not child]
                self._told(child)
            time.sleep(poll_seconds)
        self.end()
        return given_up

    def end(self) -> None:
        """End every child: ask, wait, then kill."""
        for child in self.children:
            if child.process is not None and not child.has_ended():
                child.process.terminate()
        deadline = time.monotonic() + _PATIENCE
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()

    @property
    def is_ending(self) -> bool:
        """Whether a signal asked for the end."""
        return self._asked_to_end

    def _revive(self, child: Child) -> bool:
        """Start a child that fell again, unless it falls too often."""
        now = time.monotonic()
        child.falls = [*[fall for fall in child.falls if now - fall < _WINDOW], now]
        if len(child.falls) >= _MOST_FALLS:
            return False
        time.sleep(min(0.2 * 2 ** len(child.falls), 3.0))
        if not self._asked_to_end:
            child.start(self._environment)
        return True

    def _end_soon(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_end = True


def _die_with_parent() -> None:
    """Ask Linux to end this child when the supervisor is killed, so that no orphan keeps the port or a lease."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
