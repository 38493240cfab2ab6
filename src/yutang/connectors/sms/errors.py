"""What gateways refuse, as types: each says what is true, and what helps."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class Remedy(Enum):
    """What helps against a refusal.

    Attributes:
        LATER: the same message may be sent again later.
        NEVER: this phone or this text will be refused again.
        ALARM: somebody must change something with the gateway; until then every message is refused.
        ASK: it is not known whether the message went out; only a receipt tells, and sending again may send twice.
    """

    LATER = "later"
    NEVER = "never"
    ALARM = "alarm"
    ASK = "ask"


class SmsError(DomainError):
    """A message that a gateway refused, with a code that has no type of its own.

    Attributes:
        remedy: what helps.
        gateway_code: code of the gateway; empty where it did not answer.
    """

    code = "sms_refused"
    http_status = 502
    message = N_("The gateway for short messages refused with the code %(gateway_code)s: %(said)s")
    remedy: ClassVar[Remedy] = Remedy.NEVER

    def __init__(self, *, gateway_code: str = "", said: str = "", **more: Any) -> None:
        self.gateway_code = gateway_code
        super().__init__(gateway_code=gateway_code, said=said, **more)


class TooManyMessages(SmsError):
    """The phone, or the account, has had its share of messages for now."""

    code = "sms_too_many"
    message = N_(
        "The gateway sends no more short messages to this phone, or from this account, for now (%(gateway_code)s)."
    )
    remedy = Remedy.LATER


class GatewayBusy(SmsError):
    """The gateway has a fault of its own; nothing was sent."""

    code = "sms_gateway_busy"
    message = N_("The gateway for short messages has a fault (%(gateway_code)s); nothing was sent.")
    remedy = Remedy.LATER


class GatewayUnreachable(SmsError):
    """No connection came about; nothing was sent."""

    code = "sms_gateway_unreachable"
    message = N_("The gateway for short messages cannot be reached: %(said)s")
    remedy = Remedy.LATER


class OutcomeUnknown(SmsError):
    """The message went out to the gateway, and no answer that can be read came back."""

    code = "sms_outcome_unknown"
    message = N_("The gateway gave no answer to a short message, which may have been sent: %(said)s")
    remedy = Remedy.ASK


class PhoneRefused(SmsError):
    """The phone is none, is not served, or wants no messages."""

    code = "sms_phone_refused"
    message = N_("The gateway sends no short message to this phone (%(gateway_code)s).")


class TextRefused(SmsError):
    """The text, or a value in it, may not be sent."""

    code = "sms_text_refused"
    message = N_("The gateway refuses the text of the short message (%(gateway_code)s): %(said)s")


class SetUpRefused(SmsError):
    """Signature, template, account or key are not in order with the gateway."""

    code = "sms_set_up_refused"
    message = N_(
        "The gateway refuses signature, template or account (%(gateway_code)s): %(said)s Look into its console."
    )
    remedy = Remedy.ALARM


class AccountIsEmpty(SmsError):
    """Nothing is paid for any more."""

    code = "sms_account_is_empty"
    message = N_("The account with the gateway for short messages is empty (%(gateway_code)s). Top it up.")
    remedy = Remedy.ALARM


class PushIsUnreadable(SmsError):
    """What was pushed is no push of this gateway."""

    code = "sms_push_is_unreadable"
    http_status = 400
    message = N_("This is no push of the gateway for short messages: %(said)s")
