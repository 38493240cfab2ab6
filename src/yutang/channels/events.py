"""What the room of reach tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReplyReceived:
    """Somebody wrote back to a short message or an e-mail.

    Attributes:
        reply_id: the reply; its words are sealed.
        customer_id: who, as far as the number or the mail tells one person; else 0.
        channel: by which way.
        is_opt_out: whether they want no more.
        sent_at: when they wrote.
    """

    reply_id: int
    customer_id: int
    channel: str
    is_opt_out: bool
    sent_at: datetime


@dataclass(frozen=True)
class LinkOpened:
    """A person, and no program, followed a link of a message.

    Attributes:
        link_id: the link.
        touch_key: key of the message; empty where many got the same words.
        customer_id: to whom the message went; 0 where many got the same words.
        campaign: campaign or playbook of the message.
        opened_at: when.
    """

    link_id: int
    touch_key: str
    customer_id: int
    campaign: str
    opened_at: datetime


@dataclass(frozen=True)
class GroupStandingChanged:
    """A group of customers stands otherwise than before.

    Attributes:
        group_key: of the group.
        before: how it stood.
        standing: how it stands now: ``alive``, ``fatigued`` or ``dead``.
    """

    group_key: str
    before: str
    standing: str
