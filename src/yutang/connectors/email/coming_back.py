"""Reading mail that comes back: bounces (RFC 3464), complaints (RFC 5965), absences, and replies of people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from email.message import EmailMessage, Message
from email.policy import default as policy
from email.utils import parseaddr
from typing import TypeAlias

#: A mail that comes back is not read farther. Bytes.
LONGEST = 1_000_000
_ENHANCED = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
#: How mail programs begin what they put below an answer.
_QUOTED = re.compile(
    r"\s*(?:-{2,}\s*(?:Original Message|原始邮件|原邮件|回复的原邮件)|On .{4,200} wrote:\s*$|.{2,200}(?:写道|寫道)[:：]\s*$|_{10,}\s*$)",
    re.I,
)
_ADDRESS = re.compile(r"^(?:[^;]*;)?\s*(\S+@\S+?)\s*$")


@dataclass(frozen=True)
class Bounce:
    """A mail that did not arrive.

    Attributes:
        message_id: of the mail; empty where the bounce does not say.
        address: to which it went.
        status: of RFC 3463, such as ``5.1.1``; empty where there is none.
        is_final: nothing is to be sent to the address any more; False where the server still tries, or may later.
    """

    message_id: str
    address: str = field(repr=False)
    status: str
    is_final: bool


@dataclass(frozen=True)
class Complaint:
    """Somebody has called a mail spam.

    Attributes:
        message_id: of the mail; empty where the report does not say.
        address: of who complains; empty where the report does not say.
    """

    message_id: str
    address: str = field(repr=False)


@dataclass(frozen=True)
class Absence:
    """A machine answers for somebody who is away."""

    address: str = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """Somebody has written back.

    Attributes:
        address: of who writes.
        in_reply_to: Message-IDs to which it answers, the last first.
        subject: one line.
        text: plain body, empty where there is none.
    """

    address: str = field(repr=False)
    in_reply_to: tuple[str, ...]
    subject: str
    text: str = field(repr=False)


ComeBack: TypeAlias = Bounce | Complaint | Absence | Reply


def read(raw: bytes) -> list[ComeBack]:
    """Return what a mail that came to the address of bounces or replies says; a bounce speaks of each of its addresses.

    Args:
        raw: the mail; read up to `LONGEST`.

    Raises:
        ValueError: it is no mail: every one says from whom it is (RFC 5322, 3.6).
    """
    mail = message_from_bytes(raw[:LONGEST], policy=policy)
    assert isinstance(mail, EmailMessage)
    if mail.get("From") is None:
        raise ValueError("a mail without From")
    kind = str(mail.get_param("report-type", "") or "").lower() if mail.get_content_type() == "multipart/report" else ""
    if kind == "delivery-status":
        return list(_bounces(mail))
    if kind == "feedback-report":
        return [_complaint(mail)]
    sender = parseaddr(str(mail.get("From", "")))[1].lower()
    by_machine = str(mail.get("Auto-Submitted", "no")).lower() not in {"", "no"} or mail.get("X-Autoreply") is not None
    if by_machine or str(mail.get("Precedence", "")).lower() in {"auto_reply", "bulk", "junk"}:
        return [Absence(sender)]
    return [Reply(sender, _answers_to(mail), _line(mail, "Subject"), _text_of(mail))]


def _bounces(mail: EmailMessage) -> Iterator[Bounce]:
    message_id = _returned(mail, "Message-ID")
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        # Its parts are blocks of headings: the first of the server, then one of each recipient.
        for block in _parts_of(part):
            recipient = _ADDRESS.match(_line(block, "Final-Recipient") or _line(block, "Original-Recipient"))
            if recipient is None:
                continue
            found = _ENHANCED.search(_line(block, "Status"))
            failed = _line(block, "Action").lower() == "failed"
            is_final = failed and found is not None and found[1] == "5" and not found[0].startswith("5.2.2")
            yield Bounce(message_id, recipient[1].lower(), found[0] if found else "", is_final)


def _complaint(mail: EmailMessage) -> Complaint:
    address = ""
    for part in mail.walk():
        if part.get_content_type() == "message/feedback-report":
            told = part.get_payload()
            text = told if isinstance(told, str) else "\n".join(str(each) for each in told)
            found = re.search(r"(?im)^(?:Original-Rcpt-To|Removal-Recipient):\s*<?([^\s<>]+@[^\s<>]+)>?", text)
            address = found[1].lower() if found else ""
    return Complaint(_returned(mail, "Message-ID"), address or parseaddr(_returned(mail, "To"))[1].lower())


def _returned(mail: EmailMessage, heading: str) -> str:
    """Return a heading of the mail that a report brings back, whole or headings only."""
    for part in mail.walk():
        if part.get_content_type() == "message/rfc822":
            return next((_line(inner, heading) for inner in _parts_of(part)), "")
        if part.get_content_type() == "text/rfc822-headers":
            return _line(message_from_string(str(part.get_payload()), policy=policy), heading)
    return ""


def _parts_of(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, Message)] if isinstance(inner, list) else []


def _line(mail: Message, heading: str) -> str:
    return " ".join(str(mail.get(heading, "") or "").split())


def _answers_to(mail: EmailMessage) -> tuple[str, ...]:
    told = f"{_line(mail, 'References')} {_line(mail, 'In-Reply-To')}"
    return tuple(dict.fromkeys(reversed(re.findall(r"<[^<>\s]+>", told))))


def _text_of(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain",))
    try:
        return str(body.get_content()).strip() if body is not None else ""
    except (LookupError, UnicodeError):
        return ""


def own_words(text: str) -> str:
    """Return what somebody wrote themselves, without the mail that their program put below it."""
    kept: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith(">") or _QUOTED.match(line):
            break
        kept.append(line)
    return "\n".join(kept).strip()


def is_one_click(body: bytes) -> bool:
    """Return whether what was posted to the address of `List-Unsubscribe` is the one click of RFC 8058."""
    return body.strip() == b"List-Unsubscribe=One-Click"
