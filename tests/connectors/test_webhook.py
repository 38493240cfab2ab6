"""One attempt at a real receiver: signed, cut in time, sealed on the way."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from yutang.connectors import addresses, webhook
from yutang.connectors.webhook import Answer, send
from yutang.connectors.webhook_receiver import Receiver, is_signed

OPENED = (ip_network("127.0.0.0/8"),)
SECRET = webhook.new_secret()


def sent(url: str, **more: object) -> Answer:
    given = {"message_id": "msg_1", "body": b'{"a":1}', "given_secrets": [SECRET], "opened": OPENED, **more}
    return send(url=url, **given)  # type: ignore[arg-type]


class TestSignature:
    def test_is_that_of_the_standard(self) -> None:
        signed = webhook.signature(
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330,
            body=b'{"test": 2432232314}',
        )

        assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_secrets_are_long_and_each_is_another(self) -> None:
        made = {webhook.new_secret() for _ in range(50)}

        assert len(made) == 50
        assert all(one.startswith("whsec_") and len(one) == 50 for one in made)


class TestSend:
    def test_brings_a_message_that_the_receiver_believes(self) -> None:
        with Receiver() as receiver:
            answer = sent(receiver.url)

        (received,) = receiver.received
        assert (answer.status, answer.fault, answer.is_taken) == (204, "", True)
        assert (received.path, received.message_id, received.content) == ("/hooks", "msg_1", {"a": 1})
        assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert is_signed(received, secret=SECRET)
        assert not is_signed(received, secret=webhook.new_secret())
        assert not is_signed(received, secret=SECRET, now=time.time() + 301)

    def test_signs_with_both_secrets_while_one_takes_over(self) -> None:
        before = webhook.new_secret()
        with Receiver() as receiver:
            sent(receiver.url, given_secrets=[SECRET, before])

        assert is_signed(receiver.received[0], secret=SECRET)
        assert is_signed(receiver.received[0], secret=before)

    @pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
    def test_any_other_answer_is_not_taken_and_nobody_is_followed(self, status: int) -> None:
        with (
            Receiver() as elsewhere,
            Receiver(answers=lambda _: (status, {"Location": elsewhere.url, "Retry-After": "7"})) as receiver,
        ):
            answer = sent(receiver.url)

        assert (answer.status, answer.fault, answer.is_taken, answer.wait_seconds) == (status, "answer", False, 7)
        assert elsewhere.received == []

    def test_a_receiver_may_be_gone(self) -> None:
        with Receiver(answers=lambda _: 410) as receiver:
            assert sent(receiver.url).is_gone

    def test_reads_both_forms_of_retry_after(self) -> None:
        at = (datetime.now(UTC) + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        with Receiver(answers=lambda _: (503, {"Retry-After": at})) as receiver:
            assert 80 < (sent(receiver.url).wait_seconds or 0) <= 90
        with Receiver(answers=lambda _: (503, {"Retry-After": "99999999"})) as receiver:
            assert sent(receiver.url).wait_seconds == 12 * 3600
        with Receiver(answers=lambda _: (503, {"Retry-After": "soon"})) as receiver:
            assert sent(receiver.url).wait_seconds is None

    def test_nobody_listens(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        assert sent(f"http://127.0.0.1:{port}/").fault == "no_connection"

    def test_goes_to_no_private_address_that_was_not_opened(self) -> None:
        with Receiver() as receiver:
            answer = sent(receiver.url, opened=())

        assert (answer.fault, receiver.received) == ("address_is_refused", [])

    def test_a_name_that_stands_for_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def nothing(*_: object, **__: object) -> list[object]:
            raise socket.gaierror

        monkeypatch.setattr(addresses.socket, "getaddrinfo", nothing)

        assert sent("https://nowhere.example.com/").fault == "no_name"

    def test_who_says_nothing_is_left_in_time(self) -> None:
        with Receiver(answers=lambda _: time.sleep(2) or 200) as receiver:
            answer = sent(receiver.url, seconds=0.3)

        assert answer.fault == "timeout"
        assert answer.seconds < 1.5

    @pytest.mark.parametrize("drip", [b"H", b"HTTP/1.1 200 OK\r\nX-Slow: "])
    def test_who_answers_drop_by_drop_is_left_in_time(self, drip: bytes) -> None:
        with _dripping(drip) as port:
            answer = sent(f"http://127.0.0.1:{port}/", seconds=0.5)

        assert answer.fault == "timeout"
        assert answer.seconds < 2

    def test_an_answer_that_is_none(self) -> None:
        with _dripping(b"SSH-2.0-OpenSSH\r\n\r\n", once=True) as port:
            assert sent(f"http://127.0.0.1:{port}/").fault == "broken_answer"


class TestSealedLine:
    def test_the_certificate_must_say_the_name_though_the_address_is_connected_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server, client = _certificate("erp.example.com", tmp_path)
        here = socket.AF_INET, socket.SOCK_STREAM, 6, ""
        monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda _, port, *__, **___: [(*here, ("127.0.0.1", port))])
        with Receiver(trust=server) as receiver:
            right = sent(f"https://erp.example.com:{receiver.port}/hooks", trust=client)
            wrong = sent(f"https://other.example.com:{receiver.port}/hooks", trust=client)
            stranger = sent(f"https://erp.example.com:{receiver.port}/hooks")

        assert right.is_taken
        assert (wrong.fault, stranger.fault) == ("certificate", "certificate")
        (received,) = receiver.received
        assert received.headers["host"] == f"erp.example.com:{receiver.port}"


@contextmanager
def _dripping(drip: bytes, *, once: bool = False) -> Iterator[int]:
    """A receiver that sends some bytes every now and then, without end."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65_536)
            while not over.wait(0.02):
                try:
                    line.sendall(drip)
                except OSError:
                    return
                if once:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()
        thread.join(timeout=2)


def _certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server of the name shows, and what believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(today - timedelta(days=1))
    built = built.not_valid_after(today + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("192.0.2.1"))])
    signed = built.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both, shown = folder / "server.pem", folder / "shown.pem"
    both.write_bytes(secret + signed.public_bytes(pem))
    shown.write_bytes(signed.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    return server, ssl.create_default_context(cafile=str(shown))
