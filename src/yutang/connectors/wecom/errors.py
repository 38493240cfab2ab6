"""What WeCom refuses, as types: each says what is true, and what the client does about it.

Texts of WeCom are never looked at: they carry random hints and addresses. Source of the codes: the official list of global
error codes, and the pages of the single APIs.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class Remedy(Enum):
    """What helps against a refusal.

    Attributes:
        RENEW_TOKEN: the client fetches a token and tries once more.
        WAIT_FOR_WINDOW: nobody calls this API before the window has passed.
        BACK_OFF: nothing was done; the client waits a little, lowers how many calls run at once, and tries again.
        REPEAT_IF_SAFE: it is not known whether something was done; the client repeats only what may be done twice.
        LATER: the same call can be made later; the client does not do it by itself.
        SETTLED: what was wanted is so already.
        CHANGE_REQUEST: the same call will be refused again.
        ALARM: somebody must change a setting in WeCom or here; until then every call is refused.
    """

    RENEW_TOKEN = "renew_token"  # noqa: S105 - a word, no password.
    WAIT_FOR_WINDOW = "wait_for_window"
    BACK_OFF = "back_off"
    REPEAT_IF_SAFE = "repeat_if_safe"
    LATER = "later"
    SETTLED = "settled"
    CHANGE_REQUEST = "change_request"
    ALARM = "alarm"


class WeComError(DomainError):
    """A call that WeCom refused, with a code that has no type of its own.

    Attributes:
        remedy: what helps.
        errcode: code of WeCom; None where it did not answer.
        api: path of the API.
        may_be_own: an earlier try of the same call got no answer, and may have done what is refused now as done already.
    """

    code = "wecom_refused"
    http_status = 502
    message = N_("WeCom refused %(api)s with the code %(errcode)s.")
    remedy: ClassVar[Remedy] = Remedy.CHANGE_REQUEST

    def __init__(self, *, api: str, errcode: int | None = None, request: Any = None, **more: Any) -> None:
        self.api = api
        self.errcode = errcode
        self.may_be_own = False
        super().__init__(api=api, errcode=errcode, request=request, **more)

    @property
    def may_help_later(self) -> bool:
        """Whether the same call can succeed later without anybody changing anything."""
        return self.remedy in {Remedy.RENEW_TOKEN, Remedy.WAIT_FOR_WINDOW, Remedy.BACK_OFF, Remedy.LATER}


class TokenRefused(WeComError):
    """The access token is not valid, also after it was renewed."""

    code = "wecom_token_refused"
    message = N_("WeCom does not take the access token, although it was renewed.")
    remedy = Remedy.RENEW_TOKEN


class SecretRefused(WeComError):
    """Corp id or secret are wrong; asking again would lead to a block of an hour."""

    code = "wecom_secret_refused"
    message = N_(
        "WeCom refuses corp id or secret (code %(errcode)s). Look at both in the settings of the app, then save them here again."
    )
    remedy = Remedy.ALARM


class AddressNotTrusted(WeComError):
    """The caller's address is not among the trusted ones."""

    code = "wecom_address_not_trusted"
    message = N_(
        "WeCom does not know the address of this server. Enter it as a trusted IP of the app; it takes about a minute to apply."
    )
    remedy = Remedy.ALARM


class NotPermitted(WeComError):
    """The app may not call this API, or is switched off."""

    code = "wecom_not_permitted"
    message = N_(
        "The app may not call %(api)s (code %(errcode)s). Allow it under customer contact, and let it see the staff concerned."
    )
    remedy = Remedy.ALARM


class RateLimited(WeComError):
    """The limit of a window is reached: nobody calls before it has passed."""

    code = "wecom_rate_limited"
    http_status = 429
    message = N_("The limit of calls of %(api)s is reached; the next can be made at %(retry_at)s.")
    remedy = Remedy.WAIT_FOR_WINDOW

    def __init__(self, *, api: str, retry_at: str, seconds: float, **more: Any) -> None:
        self.seconds = seconds
        super().__init__(api=api, retry_at=retry_at, seconds=seconds, **more)


class TooManyAtOnce(WeComError):
    """Too many calls of one API are under way."""

    code = "wecom_too_many_at_once"
    http_status = 429
    message = N_("Too many calls of %(api)s are under way at once.")
    remedy = Remedy.BACK_OFF


class WrittenAtOnce(WeComError):
    """Somebody else writes the same thing right now."""

    code = "wecom_written_at_once"
    http_status = 409
    message = N_("Somebody else changes the same customer in WeCom right now.")
    remedy = Remedy.BACK_OFF


class SystemBusy(WeComError):
    """WeCom is busy, and it is not known whether something was done."""

    code = "wecom_busy"
    http_status = 503
    message = N_("WeCom is busy; it is not known whether %(api)s was carried out.")
    remedy = Remedy.REPEAT_IF_SAFE


class Unreachable(WeComError):
    """No connection was made, so that nothing was done."""

    code = "wecom_unreachable"
    http_status = 503
    message = N_("WeCom cannot be reached: %(reason)s.")
    remedy = Remedy.BACK_OFF


class OutcomeUnknown(WeComError):
    """The request was sent, but no answer came."""

    code = "wecom_outcome_unknown"
    http_status = 504
    message = N_("No answer came to %(api)s; whether it was carried out must be looked up before it is tried again.")
    remedy = Remedy.REPEAT_IF_SAFE


class AnswerUnreadable(WeComError):
    """What came back is not what the API promises."""

    code = "wecom_answer_unreadable"
    message = N_("What WeCom answered to %(api)s cannot be read: %(reason)s.")
    remedy = Remedy.CHANGE_REQUEST


class ParameterRefused(WeComError):
    """A parameter is missing, too long, or not known."""

    code = "wecom_parameter_refused"
    http_status = 422
    message = N_("WeCom refuses a parameter of %(api)s (code %(errcode)s).")


class NotFound(WeComError):
    """The thing does not exist, or not for this app."""

    code = "wecom_not_found"
    http_status = 404
    message = N_("What %(api)s was asked for is not there, or belongs to another app (code %(errcode)s).")


class NotACustomer(WeComError):
    """The person is not (or no longer) a customer of that member of staff."""

    code = "wecom_not_a_customer"
    http_status = 404
    message = N_("The person is not a customer of this member of staff.")


class StaffNotReady(WeComError):
    """A member of staff is not active, not verified, or without customer contact."""

    code = "wecom_staff_not_ready"
    http_status = 422
    message = N_(
        "A member of staff is not activated, not verified by real name, or has no customer contact (code %(errcode)s)."
    )


class QuotaFull(WeComError):
    """A number that the corp may have is used up."""

    code = "wecom_quota_full"
    http_status = 409
    message = N_("The corp has used up what it may have of this (code %(errcode)s).")


class NobodyToSendTo(WeComError):
    """A mass task would reach nobody."""

    code = "wecom_nobody_to_send_to"
    http_status = 422
    message = N_("Nobody is left whom this message could be sent to.")


class StillDispatching(WeComError):
    """A task was made moments ago."""

    code = "wecom_still_dispatching"
    http_status = 409
    message = N_("WeCom is still handing the task out; ask again in a few seconds.")
    remedy = Remedy.LATER


class AlreadySo(WeComError):
    """What was wanted is so already."""

    code = "wecom_already_so"
    http_status = 409
    message = N_("It is so already in WeCom (code %(errcode)s).")
    remedy = Remedy.SETTLED


class RemindedOftenEnough(WeComError):
    """Staff were reminded three times within 24 hours."""

    code = "wecom_reminded_often_enough"
    http_status = 429
    message = N_("Staff were reminded of this task three times within 24 hours; WeCom allows no more.")
    remedy = Remedy.LATER


class WelcomeTooLate(WeComError):
    """The 20 seconds of a welcome code are over."""

    code = "wecom_welcome_too_late"
    http_status = 410
    message = N_("The 20 seconds in which a welcome message can be sent are over.")


class WelcomeAlreadySent(WeComError):
    """Somebody was faster, or the two talk already."""

    code = "wecom_welcome_already_sent"
    http_status = 409
    message = N_("The newcomer was welcomed already, or the two talk already.")
    remedy = Remedy.SETTLED


class WelcomeBeingSent(WeComError):
    """Another app sends a welcome right now."""

    code = "wecom_welcome_being_sent"
    http_status = 409
    message = N_("Another app is sending a welcome message right now.")
    remedy = Remedy.BACK_OFF


class OverLimit(DomainError):
    """Something is longer, or more, than WeCom takes; nothing was asked of it."""

    code = "wecom_over_limit"
    http_status = 422
    message = N_("%(what)s: %(size)s, and WeCom takes at most %(most)s.")


class NothingGiven(DomainError):
    """A call would say nothing."""

    code = "wecom_nothing_given"
    http_status = 422
    message = N_("%(what)s is empty; give at least one.")


_CODES_BY_TYPE: dict[type[WeComError], tuple[int, ...]] = {
    TokenRefused: (40014, 42001, 41001),
    SecretRefused: (40001, 40013, 41002, 41004),
    AddressNotTrusted: (60020,),
    NotPermitted: (48002, 48006, 50003, 301007, 301002, 41058, 60011, 701008),
    TooManyAtOnce: (45033,),
    WrittenAtOnce: (45035,),
    SystemBusy: (-1, 6000),
    ParameterRefused: (
        40003, 40004, 40006, 40007, 40008, 40035, 40058, 40063, 40072, 40123, 41037, 41038, 41039, 41040, 41041, 41042, 41043,
        41046, 41049, 41059, 41060, 41064, 41065, 41091, 44001, 45001, 60111, 81013, 81017, 600001,
    ),
    NotFound: (40050, 40068, 40096, 41044, 41047, 41061, 41062, 60136, 90501, 90511, 90509),
    NotACustomer: (84061, 40131),
    StaffNotReady: (41054, 40098, 40143, 40097, 90500, 90502),
    QuotaFull: (41045, 41055, 41095, 40126, 40099, 40128, 41078, 90503),
    NobodyToSendTo: (41048,),
    StillDispatching: (41063, 41079),
    AlreadySo: (41093, 40071, 40100, 40129, 40130, 90504, 90507, 90508),
    RemindedOftenEnough: (41094,),
    WelcomeTooLate: (41050,),
    WelcomeAlreadySent: (41051,),
    WelcomeBeingSent: (41096,),
}  # fmt: skip

#: The limit of a window; it is raised with the moment of the next call, so that it has no place in `TYPES`.
RATE_LIMITED = 45009

#: The type of each code that has one.
TYPES: dict[int, type[WeComError]] = {code: kind for kind, codes in _CODES_BY_TYPE.items() for code in codes}


def error_of(*, errcode: int, api: str, request: Any = None) -> WeComError:
    """Return the typed error of a code; `WeComError` itself for codes without a type."""
    return TYPES.get(errcode, WeComError)(api=api, errcode=errcode, request=request)
