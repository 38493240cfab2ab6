"""Ways by which one message goes to one person at once: short messages and e-mail behind one protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from django.utils.translation import gettext as _

from yutang.channels.bodies import Body
from yutang.connectors.email import errors as mail_errors
from yutang.connectors.email import messages as mails
from yutang.connectors.email.smtp import SmtpSender
from yutang.connectors.sms import errors as sms_errors
from yutang.connectors.sms import messages as texts
from yutang.connectors.sms.messages import ShortMessage, SmsGateway

#: ``taken``: the platform has it; ``later``: nothing was sent, and it may be tried again; ``alarm``: the same, once somebody
#: has changed something; ``never``: this message or this address will be refused again; ``unknown``: nobody knows.
End = Literal["taken", "later", "alarm", "never", "unknown"]


@dataclass(frozen=True)
class Outgoing:
    """One message to one person, ready to be handed over.

    Attributes:
        out_id: what the platform is to know it by.
        address: phone (E.164) or e-mail address.
        body: the words.
        stop_url: page on which the person ends such messages; empty for none.
    """

    out_id: str
    address: str = field(repr=False)
    body: Body = field(repr=False)
    stop_url: str = ""


@dataclass(frozen=True)
class Handed:
    """What the platform said of a message.

    Attributes:
        reference: what the platform knows it by; empty where it was not taken.
        fault: code of what went wrong.
        bars_address: nothing is to be sent to the address any more.
    """

    out_id: str
    end: End
    reference: str = ""
    fault: str = ""
    bars_address: bool = False


class Sender(Protocol):
    """A way to hand messages over; hands each over at most once and never raises for one of them."""

    channel: str

    def send(self, messages: Sequence[Outgoing]) -> list[Handed]:
        """Hand messages over and return what was said of each, in their order."""


class SmsSender:
    """Short messages by a gateway.

    Args:
        gateway: of Aliyun or Tencent.
        sign: signature that is filed with the gateway.
    """

    channel = "sms"

    def __init__(self, gateway: SmsGateway, *, sign: str) -> None:
        self._gateway, self._sign = gateway, sign

    def send(self, messages: Sequence[Outgoing]) -> list[Handed]:
        """Hand messages over, as `Sender.send`; one without a template is none for a gateway."""
        ready = [one for one in messages if one.body.template]
        wanted = [
            ShortMessage(one.out_id, one.address, self._sign, one.body.template, dict(one.body.values)) for one in ready
        ]
        told = {one.key: one for one in self._gateway.send(wanted)} if wanted else {}
        return [
            _of_sms(told[one.out_id]) if one.out_id in told else Handed(one.out_id, "never", fault="no_template")
            for one in messages
        ]


class MailSender:
    """E-mail by a mail server."""

    channel = "email"

    def __init__(self, smtp: SmtpSender) -> None:
        self._smtp = smtp

    def send(self, messages: Sequence[Outgoing]) -> list[Handed]:
        """Hand messages over, as `Sender.send`."""
        return [_of_mail(one) for one in self._smtp.send(_mails(messages))]


def _mails(messages: Sequence[Outgoing]) -> Iterable[mails.Mail]:
    for one in messages:
        yield mails.Mail(
            key=one.out_id,
            to=one.address,
            subject=one.body.subject,
            text=_with_way_out(one),
            unsubscribe_url=one.stop_url,
        )


def _with_way_out(one: Outgoing) -> str:
    """Return the words of a mail with the page on which such mails are ended: not every mail program shows its own button."""
    if not one.stop_url:
        return one.body.text
    return f"{one.body.text}\n\n-- \n" + _("To get no more of these mails: %(url)s") % {"url": one.stop_url}


_OF_SMS: Mapping[sms_errors.Remedy, End] = {
    sms_errors.Remedy.LATER: "later",
    sms_errors.Remedy.NEVER: "never",
    sms_errors.Remedy.ALARM: "alarm",
    sms_errors.Remedy.ASK: "unknown",
}
_OF_MAIL: Mapping[mail_errors.Remedy, End] = {
    mail_errors.Remedy.LATER: "later",
    mail_errors.Remedy.NEVER: "never",
    mail_errors.Remedy.CHANGE_MAIL: "never",
    mail_errors.Remedy.ALARM: "alarm",
    mail_errors.Remedy.ASK: "unknown",
}


def _of_sms(outcome: texts.Outcome) -> Handed:
    if isinstance(outcome, texts.Taken):
        return Handed(outcome.key, "taken", reference=outcome.gateway_id)
    return Handed(outcome.key, _OF_SMS[outcome.error.remedy], fault=outcome.error.gateway_code or outcome.error.code)


def _of_mail(outcome: mails.Outcome) -> Handed:
    if isinstance(outcome, mails.Taken):
        return Handed(outcome.key, "taken", reference=outcome.message_id)
    end = _OF_MAIL[outcome.error.remedy]
    is_none = outcome.error.remedy is mail_errors.Remedy.NEVER
    return Handed(outcome.key, end, fault=outcome.error.code, bars_address=is_none)
