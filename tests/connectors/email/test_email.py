"""E-mail over a real SMTP server, encrypted and not: what is taken, refused, unknown; and what comes back, read."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from yutang.connectors.email import errors
from yutang.connectors.email.coming_back import Absence, Bounce, Complaint, Reply, is_one_click, read
from yutang.connectors.email.messages import Mail, NotTaken, Taken, message_id_of
from yutang.connectors.email.smtp import SmtpSender, SmtpSettings, written

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Post:
    """What the server does with mail, by the name of the mailbox."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []
        self.connections = 0

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("stranger"):
            return "553 5.7.1 sender not owned by this account"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusals = {
            "nobody": "550 5.1.1 no such user",
            "full": "452 4.2.2 mailbox full",
            "blocked": "550 5.7.1 not wanted here",
        }
        refusal = refusals.get(address.partition("@")[0])
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if envelope.rcpt_tos[0].startswith("cut"):
            server.transport.abort()
            return "250 OK"
        if envelope.rcpt_tos[0].startswith("spammy"):
            return "554 5.7.1 looks like spam"
        mail = message_from_bytes(envelope.content or b"", policy=policy)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.senders.append(str(envelope.mail_from))
        return "250 OK"


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[SmtpSettings]:
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield settings_of(controller, security="none")
    controller.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, cert


@pytest.fixture
def safe_server(post: Post, certificate: tuple[Path, Path]) -> Iterator[SmtpSettings]:
    """A server that takes mail only over STARTTLS and only from who logs in."""
    key, cert = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)

    def authenticator(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"pond", handled=False)

    controller = Controller(
        post, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True, authenticator=authenticator,
        auth_required=True,
    )  # fmt: skip
    controller.start()
    yield settings_of(controller, username="shop", password="pond")
    controller.stop()


def settings_of(controller: Controller, **changes: Any) -> SmtpSettings:
    port = controller.server.sockets[0].getsockname()[1]
    return SmtpSettings(host="127.0.0.1", port=port, sender="hello@example.com", sender_name="棠里衣橱", **changes)


def mail(n: int = 0, **changes: Any) -> Mail:
    wished = {"key": f"k{n}", "to": f"c{n}@example.com", "to_name": "李静", "subject": "新品到店", "text": "您好"}
    return Mail(**{**wished, **changes})


class TestSending:
    def test_hands_over_each_mail_over_one_connection(self, server: SmtpSettings, post: Post) -> None:
        outcomes = SmtpSender(server, now=lambda: NOW).send([mail(n) for n in range(20)])

        assert all(isinstance(one, Taken) for one in outcomes)
        assert [str(one["To"]) for one in post.mails] == [f"李静 <c{n}@example.com>" for n in range(20)]
        assert post.connections == 1

    def test_writes_what_readers_need(self, server: SmtpSettings, post: Post) -> None:
        wished = mail(
            html="<p>您好</p>", unsubscribe_url="https://shop.example.com/u/abc", reply_to="service@example.com"
        )
        SmtpSender(server, now=lambda: NOW).send([wished])

        found = post.mails[0]
        assert str(found["From"]) == "棠里衣橱 <hello@example.com>"
        assert found["Subject"] == "新品到店"
        assert found["List-Unsubscribe"] == "<https://shop.example.com/u/abc>"
        assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert found["Reply-To"] == "service@example.com"
        assert found["Message-ID"] == message_id_of("k0", domain="example.com")
        assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]

    def test_bounces_go_where_they_are_read(self, server: SmtpSettings, post: Post) -> None:
        settings = SmtpSettings(**{**vars(server), "bounces_to": "bounce@example.com"})
        SmtpSender(settings).send([mail()])

        assert post.senders == ["bounce@example.com"]

    @pytest.mark.parametrize(
        ("to", "kind", "remedy"),
        [
            ("nobody@example.com", errors.AddressRefused, errors.Remedy.NEVER),
            ("full@example.com", errors.NotNow, errors.Remedy.LATER),
            ("blocked@example.com", errors.MailError, errors.Remedy.CHANGE_MAIL),
            ("spammy@example.com", errors.MailError, errors.Remedy.CHANGE_MAIL),
            ("cut@example.com", errors.OutcomeUnknown, errors.Remedy.ASK),
        ],
    )
    def test_tells_a_refused_mail_from_the_others(
        self, server: SmtpSettings, post: Post, to: str, kind: type, remedy: errors.Remedy
    ) -> None:
        outcomes = SmtpSender(server).send([mail(1), mail(2, to=to), mail(3)])

        refused = outcomes[1]
        assert isinstance(refused, NotTaken)
        assert type(refused.error) is kind
        assert refused.error.remedy is remedy
        assert isinstance(outcomes[0], Taken)
        assert isinstance(outcomes[2], Taken)
        assert len(post.mails) == 2

    def test_as_a_foreign_sender_alarms(self, server: SmtpSettings) -> None:
        settings = SmtpSettings(**{**vars(server), "sender": "stranger@example.com"})

        outcome = SmtpSender(settings).send([mail()])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.SenderRefused)

    @pytest.mark.parametrize(
        "changes",
        [{"subject": "a\r\nBcc: x@example.com"}, {"to": "a@example.com\nBcc: x@example.com"}, {"to": "nobody"}],
    )
    def test_writes_no_heading_into_another(self, server: SmtpSettings, post: Post, changes: dict[str, str]) -> None:
        outcome = SmtpSender(server).send([mail(**changes)])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.MailIsIllFormed)
        assert post.mails == []

    @pytest.mark.parametrize("url", ["https://a.b/> x", "https://a.b/\r\nX: y", "https://中.b/"])
    def test_refuses_an_address_of_unsubscribing_that_is_none(self, server: SmtpSettings, url: str) -> None:
        with pytest.raises(errors.MailIsIllFormed):
            written(mail(unsubscribe_url=url), settings=server, at=NOW)

    def test_says_that_nothing_was_sent_where_nobody_listens(self) -> None:
        settings = SmtpSettings(host="127.0.0.1", port=9, sender="a@example.com", security="none")

        outcome = SmtpSender(settings).send([mail()])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.ServerUnreachable)


class TestSafety:
    def test_a_connection_is_encrypted_and_logged_in(
        self, safe_server: SmtpSettings, post: Post, certificate: tuple[Path, Path]
    ) -> None:
        trust = ssl.create_default_context(cafile=str(certificate[1]))

        assert isinstance(SmtpSender(safe_server, trust=trust).send([mail()])[0], Taken)
        assert len(post.mails) == 1

    def test_a_server_that_cannot_prove_who_it_is_gets_nothing(self, safe_server: SmtpSettings, post: Post) -> None:
        outcome = SmtpSender(safe_server).send([mail()])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.ConnectionNotSafe)
        assert post.mails == []

    def test_a_server_that_cannot_encrypt_gets_nothing(self, server: SmtpSettings, post: Post) -> None:
        settings = SmtpSettings(**{**vars(server), "security": "starttls"})

        outcome = SmtpSender(settings).send([mail()])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.ConnectionNotSafe)

    def test_only_this_machine_is_spoken_to_in_the_clear(self) -> None:
        outcome = SmtpSender(SmtpSettings(host="mail.example.com", sender="a@example.com", security="none")).send(
            [mail()]
        )[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.ConnectionNotSafe)

    def test_a_wrong_password_alarms(self, safe_server: SmtpSettings, certificate: tuple[Path, Path]) -> None:
        settings = SmtpSettings(**{**vars(safe_server), "password": "wrong"})
        trust = ssl.create_default_context(cafile=str(certificate[1]))

        outcome = SmtpSender(settings, trust=trust).send([mail()])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.LogInRefused)
        assert "wrong" not in repr(settings)


def report(kind: str, blocks: str, returned: str = "Message-ID: <m1@example.com>\nTo: C1@Example.com\n") -> bytes:
    return (
        f'From: MAILER-DAEMON@example.com\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\nsorry\n\n--b\n{blocks}\n--b\n"
        f"Content-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    ).encode()


def delivery(action: str, status: str) -> str:
    return (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n"
        f"Final-Recipient: rfc822; C1@Example.com\nAction: {action}\nStatus: {status}\n"
    )


class TestComingBack:
    @pytest.mark.parametrize(
        ("action", "status", "is_final"),
        [
            ("failed", "5.1.1", True),
            ("failed", "5.2.2", False),
            ("delayed", "4.4.1", False),
            ("failed", "4.4.7", False),
        ],
    )
    def test_bounces_say_whose_and_for_how_long(self, action: str, status: str, is_final: bool) -> None:
        found = read(report("delivery-status", delivery(action, status)))

        assert found == [Bounce("<m1@example.com>", "c1@example.com", status, is_final)]

    def test_complaints_say_whose(self) -> None:
        told = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <c1@example.com>\n"

        assert read(report("feedback-report", told)) == [Complaint("<m1@example.com>", "c1@example.com")]
        unnamed = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        assert read(report("feedback-report", unnamed)) == [Complaint("<m1@example.com>", "c1@example.com")]

    def test_a_machine_is_told_from_a_person(self) -> None:
        away = b"From: C1@example.com\nAuto-Submitted: auto-replied\nSubject: away\n\nback on Monday"
        reply = (
            "From: =?utf-8?b?5p2O6Z2Z?= <C1@example.com>\nIn-Reply-To: <m1@example.com>\n"
            "Subject: =?utf-8?b?6YCA6K6i?=\nContent-Type: text/plain; charset=utf-8\n\n不要再发了\n"
        ).encode()

        assert read(away) == [Absence("c1@example.com")]
        assert read(reply) == [Reply("c1@example.com", ("<m1@example.com>",), "退订", "不要再发了")]

    @pytest.mark.parametrize(
        "raw", [b"", b"\x00\xff", b"Content-Type: multipart/report; report-type=delivery-status\n\n"]
    )
    def test_what_says_not_from_whom_it_is_is_no_mail(self, raw: bytes) -> None:
        with pytest.raises(ValueError, match="without From"):
            read(raw)

    def test_one_click_is_told_from_a_visit(self) -> None:
        assert is_one_click(b"List-Unsubscribe=One-Click")
        assert not is_one_click(b"")
        assert not is_one_click(b"List-Unsubscribe=Maybe")
