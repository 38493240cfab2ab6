"""What mail servers refuse, as types: each says what is true, and what helps."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class Remedy(Enum):
    """What helps against a refusal.

    Attributes:
        LATER: the same mail may be sent again later.
        NEVER: this address will be refused again: nothing is to be sent to it any more.
        CHANGE_MAIL: this mail will be refused again; another to the same person need not be.
        ALARM: somebody must change a setting; until then every mail is refused.
        ASK: it is not known whether the mail went out; sending again may send twice.
    """

    LATER = "later"
    NEVER = "never"
    CHANGE_MAIL = "change_mail"
    ALARM = "alarm"
    ASK = "ask"


class MailError(DomainError):
    """A mail that was not taken.

    Attributes:
        remedy: what helps.
        status: of the server, such as ``550``; empty where it said none.
    """

    code = "mail_refused"
    http_status = 502
    message = N_("The mail server refuses the mail (%(status)s): %(said)s")
    remedy: ClassVar[Remedy] = Remedy.CHANGE_MAIL

    def __init__(self, *, status: str = "", said: str = "", **more: Any) -> None:
        self.status = status
        super().__init__(status=status, said=said, **more)


class AddressRefused(MailError):
    """The address does not exist, or wants no mail."""

    code = "mail_address_refused"
    message = N_("The mail server does not know the address of the recipient (%(status)s).")
    remedy = Remedy.NEVER


class NotNow(MailError):
    """The server is busy, or the mailbox is full; nothing was sent."""

    code = "mail_not_now"
    message = N_("The mail server takes no mail for this address for now (%(status)s); nothing was sent.")
    remedy = Remedy.LATER


class ServerUnreachable(MailError):
    """No connection came about, or it ended before the mail was handed over."""

    code = "mail_server_unreachable"
    message = N_("The mail server cannot be reached: %(said)s")
    remedy = Remedy.LATER


class OutcomeUnknown(MailError):
    """The connection ended after the mail was handed over, before the server said whether it took it."""

    code = "mail_outcome_unknown"
    message = N_("The mail server gave no answer to a mail, which may have been sent.")
    remedy = Remedy.ASK


class LogInRefused(MailError):
    """Name or password of the account are wrong."""

    code = "mail_log_in_refused"
    message = N_("The mail server refuses name or password of the account (%(status)s).")
    remedy = Remedy.ALARM


class SenderRefused(MailError):
    """The account may not send as this sender."""

    code = "mail_sender_refused"
    message = N_("The mail server does not let this account send as %(sender)s (%(status)s).")
    remedy = Remedy.ALARM


class ConnectionNotSafe(MailError):
    """The connection cannot be encrypted, or the server is not who it says it is."""

    code = "mail_connection_not_safe"
    message = N_("The connection to the mail server is not safe, so that nothing was sent: %(said)s")
    remedy = Remedy.ALARM


class MailIsIllFormed(MailError):
    """An address or a heading of the mail cannot be written."""

    code = "mail_is_ill_formed"
    http_status = 422
    message = N_("The mail cannot be written: %(said)s")
