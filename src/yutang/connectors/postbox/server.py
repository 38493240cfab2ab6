"""The postbox on two ports of this machine: a mail server, and the gateway with the page."""

from __future__ import annotations

import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller

from yutang.connectors.postbox.box import Postbox
from yutang.connectors.postbox.page import Page, Reply
from yutang.connectors.sandbox.frame import POLICY
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_LOOPBACK = "127.0.0.1"
_HOSTS = frozenset({"127.0.0.1", "localhost"})
_MOST_BYTES = 4 << 20
_MOST_MAIL_BYTES = 10 << 20
#: Headers by which a call of the gateway is told from a visit of the page.
_OF_THE_GATEWAY = ("X-Acs-Action", "X-Tc-Action")


class PostboxPortIsTaken(DomainError):
    """Another program listens there."""

    code = "postbox_port_is_taken"
    message = N_("Port %(port)s is in use. Take another one: --%(option)s %(other)s")


class PostboxServer:
    """Lets a postbox be reached.

    Args:
        box: the postbox.
        port: of the gateway and the page; 0 for any that is free.
        mail_port: of the mail server.
        stylesheet: file with the look of the product; None: the page does without.
    """

    def __init__(self, *, box: Postbox, port: int, mail_port: int, stylesheet: Path | None = None) -> None:
        self.box, self.page = box, Page(box=box, stylesheet=stylesheet)
        try:
            self._web = _Server((_LOOPBACK, port), type("BoundHandler", (_Handler,), {"server_of": self}))
        except OSError as error:
            raise PostboxPortIsTaken(port=port, option="port", other=port + 1) from error
        self._mail = Controller(
            box.mail, hostname=_LOOPBACK, port=mail_port, data_size_limit=_MOST_MAIL_BYTES, ident="Yutang sandbox"
        )
        try:
            self._mail.start()
        except OSError as error:
            self._web.server_close()
            raise PostboxPortIsTaken(port=mail_port, option="mail-port", other=mail_port + 1) from error
        self._thread = threading.Thread(target=self._web.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """Where the page and the gateway are, with a slash at the end."""
        return f"http://{_LOOPBACK}:{self._web.server_address[1]}/"

    def start(self) -> PostboxServer:
        """Answer in threads of its own; return itself."""
        self._thread.start()
        self.box.start()
        return self

    def serve(self) -> None:
        """Answer until interrupted; for the main thread."""
        asked: list[int] = []
        # A signal sets a mark: a `KeyboardInterrupt` that falls into the clearing away of an object is lost in Python.
        before = signal.signal(signal.SIGINT, lambda number, _frame: asked.append(number))
        signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
        self.start()
        try:
            while not asked:
                time.sleep(0.1)
        finally:
            signal.signal(signal.SIGINT, before)
            self.end()

    def end(self) -> None:
        """Answer no more."""
        self.box.end()
        self._mail.stop()
        if self._thread.is_alive():
            self._web.shutdown()
            self._thread.join(5)
        self._web.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True


class _Handler(BaseHTTPRequestHandler):
    server_of: ClassVar[PostboxServer]
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "YutangSandbox", ""
    timeout = 60
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        if self._is_at_home():
            address = urlsplit(self.path)
            query = dict(parse_qsl(address.query, keep_blank_values=True))
            languages, cookies = self.headers.get("Accept-Language", ""), self.headers.get("Cookie", "")
            self._write(self.server_of.page.show(address.path, query, languages=languages, cookies=cookies))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            self.close_connection = True
            self._write(Reply(b"too long", status=413))
            return
        body = self.rfile.read(int(length))
        if any(self.headers.get(name) for name in _OF_THE_GATEWAY):
            self._as_gateway(body)
        elif self._is_at_home():
            self._write(self._acted(body))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class.
        """Write no line for each request: phones stand in the addresses."""

    def _as_gateway(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server_of.box.texts.answered(path=self.path, headers=headers, body=body)
        if answer is None:
            self.close_connection = True
            return
        status, told = answer
        self._write(Reply(told, "application/json", status))

    def _acted(self, body: bytes) -> Reply:
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            return Reply(b"from another origin", status=403)
        told = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        return self.server_of.page.act(urlsplit(self.path).path, told)

    def _is_at_home(self) -> bool:
        """Return whether this address is asked under its own name; a page of elsewhere that has it under another is not let in."""
        if self.headers.get("Host", "").split(":")[0] in _HOSTS:
            return True
        self._write(Reply(b"unknown host", status=421))
        return False

    def _write(self, reply: Reply) -> None:
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
