"""Sends one signed message to a receiver: to an address that was looked at, within a time, following nobody elsewhere.

Source: Standard Webhooks 1.0 (headers ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``; symmetric scheme ``v1``).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from yutang.connectors.addresses import AddressIsRefused, Network, Target, resolved, target_of

#: A receiver answers within so many seconds, from the first packet to the last.
SECONDS = 15.0
_SECRET_PREFIX = "whsec_"  # noqa: S105 - how the standard begins a secret.
_SECRET_BYTES = 32
#: Of an answer nothing is used but its first line and one header; the rest is read so that nobody sees a broken line.
_READ_AT_MOST = 16_384
_LONGEST_WAIT = 12 * 3600.0


@dataclass(frozen=True)
class Answer:
    """What became of one attempt.

    Attributes:
        status: of the answer; None where none came.
        fault: why it was not taken: empty, ``answer``, ``timeout``, ``no_name``, ``no_connection``, ``certificate``,
            ``broken_answer`` or ``address_is_refused``.
        seconds: how long it took.
        wait_seconds: what the receiver asked to wait (Retry-After); None where it did not.
    """

    status: int | None
    fault: str
    seconds: float
    wait_seconds: float | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has the message."""
        return not self.fault

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that it never wants a message again."""
        return self.status == HTTPStatus.GONE


def new_secret() -> str:
    """Return a secret of 256 bits, written as the standard writes it."""
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(*, secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one attempt: HMAC-SHA256 over id, timestamp and body, divided by full stops."""
    key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(*, given_secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of one attempt, signed with each of the secrets: while one takes over from another there are two."""
    signed = [
        signature(secret=secret, message_id=message_id, timestamp=timestamp, body=body) for secret in given_secrets
    ]
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signed)}


def send(
    *,
    url: str,
    message_id: str,
    body: bytes,
    given_secrets: Sequence[str],
    opened: Collection[Network] = (),
    seconds: float = SECONDS,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """Send a message once and return what became of it; never raises for what the receiver or the network does.

    Args:
        url: of the receiver.
        message_id: the same at every attempt, so that a receiver knows what it has.
        body: JSON.
        given_secrets: what it is signed with, the current one first.
        opened: private networks that may be written to.
        seconds: how long the whole attempt may take.
        trust: whose certificates are believed; None: those that this machine believes.
    """
    began = time.monotonic()

    def ended(fault: str, status: int | None = None, wait: float | None = None) -> Answer:
        return Answer(status, fault, time.monotonic() - began, wait)

    timestamp = int(time.time())
    headers = signed_headers(given_secrets=given_secrets, message_id=message_id, timestamp=timestamp, body=body)
    headers |= {"Content-Type": "application/json", "User-Agent": "Yutang-Webhooks/1", "Connection": "close"}
    try:
        target = target_of(url, opened=opened)
        address = resolved(target, opened=opened)
    except AddressIsRefused:
        return ended("address_is_refused")
    except OSError:
        return ended("no_name")
    try:
        status, wait = _posted(target, address, headers, body, until=began + seconds, trust=trust)
    except ssl.SSLCertVerificationError:
        return ended("certificate")
    except (OSError, http.client.HTTPException) as error:
        # Whoever closes the line at the deadline makes every kind of error.
        late = isinstance(error, TimeoutError) or time.monotonic() - began >= seconds
        broken = isinstance(error, http.client.HTTPException)
        return ended("timeout" if late else "broken_answer" if broken else "no_connection")
    return ended("" if HTTPStatus(200) <= status < HTTPStatus(300) else "answer", status, wait)


def _posted(
    target: Target, address: str, headers: dict[str, str], body: bytes, *, until: float, trust: ssl.SSLContext | None
) -> tuple[int, float | None]:
    line = socket.create_connection((address, target.port), timeout=_left(until))
    with contextlib.closing(line), _cut_at(line, until):
        if target.is_secure:
            # The name is looked for in the certificate, the address that was looked at is what is connected to.
            line = (trust or ssl.create_default_context()).wrap_socket(line, server_hostname=target.host)
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = line
        with contextlib.closing(connection):
            connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": target.host_header, "Content-Length": str(len(body)), **headers}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            with contextlib.closing(answer):
                # A line that was cut at the deadline looks like an answer that has ended.
                _left(until)
                with contextlib.suppress(OSError, http.client.HTTPException):
                    answer.read(_READ_AT_MOST)
                return answer.status, _wait_asked(answer.getheader("Retry-After"))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextmanager
def _cut_at(line: socket.socket, until: float) -> Iterator[None]:
    """Cut the line at the deadline: who sends a byte now and then would hold it for ever."""
    line.settimeout(_left(until))
    # The wrapped socket takes the descriptor over, so a second one is kept for the cut.
    second = line.dup()

    def cut() -> None:
        with contextlib.suppress(OSError):
            second.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_left(until), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        second.close()


def _wait_asked(header: str | None) -> float | None:
    """Return the seconds that a Retry-After asks for, in its two forms; None where it says nothing that can be read."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - datetime.now(UTC)).total_seconds()), _LONGEST_WAIT)
