"""What went wrong with a message, in words: by the codes of the product, of mail servers and of gateways for short messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from yutang.kit.text import N_

_FAULTS: Final[Mapping[str, str]] = {
    "no_words": N_("The content has no words for this receiver."),
    "other_intent": N_("The content was written for something else, and goes out as nothing else."),
    "no_friendship": N_("Nobody of the staff is their friend in WeCom."),
    "nobody": N_("WeCom found nobody to send it to."),
    "not_reached": N_("WeCom does not send it to them."),
    "left_out": N_("The member of staff left them out."),
    "not_confirmed": N_("The member of staff did not confirm in time."),
    "taken_back": N_("It was taken back before staff confirmed; it is decided about anew."),
    "lease_lapsed": N_("A worker was killed before it was handed over; it is decided about anew."),
    "no_answer": N_("It was handed over and no answer came."),
    "never_made": N_("WeCom never had the task; it is decided about anew."),
    "several_alike": N_("WeCom has several tasks like it. Look into its console."),
    "stopped": N_("Sending was stopped."),
    "no_address": N_("No number or address of theirs is known."),
    "address_barred": N_(
        "Nothing is sent to this number or address any more: mail came back for good, or its owner said no."
    ),
    "no_public_url": N_(
        "A promotion by e-mail needs a page on which it can be ended. It waits until the address of this installation is set."
    ),
    "no_template": N_("The content has no template at the SMS gateway. Write its code there, and have it approved."),
    "mail_refused": N_("The mail server refuses this mail."),
    "mail_address_refused": N_("The mail server does not know the address."),
    "mail_not_now": N_("The mail server takes no mail for now; it is tried again."),
    "mail_server_unreachable": N_("The mail server could not be reached; it is tried again."),
    "mail_outcome_unknown": N_("The mail server gave no answer; the mail may have gone out."),
    "mail_log_in_refused": N_(
        "The mail server refuses name or password of the account; it waits until that is mended."
    ),
    "mail_sender_refused": N_(
        "The mail server does not let this account send as the sender; it waits until that is mended."
    ),
    "mail_connection_not_safe": N_("The connection to the mail server is not safe; it waits until that is mended."),
    "mail_is_ill_formed": N_("The mail cannot be written with this address or subject."),
    "sms_gateway_busy": N_("The SMS gateway had a fault; it is tried again."),
    "sms_gateway_unreachable": N_("The SMS gateway could not be reached; it is tried again."),
    "sms_outcome_unknown": N_("The SMS gateway gave no answer; the message may have gone out."),
}
#: How codes of gateways begin, of which each has many; the longer ones first. Source: error codes of SendSms of Aliyun and Tencent.
_OF_GATEWAYS: Final[tuple[tuple[str, str], ...]] = (
    ("isv.MOBILE_NUMBER_ILLEGAL", N_("The SMS gateway says that this is no phone number (%(code)s).")),
    ("InvalidParameterValue.IncorrectPhoneNumber", N_("The SMS gateway says that this is no phone number (%(code)s).")),
    ("isv.BUSINESS_LIMIT_CONTROL", N_("The phone got too many short messages; it is tried again (%(code)s).")),
    ("isv.DAY_LIMIT_CONTROL", N_("The phone got too many short messages; it is tried again (%(code)s).")),
    ("LimitExceeded", N_("The phone got too many short messages; it is tried again (%(code)s).")),
    (
        "isv.AMOUNT_NOT_ENOUGH",
        N_("The account with the SMS gateway is empty; it waits until it is topped up (%(code)s)."),
    ),
    ("isv.OUT_OF_SERVICE", N_("The account with the SMS gateway is empty; it waits until it is topped up (%(code)s).")),
    ("isv.SMS_TEMPLATE_ILLEGAL", N_("The SMS gateway does not know this template (%(code)s).")),
    ("isv.SMS_SIGNATURE_ILLEGAL", N_("The SMS gateway does not know this signature (%(code)s).")),
    ("SignatureDoesNotMatch", N_("The SMS gateway refuses the key of the account (%(code)s).")),
    ("AuthFailure", N_("The SMS gateway refuses the key of the account (%(code)s).")),
)


#: What the enhanced status of a mail that came back says, the longer ones first. Source: RFC 3463, RFC 7505.
_OF_BOUNCES: Final[tuple[tuple[str, str], ...]] = (
    ("5.1.1", N_("The mail came back: there is no such mailbox (%(code)s).")),
    ("5.1.2", N_("The mail came back: there is no such mail domain (%(code)s).")),
    ("5.1.10", N_("The mail came back: this domain takes no mail (%(code)s).")),
    ("5.2.1", N_("The mail came back: the mailbox is closed (%(code)s).")),
    ("5.2.2", N_("The mail came back: the mailbox is full (%(code)s).")),
    ("5.2.3", N_("The mail came back: it is too large for the mailbox (%(code)s).")),
    ("5.1.", N_("The mail came back: the address is wrong (%(code)s).")),
    ("5.2.", N_("The mail came back: the mailbox takes no mail (%(code)s).")),
    ("5.4.", N_("The mail came back: no way leads to the mail server of the address (%(code)s).")),
    ("5.7.", N_("The mail came back: the mail server of the address refuses it by its rules (%(code)s).")),
    ("4.", N_("The mail came back: it could not be delivered in time (%(code)s).")),
)
_CAME_BACK: Final = N_("The mail came back (%(code)s).")


def fault_words(code: str) -> str:
    """Return what went wrong in words; a code of a platform that has none as it is, empty where nothing did."""
    if not code:
        return ""
    if code in _FAULTS:
        return _(_FAULTS[code])
    if code.startswith("bounced:"):
        status = code.removeprefix("bounced:")
        exact = [words for known, words in _OF_BOUNCES if known == status]
        alike = [words for known, words in _OF_BOUNCES if known.endswith(".") and status.startswith(known)]
        return _(next(iter([*exact, *alike]), _CAME_BACK)) % {"code": status}
    for begins, words in _OF_GATEWAYS:
        if code.startswith(begins):
            return _(words) % {"code": code}
    return _("Code of the platform: %(code)s") % {"code": code}
