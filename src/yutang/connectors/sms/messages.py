"""What is handed to a gateway, and what it says of it: at once, and later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from yutang.connectors.sms.errors import SmsError


@dataclass(frozen=True)
class ShortMessage:
    """One message to one person.

    Attributes:
        key: of the sending, 1 to 64 characters; comes back with receipts where the gateway allows. Gateways do not tell a second
            sending by it: who calls sends once.
        phone: E.164, such as ``+8613800138000``.
        sign: signature that stands before the text, without its brackets; filed with the gateway.
        template: code of the text that the gateway has approved.
        values: places of the text, in the order in which the text names them.
        extend: digits that replies carry back; empty for none.
    """

    key: str
    phone: str = field(repr=False)
    sign: str
    template: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    extend: str = ""


@dataclass(frozen=True)
class Taken:
    """The gateway has taken a message; whether it arrives, a receipt tells.

    Attributes:
        key: of the message.
        gateway_id: of the gateway for it.
    """

    key: str
    gateway_id: str


@dataclass(frozen=True)
class NotTaken:
    """The gateway has refused a message, or nobody knows whether it took it (`OutcomeUnknown`)."""

    key: str
    error: SmsError


Outcome: TypeAlias = Taken | NotTaken


@dataclass(frozen=True)
class Receipt:
    """What became of a message.

    Attributes:
        gateway_id: as in `Taken`; one call of Aliyun for several phones shares it, so that the phone belongs to it.
        key: of the message; empty where the gateway does not give it back.
        phone: E.164.
        delivered: whether the phone has it.
        code: of the operator, such as ``DELIVRD`` or ``MK:0001``.
        reported_at: when the operator said so.
    """

    gateway_id: str
    key: str
    phone: str = field(repr=False)
    delivered: bool
    code: str
    reported_at: datetime


@dataclass(frozen=True)
class Reply:
    """What somebody wrote back.

    Attributes:
        phone: E.164.
        text: as written.
        sent_at: when.
        sign: signature to which it answers; empty where the gateway does not say.
        extend: digits of the message to which it answers; empty where there are none.
        gateway_id: of the reply itself, empty where the gateway gives none.
    """

    phone: str = field(repr=False)
    text: str = field(repr=False)
    sent_at: datetime
    sign: str
    extend: str
    gateway_id: str


class SmsGateway(Protocol):
    """A gateway that sends short messages; shared by threads."""

    def send(self, messages: Iterable[ShortMessage]) -> list[Outcome]:
        """Hand messages over, each once; return what the gateway said of each, in their order. Never raises for one of them."""

    def receipts(self, body: bytes) -> list[Receipt]:
        """Return the receipts of a push of the gateway.

        Raises:
            PushIsUnreadable: the body is none.
        """

    def replies(self, body: bytes) -> list[Reply]:
        """Return the replies of a push of the gateway.

        Raises:
            PushIsUnreadable: the body is none.
        """
