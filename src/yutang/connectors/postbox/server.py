"""The postbox on two ports of this machine: a mail server, and the gateway with the page."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller

from yutang.connectors.postbox.box import Postbox
from yutang.connectors.postbox.page import Page
from yutang.connectors.sandbox.serving import LOOPBACK, Door, Reply, SandboxServer, in_words, serve_until_asked
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

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
            self._web = SandboxServer((LOOPBACK, port), type("BoundHandler", (_Handler,), {"server_of": self}))
        except OSError as error:
            raise PostboxPortIsTaken(port=port, option="port", other=port + 1) from error
        self._mail = Controller(
            box.mail, hostname=LOOPBACK, port=mail_port, data_size_limit=_MOST_MAIL_BYTES, ident="Yutang sandbox"
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
        return f"http://{LOOPBACK}:{self._web.server_address[1]}/"

    def start(self) -> PostboxServer:
        """Answer in threads of its own; return itself."""
        self._thread.start()
        self.box.start()
        return self

    def serve(self) -> None:
        """Answer until interrupted; for the main thread."""
        serve_until_asked(begin=self.start, end=self.end)

    def end(self) -> None:
        """Answer no more."""
        self.box.end()
        self._mail.stop()
        if self._thread.is_alive():
            self._web.shutdown()
            self._thread.join(5)
        self._web.server_close()


class _Handler(Door):
    server_of: ClassVar[PostboxServer]

    def asked(self, method: str) -> None:
        body = self.body(most_bytes=_MOST_BYTES)
        if body is None:
            return
        if method == "POST" and any(self.headers.get(name) for name in _OF_THE_GATEWAY):
            self.answer(self._as_gateway(body))
        elif self.is_at_home():
            self.answer(self._acted(body) if method == "POST" else self._shown())

    def _shown(self) -> Reply:
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        languages, cookies = self.headers.get("Accept-Language", ""), self.headers.get("Cookie", "")
        return self.server_of.page.show(address.path, query, languages=languages, cookies=cookies)

    def _as_gateway(self, body: bytes) -> Reply:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server_of.box.texts.answered(path=self.path, headers=headers, body=body)
        if answer is None:
            return Reply(None)
        status, told = answer
        return Reply(told, "application/json", status)

    def _acted(self, body: bytes) -> Reply:
        if not self.is_own():
            return in_words("from another origin", 403)
        told = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        return self.server_of.page.act(urlsplit(self.path).path, told)
