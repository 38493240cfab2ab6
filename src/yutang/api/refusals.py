"""What the door for programs refuses by itself; rooms behind it bring their own refusals."""

from __future__ import annotations

from typing import ClassVar

from yutang.foundation.access import NotAllowed
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class TokenIsMissing(DomainError):
    """The call shows no token."""

    code: ClassVar[str] = "token_is_missing"
    http_status: ClassVar[int] = 401
    message: ClassVar[str] = N_(
        "Show a token in the header “Authorization: Bearer …”. `yutang api tokens create` makes one."
    )


class TokenIsUnknown(DomainError):
    """Nobody was given this token."""

    code: ClassVar[str] = "token_is_unknown"
    http_status: ClassVar[int] = 401
    message: ClassVar[str] = N_("This token is not known here.")


class TokenHasEnded(DomainError):
    """The token expired, was revoked, or its member of staff left."""

    code: ClassVar[str] = "token_has_ended"
    http_status: ClassVar[int] = 401
    message: ClassVar[str] = N_(
        "This token has expired or was revoked, or the person for whom it acts may no longer log in. Ask for a new one."
    )


class TokenMayNot(NotAllowed):
    """The token does not hold the permission, or the person for whom it acts does not."""

    message: ClassVar[str] = N_("This token does not allow this: it needs the permission %(permission)s.")


class StoreIsOutOfReach(DomainError):
    """A figure is asked for a store that is not there, or out of reach: nothing said of it would be true."""

    code: ClassVar[str] = "store_is_out_of_reach"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no store %(store)s within your reach.")


class TooManyCalls(DomainError):
    """The token has made all the calls of this minute."""

    code: ClassVar[str] = "too_many_calls"
    http_status: ClassVar[int] = 429
    message: ClassVar[str] = N_("This token may make %(limit)s calls a minute. Try again in %(seconds)s seconds.")


class InputIsWrong(DomainError):
    """Parameters or body are not what the operation takes."""

    code: ClassVar[str] = "input_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(where)s: %(what)s. The description of the operation is in /api/v1/openapi.json.")


class FieldIsNotShown(DomainError):
    """`fields` names what the answer does not hold."""

    code: ClassVar[str] = "field_is_not_shown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no field %(field)s to choose. There are: %(fields)s.")


class CursorIsWrong(DomainError):
    """The cursor was not given by an answer of this list."""

    code: ClassVar[str] = "cursor_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The cursor was not given by this list. Take `next` of the answer before, unchanged.")


class BodyIsUnreadable(DomainError):
    """The body is no JSON, or not of the kind that is asked for."""

    code: ClassVar[str] = "body_is_unreadable"
    http_status: ClassVar[int] = 400
    message: ClassVar[str] = N_("The body is not readable as JSON in UTF-8.")


class MediaTypeIsWrong(DomainError):
    """The body is said to be something else than JSON."""

    code: ClassVar[str] = "media_type_is_wrong"
    http_status: ClassVar[int] = 415
    message: ClassVar[str] = N_("Send the body as application/json, and say so in Content-Type.")


class BodyIsTooLarge(DomainError):
    """The body holds more than one call takes."""

    code: ClassVar[str] = "body_is_too_large"
    http_status: ClassVar[int] = 413
    message: ClassVar[str] = N_("One call takes at most %(most)s. Send the rest in further calls.")


class KeyIsMissing(DomainError):
    """A writing call without a key could be done twice."""

    code: ClassVar[str] = "idempotency_key_is_missing"
    http_status: ClassVar[int] = 400
    message: ClassVar[str] = N_(
        "Give every writing call a key of its own in the header Idempotency-Key, of 1 to 200 printable characters such as a UUID."
    )


class KeyIsTaken(DomainError):
    """The key was used for another call, or the first call with it is still at work."""

    code: ClassVar[str] = "idempotency_key_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This Idempotency-Key belongs to another call, or to one that is still at work. Take a new key for another call."
    )


class ItHasChanged(DomainError):
    """What the caller last saw is no longer true."""

    code: ClassVar[str] = "it_has_changed"
    http_status: ClassVar[int] = 412
    message: ClassVar[str] = N_("It has changed since you read it. Read it again, and decide anew.")


class NothingHere(DomainError):
    """The address leads nowhere."""

    code: ClassVar[str] = "nothing_here"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no operation at this address. /api/v1/openapi.json lists all.")


class MethodIsWrong(DomainError):
    """The address takes other methods."""

    code: ClassVar[str] = "method_is_wrong"
    http_status: ClassVar[int] = 405
    message: ClassVar[str] = N_("This address takes other methods: %(allowed)s.")


class RequestIsWrong(DomainError):
    """The request is refused before any operation sees it."""

    code: ClassVar[str] = "request_is_wrong"
    http_status: ClassVar[int] = 400
    message: ClassVar[str] = N_("The request could not be read.")


class SoftwareFault(DomainError):
    """A bug of ours."""

    code: ClassVar[str] = "software_fault"
    http_status: ClassVar[int] = 500
    message: ClassVar[str] = N_(
        "A fault of the software, not of yours. The log of the server tells more under the request id."
    )


class StoreIsBusy(DomainError):
    """The store is being written for long, or does not answer."""

    code: ClassVar[str] = "store_is_busy"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("The store is busy or does not answer. Send the same call again in a moment.")


class ReachIsNotWhole(DomainError):
    """What is brought in holds for every store."""

    code: ClassVar[str] = "reach_is_not_whole"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_("Rows are brought in for the whole chain; this token reaches single stores only.")
