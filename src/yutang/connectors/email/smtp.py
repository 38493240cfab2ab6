"""Sending over SMTP: encrypted, one connection for many mails, each handed over at most once."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final, Literal

from yutang.connectors.email import errors
from yutang.connectors.email.errors import MailError
from yutang.connectors.email.messages import Mail, NotTaken, Outcome, Taken, message_id_of

Security = Literal["starttls", "tls", "none"]
#: Answers of servers that speak of the account, not of the recipient. Source: RFC 4954, RFC 5321.
_LOG_IN: Final = frozenset({530, 534, 535, 538})
#: Ways in which the server says that the address is none: RFC 3463, class X.1 and disabled or unknown mailboxes.
_NO_ADDRESS: Final = ("5.1.", "5.2.1", "5.4.1")


@dataclass(frozen=True)
class SmtpSettings:
    """A mail account.

    Attributes:
        host: of the server.
        port: usually 587 with `starttls`, 465 with `tls`.
        security: ``none`` only to a server on this machine.
        username: of the account; empty to send without logging in.
        password: of the account.
        sender: address from which is sent.
        sender_name: how the sender is called.
        bounces_to: address to which bounces go; empty for the sender's.
        seconds: longest wait for an answer.
    """

    host: str
    sender: str
    port: int = 587
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    sender_name: str = ""
    bounces_to: str = ""
    seconds: float = 20.0

    @property
    def domain(self) -> str:
        """Return the domain of the sender."""
        return self.sender.rpartition("@")[2]


class SmtpSender:
    """Sends mails by one account; one thread at a time.

    Args:
        settings: of the account.
        now: the clock, for the Date of mails.
        trust: certificates that are believed; those of this machine by default.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._settings, self._now = settings, now
        self._trust = trust or ssl.create_default_context()

    def send(self, mails: Iterable[Mail]) -> list[Outcome]:
        """Hand mails over, each at most once; return what the server said of each, in their order. Never raises for one of them.

        A connection that ends between mails is opened again; one that ends within a mail leaves that mail unknown.
        """
        outcomes: list[Outcome] = []
        server: smtplib.SMTP | None = None
        for mail in mails:
            try:
                message = written(mail, settings=self._settings, at=self._now())
                server = server if server is not None and _is_open(server) else self._connected()
                self._handed_over(server, mail, message)
                outcomes.append(Taken(mail.key, message_id_of(mail.key, domain=self._settings.domain)))
            except MailError as error:
                outcomes.append(NotTaken(mail.key, error))
        if server is not None and server.sock is not None:
            _leave(server)
        return outcomes

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "none" and not _is_here(settings.host):
            raise errors.ConnectionNotSafe(said=settings.host)
        try:
            server: smtplib.SMTP
            if settings.security == "tls":
                server = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.seconds, context=self._trust)
            else:
                server = smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)
            if settings.security == "starttls":
                server.starttls(context=self._trust)
            if settings.username:
                server.login(settings.username, settings.password)
        except smtplib.SMTPAuthenticationError as error:
            raise errors.LogInRefused(status=str(error.smtp_code)) from error
        except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
            raise errors.ConnectionNotSafe(said=str(error)) from error
        except smtplib.SMTPResponseException as error:
            raise errors.NotNow(status=str(error.smtp_code)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise errors.ServerUnreachable(said=type(error).__name__) from error
        return server

    def _handed_over(self, server: smtplib.SMTP, mail: Mail, message: EmailMessage) -> None:
        settings = self._settings
        try:
            server.ehlo_or_helo_if_needed()
            _require(server.mail(settings.bounces_to or settings.sender), sender=settings.sender)
            _require(server.rcpt(mail.to))
        except (OSError, smtplib.SMTPException) as error:
            raise errors.ServerUnreachable(said=type(error).__name__) from error
        try:
            _require(server.data(message.as_bytes(policy=MAIL_POLICY)))
        except smtplib.SMTPDataError as error:
            _require((error.smtp_code, error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            raise errors.OutcomeUnknown from error


def written(mail: Mail, *, settings: SmtpSettings, at: datetime) -> EmailMessage:
    """Return a mail as it is sent.

    Args:
        mail: what is said to whom.
        settings: of the account.
        at: when.

    Raises:
        MailIsIllFormed: an address or a heading cannot be written, such as one with a line break.
    """
    message = EmailMessage()
    try:
        message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
        message["To"] = Address(mail.to_name, addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = message_id_of(mail.key, domain=settings.domain)
        if mail.reply_to:
            message["Reply-To"] = Address(addr_spec=mail.reply_to)
        if mail.unsubscribe_url:
            # RFC 8058: the mail program posts by itself, without a page and without a question.
            message["List-Unsubscribe"] = f"<{_plain_address(mail.unsubscribe_url)}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            message["Precedence"] = "bulk"
    except (ValueError, IndexError) as error:
        raise errors.MailIsIllFormed(said=str(error)) from error
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def _plain_address(url: str) -> str:
    if not url.isascii() or any(sign in url for sign in "<> \r\n"):
        raise ValueError("List-Unsubscribe")
    return url


def _require(answer: tuple[int, bytes | str], *, sender: str = "") -> None:
    """Do nothing where the server agrees, and raise what it says otherwise."""
    status, told = answer
    said = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    if 200 <= status < 400:
        return
    if status == 421 or 400 <= status < 500:
        raise errors.NotNow(status=str(status))
    if status in _LOG_IN:
        raise errors.LogInRefused(status=str(status))
    if sender:
        raise errors.SenderRefused(status=str(status), sender=sender)
    if said.lstrip().startswith(_NO_ADDRESS) or (status in {550, 551, 553} and not said.lstrip().startswith("5.7.")):
        raise errors.AddressRefused(status=str(status))
    raise MailError(status=str(status), said=said[:200])


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_open(server: smtplib.SMTP) -> bool:
    """Return whether a connection can take another mail, and forget what a refused one has left there."""
    try:
        return server.sock is not None and server.rset()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
