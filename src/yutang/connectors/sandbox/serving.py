"""The small web server of a sandbox: on this machine only, under its own name, with answers that keep nothing."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from yutang.connectors.sandbox.frame import POLICY

LOOPBACK = "127.0.0.1"
_HOSTS = frozenset({LOOPBACK, "localhost"})


@dataclass(frozen=True)
class Reply:
    """What goes back; None for `content` cuts the connection."""

    content: bytes | None
    kind: str = "application/json; charset=UTF-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def in_words(words: str, status: int) -> Reply:
    """Return a refusal that programs read."""
    return Reply(words.encode(), "text/plain", status)


class SandboxServer(ThreadingHTTPServer):
    """Answers each request in a thread of its own."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True


class Door(BaseHTTPRequestHandler):
    """What every request of a sandbox goes through."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "YutangSandbox", ""
    timeout = 60
    wbufsize = 1 << 16

    def setup(self) -> None:
        """Send each answer at once."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def do_GET(self) -> None:
        """Answer a visit."""
        self.asked("GET")

    def do_POST(self) -> None:
        """Answer an order, or a call of a program."""
        self.asked("POST")

    def asked(self, method: str) -> None:
        """Answer a request by ``GET`` or ``POST``."""
        raise NotImplementedError

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class.
        """Write no line for each request: phones and people stand in the addresses."""

    def body(self, *, most_bytes: int) -> bytes | None:
        """Return what was sent; None where it is too long, which is answered."""
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > most_bytes:
            self.close_connection = True
            self.answer(in_words("too long", 413))
            return None
        return self.rfile.read(int(length))

    def is_at_home(self) -> bool:
        """Return whether this address is asked under its own name, else answer; a page of elsewhere may have it under another."""
        if self.headers.get("Host", "").split(":")[0] in _HOSTS:
            return True
        self.answer(in_words("unknown host", 421))
        return False

    def is_own(self) -> bool:
        """Return whether a browser's request comes from a page of the sandbox; programs name no origin."""
        origin = self.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc == self.headers.get("Host")

    def answer(self, reply: Reply) -> None:
        """Write an answer."""
        if reply.content is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.kind.startswith("text/html"):
            self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(reply.content)


def serve_until_asked(*, begin: Callable[[], object], end: Callable[[], object]) -> None:
    """Begin, wait in the main thread for Ctrl-C or the end of the process, and end.

    A signal sets a mark: a `KeyboardInterrupt` that falls into the clearing away of an object is lost in Python.
    """
    asked: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _frame: asked.append(number)) for one in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        begin()
        while not asked:
            time.sleep(0.1)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        end()
