"""What is sent, and what the server says of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TypeAlias

from yutang.connectors.email.errors import MailError


@dataclass(frozen=True)
class Mail:
    """One e-mail to one person.

    Attributes:
        key: of the sending; its Message-ID follows from it, so that a second copy can be told.
        to: address.
        to_name: how the person is called; empty where nobody knows.
        subject: one line.
        text: body for every reader.
        html: body for readers that show it; empty for none. Its pictures and links are addresses.
        unsubscribe_url: page of this person that ends this kind of mail at once when it is posted to (RFC 8058); needed for
            whatever is not a service of an order. Empty for none.
        reply_to: address for replies; empty for the sender's.
    """

    key: str
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(default="", repr=False)
    to_name: str = field(default="", repr=False)
    unsubscribe_url: str = field(default="", repr=False)
    reply_to: str = ""


@dataclass(frozen=True)
class Taken:
    """The server has taken a mail; whether it arrives, only the silence of bounces tells."""

    key: str
    message_id: str


@dataclass(frozen=True)
class NotTaken:
    """The server has refused a mail, or nobody knows whether it took it (`OutcomeUnknown`)."""

    key: str
    error: MailError


Outcome: TypeAlias = Taken | NotTaken


def message_id_of(key: str, *, domain: str) -> str:
    """Return the Message-ID of a sending: the same for the same key, and nothing can be read from it."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
