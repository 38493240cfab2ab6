"""What went wrong with a message, in words: by the codes of the product, of mail servers, WeCom, gateways and operators."""

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
_NO_PHONE: Final = N_("The SMS gateway says that this is no phone number (%(code)s).")
_NUMBERS: Final = N_("The SMS gateway takes fewer numbers at once (%(code)s).")
_TOO_MANY: Final = N_("The phone got too many short messages; it is tried again (%(code)s).")
_CALLS: Final = N_("The SMS gateway was asked too often in a moment; it is tried again (%(code)s).")
_EMPTY: Final = N_("The account with the SMS gateway is empty; it waits until it is topped up (%(code)s).")
_TEMPLATE: Final = N_("The SMS gateway does not know this template (%(code)s).")
_SIGNATURE: Final = N_("The SMS gateway does not know this signature (%(code)s).")
_KEY: Final = N_("The SMS gateway refuses the key of the account (%(code)s).")
_RIGHTS: Final = N_("The account with the SMS gateway may not send such messages (%(code)s).")
_WORDS: Final = N_("The SMS gateway refuses words of this message (%(code)s).")
_VALUES: Final = N_("The values do not fit the approved template (%(code)s).")
_SAID_NO: Final = N_("Its owner wants no short messages: the number stands on a list of refusals (%(code)s).")
_HOURS: Final = N_("The SMS gateway sends advertising between 8 and 22 o'clock only; it is tried again (%(code)s).")
_BUSY: Final = N_("The SMS gateway had a fault; it is tried again (%(code)s).")
_OPEN: Final = N_("The SMS gateway gave no clear answer; the message may have gone out (%(code)s).")
_NO_OWNER: Final = N_("The number is not in use (%(code)s).")
_OUT_OF_REACH: Final = N_("The phone could not be reached: switched off, without signal, or out of use (%(code)s).")
_SUSPENDED: Final = N_("The operator has suspended the number, for a debt or another reason (%(code)s).")
_TERMINAL: Final = N_("The phone could not take it: its memory is full, or it takes no short messages (%(code)s).")
_OPERATOR_WORDS: Final = N_("The operator held it back for its words (%(code)s).")
_OPERATOR: Final = N_("The operator refused it and does not say why (%(code)s).")
_OPERATOR_MANY: Final = N_("The operator lets no more short messages through to this phone for now (%(code)s).")
_NO_WAY_OUT: Final = N_("The SMS gateway has no way for such a message to this operator (%(code)s).")
#: Status of HTTP of a gateway that says nothing else; operators have numbers of their own.
_OF_HTTP: Final[Mapping[str, str]] = {
    **dict.fromkeys(("502", "503", "504"), _BUSY),
    **dict.fromkeys(("200", "400", "403", "404", "500"), _OPEN),
}
#: How codes of gateways and operators begin; of those that fit the longest says it. Source: error codes and receipts of SendSms of
#: Aliyun and Tencent, status reports of China Mobile's gateways (CMPP).
_OF_GATEWAYS: Final[Mapping[str, str]] = {
    "isv.MOBILE_NUMBER_ILLEGAL": _NO_PHONE,
    "isv.MOBILE_COUNT_OVER_LIMIT": _NUMBERS,
    "isv.BUSINESS_LIMIT_CONTROL": _TOO_MANY,
    "isv.DAY_LIMIT_CONTROL": _TOO_MANY,
    "isv.MONTH_LIMIT_CONTROL": _TOO_MANY,
    "Throttling": _CALLS,
    "isv.AMOUNT_NOT_ENOUGH": _EMPTY,
    "isv.OUT_OF_SERVICE": _EMPTY,
    "isv.SMS_TEMPLATE_ILLEGAL": _TEMPLATE,
    "isv.SMS_SIGNATURE_ILLEGAL": _SIGNATURE,
    "isv.SMS_SIGN_ILLEGAL": _SIGNATURE,
    "isv.BLACK_KEY_CONTROL_LIMIT": _WORDS,
    "isv.SMS_CONTENT_ILLEGAL": _WORDS,
    "isv.UNSUPPORTED_CONTENT": _WORDS,
    "isv.PARAM": _VALUES,
    "isv.INVALID_PARAMETERS": _VALUES,
    "isv.INVALID_JSON_PARAM": _VALUES,
    "isv.TEMPLATE_MISSING_PARAMETERS": _VALUES,
    "isv.TEMPLATE_PARAMS_ILLEGAL": _VALUES,
    "isv.CUSTOMER_REFUSED": _SAID_NO,
    "isv.PRODUCT_UN": _RIGHTS,
    "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": _RIGHTS,
    "isp.RAM_PERMISSION_DENY": _RIGHTS,
    "isp.": _BUSY,
    "ServiceUnavailable": _BUSY,
    "InvalidAccessKeyId": _KEY,
    "SignatureDoesNotMatch": _KEY,
    "InvalidParameterValue.IncorrectPhoneNumber": _NO_PHONE,
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": _NO_PHONE,
    "LimitExceeded": _TOO_MANY,
    "LimitExceeded.PhoneNumberCountLimit": _NUMBERS,
    "RequestLimitExceeded": _CALLS,
    "FailedOperation.InsufficientBalanceInSmsPackage": _EMPTY,
    "FailedOperation.PhoneNumberInBlacklist": _SAID_NO,
    "FailedOperation.ContainSensitiveWord": _WORDS,
    "FailedOperation.MarketingSendTimeConstraint": _HOURS,
    "FailedOperation.TemplateIncorrectOrUnapproved": _TEMPLATE,
    "FailedOperation.TemplateUnapprovedOrNotExist": _TEMPLATE,
    "FailedOperation.SignatureIncorrectOrUnapproved": _SIGNATURE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": _VALUES,
    "InvalidParameterValue.ContentLengthLimit": _VALUES,
    "InvalidParameterValue.TemplateParameter": _VALUES,
    "UnauthorizedOperation": _RIGHTS,
    "UnsupportedOperation": _RIGHTS,
    "AuthFailure": _KEY,
    "InternalError": _BUSY,
    "InternalError.Timeout": _OPEN,
    "InternalError.SendAndRecvFail": _OPEN,
    "MOBILE_NOT_ON_SERVICE": _OUT_OF_REACH,
    "INVALID_NUMBER": _OUT_OF_REACH,
    "REQUEST_SUCCESS": _OUT_OF_REACH,
    "MOBILE_ACCOUNT_ABNORMAL": _SUSPENDED,
    "MOBILE_SEND_LIMIT": _OPERATOR_MANY,
    "MOBILE_IN_BLACK": _SAID_NO,
    "USER_REJECT": _SAID_NO,
    # So the gateway spells it.
    "MOBLLE_TERMINAL_ERROR": _TERMINAL,
    "MOBILE_TERMINAL_ERROR": _TERMINAL,
    "CONTENT_KEYWORD": _OPERATOR_WORDS,
    "CONTENT_ERROR": _OPERATOR_WORDS,
    "SIGNATURE_BLACKLIST": _OPERATOR_WORDS,
    "NO_ROUTE": _NO_WAY_OUT,
    "IS_CLOSE": _NO_WAY_OUT,
    "SP_NOT_BY_INTER_SMS": _NO_WAY_OUT,
    "SP_UNKNOWN_ERROR": _OPERATOR,
    "MK:": _OUT_OF_REACH,
    "MN:": _OUT_OF_REACH,
    "MI:": _OUT_OF_REACH,
    "LT:": _OUT_OF_REACH,
    "MK:0001": _NO_OWNER,
    "MK:0012": _NO_OWNER,
    "MN:0001": _NO_OWNER,
    "LT:0001": _NO_OWNER,
    "CB:0001": _NO_OWNER,
    "CB:0053": _NO_OWNER,
    "DB:0101": _NO_OWNER,
    "DB:0102": _SUSPENDED,
    "MK:0005": _SUSPENDED,
    "DB:0141": _OPERATOR_MANY,
    "DB:0142": _OPERATOR_MANY,
    "ID:0076": _OPERATOR_WORDS,
    "UNDELIV": _OUT_OF_REACH,
    "EXPIRED": _OUT_OF_REACH,
    "REJECT": _OPERATOR,
}


#: Why WeCom took no task for a message, by code of the product; the code of WeCom stands behind a colon.
_OF_WECOM: Final[Mapping[str, str]] = {
    "wecom_refused": N_("WeCom refused it (%(code)s)."),
    "wecom_token_refused": N_("WeCom let Yutang in no longer; it is tried again (%(code)s)."),
    "wecom_secret_refused": N_("WeCom refuses corp id or secret; it waits until that is mended (%(code)s)."),
    "wecom_address_not_trusted": N_(
        "WeCom does not trust the address of this server; it waits until it is entered there (%(code)s)."
    ),
    "wecom_not_permitted": N_(
        "The app may not do this in WeCom; it waits until it is allowed under customer contact (%(code)s)."
    ),
    "wecom_rate_limited": N_("WeCom was asked too often; it is tried again (%(code)s)."),
    "wecom_too_many_at_once": N_("WeCom was asked too much at once; it is tried again (%(code)s)."),
    "wecom_busy": N_("WeCom was busy; it is tried again (%(code)s)."),
    "wecom_unreachable": N_("WeCom could not be reached; it is tried again (%(code)s)."),
    "wecom_outcome_unknown": N_("WeCom gave no answer; Yutang looks whether the task is there (%(code)s)."),
    "wecom_answer_unreadable": N_("WeCom answered something else; Yutang looks whether the task is there (%(code)s)."),
    "wecom_parameter_refused": N_("WeCom refuses a part of this message (%(code)s)."),
    "wecom_not_found": N_("What the message names is not there in WeCom (%(code)s)."),
    "wecom_not_a_customer": N_("They are no customer of this member of staff in WeCom (%(code)s)."),
    "wecom_staff_not_ready": N_(
        "The member of staff is not activated, not verified, or has no customer contact in WeCom (%(code)s)."
    ),
    "wecom_quota_full": N_("The corp has used up what WeCom allows of this (%(code)s)."),
    "wecom_nobody_to_send_to": N_("WeCom found nobody to send it to."),
    "wecom_over_limit": N_("It is longer or more than WeCom takes in one message."),
    "wecom_nothing_given": N_("There was nothing in it that WeCom could send."),
}

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
    return _of_platform(code)


def _of_platform(code: str) -> str:
    """Return what WeCom, a gateway or an operator means by a code."""
    named, _colon, errcode = code.partition(":")
    if named in _OF_WECOM:
        return _(_OF_WECOM[named]) % {"code": errcode or named}
    if code in _OF_HTTP:
        return _(_OF_HTTP[code]) % {"code": code}
    begun = max((begins for begins in _OF_GATEWAYS if code.startswith(begins)), key=len, default="")
    if begun:
        return _(_OF_GATEWAYS[begun]) % {"code": code}
    return _("Code of the platform: %(code)s") % {"code": code}
