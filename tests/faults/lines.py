"""A line between two processes that can be slow, end in the middle, or stay open without ever answering."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from typing import Literal

State = Literal["well", "slow", "cut", "half_open"]
_BLOCK = 65_536


class Line:
    """Passes on what comes at one port to another; use as a context manager.

    Attributes:
        state: how it is now: ``slow`` waits before each piece, ``cut`` ends after the question was passed on, ``half_open`` passes the
            question on and never the answer.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.state: State = "well"
        self._dice = random.Random(target)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._is_over = False

    def __enter__(self) -> Line:
        threading.Thread(target=self._take, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._door.close()

    def _take(self) -> None:
        while not self._is_over:
            try:
                near, _address = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(near,), daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=60)
        except OSError:
            near.close()
            return
        threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
        self._pump(far, near, True)

    def _pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_BLOCK):
                if is_answer and self.state == "cut":
                    break
                if self.state == "slow":
                    time.sleep(self._dice.uniform(0, 0.2))
                if is_answer and self.state == "half_open":
                    self._hold()
                    break
                target.sendall(piece)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _hold(self) -> None:
        """Keep the connection open and say nothing, for as long as the line is like that."""
        while self.state == "half_open" and not self._is_over:
            time.sleep(0.02)
