"""Mailboxes: a mail server that takes every letter, and what the owner of a mailbox, or their server, sends back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime, parseaddr
from typing import Any, Final, Literal

#: What became of a letter after it lay in the mailbox.
Fate = Literal["", "bounced", "complained", "unsubscribed", "answered"]
#: Letters that are kept; older ones are forgotten.
MOST_LETTERS: Final = 2_000
_SERVER: Final = "MAILER-DAEMON@example.com"


@dataclass(frozen=True)
class Letter:
    """A mail that lies in a mailbox.

    Attributes:
        number: of the letter, unique in a postbox.
        message_id: by which bounces and answers name it.
        to: address, in small letters.
        sender: address of the shop.
        back: address to which bounces go.
        unsubscribe_url: that a mail program posts to (RFC 8058); empty where the mail names none.
        at: when it came. Aware UTC.
        fate: what became of it since.
    """

    number: int
    message_id: str
    to: str = field(repr=False)
    sender: str
    back: str
    subject: str
    text: str = field(repr=False)
    unsubscribe_url: str = field(repr=False)
    at: datetime
    fate: Fate = ""


@dataclass
class Mailroom:
    """Takes mails as a mail server does; the handler of an SMTP server.

    Attributes:
        now: the clock.
        letters: what was taken, in order.
        closed: addresses that do not exist, in small letters.
        busy: mails that are put off, from now on. Count.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    letters: list[Letter] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    busy: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    async def handle_RCPT(  # noqa: N802 - the name that the server calls.
        self, server: Any, session: Any, envelope: Any, address: str, rcpt_options: list[str]
    ) -> str:
        """Say whether there is a mailbox."""
        if address.lower() in self.closed:
            return "550 5.1.1 There is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail."""
        with self.lock:
            if self.busy:
                self.busy -= 1
                return "451 4.3.0 Try again later"
            for address in envelope.rcpt_tos:
                number = self.letters[-1].number + 1 if self.letters else 1
                mail = message_from_bytes(envelope.content, policy=MAIL_POLICY)
                self.letters.append(_letter(number, mail, address.lower(), str(envelope.mail_from or ""), self.now()))
            del self.letters[:-MOST_LETTERS]
        return "250 2.0.0 OK"

    def letter(self, number: int) -> Letter | None:
        """Return a letter; None where it is forgotten, or there was none."""
        return next((one for one in self.letters if one.number == number), None)

    def note(self, number: int, fate: Fate) -> None:
        """Keep what became of a letter."""
        with self.lock:
            self.letters[:] = [replace(one, fate=fate) if one.number == number else one for one in self.letters]


def bounce_of(letter: Letter, *, at: datetime) -> bytes:
    """Return the report of a server that it could not deliver a letter for good (RFC 3464)."""
    told = Message()
    told["Reporting-MTA"] = "dns; example.com"
    about = Message()
    about["Final-Recipient"] = f"rfc822; {letter.to}"
    about["Action"], about["Status"] = "failed", "5.1.1"
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([told, about])
    return _report(letter, "delivery-status", status, "This mailbox does not exist.", at)


def complaint_of(letter: Letter, *, at: datetime) -> bytes:
    """Return the report of a mailbox that its owner calls a letter spam (RFC 5965)."""
    feedback = Message()
    feedback["Content-Type"] = "message/feedback-report"
    lines = ("Feedback-Type: abuse", "User-Agent: example.com", "Version: 1", f"Original-Rcpt-To: {letter.to}")
    feedback.set_payload("\r\n".join(lines) + "\r\n")
    return _report(letter, "feedback-report", feedback, "Somebody calls this mail spam.", at)


def answer_of(letter: Letter, *, text: str, at: datetime) -> bytes:
    """Return the mail that the owner of a mailbox writes back."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = letter.to, letter.sender, format_datetime(at)
    mail["Subject"] = f"Re: {letter.subject}"
    mail["Message-ID"] = f"<answer.{letter.number}.{at.timestamp():.0f}@example.com>"
    mail["In-Reply-To"] = mail["References"] = letter.message_id
    mail.set_content(text)
    return mail.as_bytes(policy=MAIL_POLICY)


def _report(letter: Letter, kind: str, report: Message, words: str, at: datetime) -> bytes:
    spoken = Message()
    spoken["Content-Type"] = 'text/plain; charset="us-ascii"'
    spoken.set_payload(words + "\r\n")
    returned = Message()
    returned["Content-Type"] = "text/rfc822-headers"
    returned.set_payload(f"Message-ID: {letter.message_id}\r\nTo: {letter.to}\r\n")
    whole = Message()
    whole["From"], whole["To"], whole["Date"] = _SERVER, letter.back or letter.sender, format_datetime(at)
    whole["Subject"] = "Report"
    whole["MIME-Version"] = "1.0"
    whole.add_header("Content-Type", "multipart/report", report_type=kind)
    whole.set_payload([spoken, report, returned])
    return whole.as_bytes()


def _letter(number: int, mail: Message, to: str, back: str, at: datetime) -> Letter:
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(preferencelist=("plain", "html"))
    listed = str(mail.get("List-Unsubscribe", "") or "").strip()
    one_click = str(mail.get("List-Unsubscribe-Post", "") or "") == "List-Unsubscribe=One-Click"
    return Letter(
        number=number,
        message_id=str(mail.get("Message-ID", "") or "").strip(),
        to=to,
        sender=parseaddr(str(mail.get("From", "") or ""))[1],
        back=back,
        subject=str(mail.get("Subject", "") or ""),
        text=str(body.get_content()).strip() if body is not None else "",
        unsubscribe_url=listed.strip("<>") if one_click else "",
        at=at,
    )
