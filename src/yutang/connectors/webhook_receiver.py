"""The stand-in of a receiver: a real HTTP server on this machine that takes messages, believes what is signed, and keeps it.

It answers what it is told to, so that tests and a developer see what a receiver that fails does to a sender.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

_TOLERANCE_SECONDS = 300


@dataclass(frozen=True)
class Received:
    """A message as it came.

    Attributes:
        headers: by name in lower case.
        body: as it stood on the wire: what was signed.
    """

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        """What makes the message one that is known or not."""
        return self.headers.get("webhook-id", "")

    @property
    def content(self) -> dict[str, Any]:
        """The body, read."""
        read: dict[str, Any] = json.loads(self.body)
        return read


def is_signed(received: Received, *, secret: str, now: float | None = None) -> bool:
    """Return whether a message was signed with the secret, and not long ago, as a receiver decides it.

    Source: Standard Webhooks 1.0, "Verifying signatures".
    """
    try:
        timestamp = int(received.headers["webhook-timestamp"])
        signatures = received.headers["webhook-signature"].split()
    except (KeyError, ValueError):
        return False
    if abs((time.time() if now is None else now) - timestamp) > _TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((received.message_id.encode(), str(timestamp).encode(), received.body))
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return any(hmac.compare_digest(f"v1,{wanted}", one) for one in signatures)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: With the usual five, of more senders at once some wait a second for their line.
    request_queue_size = 128


@dataclass
class Receiver:
    """A receiver that runs while its ``with`` block does.

    Attributes:
        answers: called with each message, returns the status of the answer, or the status and headers.
        trust: the server's own certificate; None: it is written to openly.
    """

    answers: Callable[[Received], int | tuple[int, dict[str, str]]] = lambda received: 204
    trust: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> Receiver:
        """Begin to listen, on a free port of this machine."""
        self._server = _Server(("127.0.0.1", 0), self._handler())
        if self.trust is not None:
            self._server.socket = self.trust.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="webhook-receiver", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address to register."""
        return f"{'https' if self.trust else 'http'}://127.0.0.1:{self.port}/hooks"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                one = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                receiver.received.append(one)
                answer = receiver.answers(one)
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library gives it.
                return

        return Handler
