"""The door itself: who is let in to which operation, and how operations are declared and described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from time import time as seconds_now
from typing import Any, TypeVar

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Router, Schema
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer
from pydantic import ConfigDict, Field

from yutang import __version__
from yutang.api import problems
from yutang.api.actions import note_use
from yutang.api.caller import Caller
from yutang.api.examples import EXAMPLES
from yutang.api.limits import Allowance, count_call
from yutang.api.queries import caller_for
from yutang.api.refusals import InputIsWrong, MediaTypeIsWrong, TokenIsMissing, TokenMayNot, TooManyCalls
from yutang.kit.text import N_

View = TypeVar("View", bound=Callable[..., Any])

#: Rule of an operation that every token may ask for.
ANY_TOKEN = ""
_WRITING = frozenset({"POST", "PUT", "DELETE"})
_CALLER = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


class ApiRequest(HttpRequest):
    """A request that was let in; `Bearer` fills in who calls and when."""

    actor: Caller
    now: datetime
    request_id: str
    allowance: Allowance
    auth: Caller


class Problem(Schema):
    """A refusal (RFC 9457): `code` is stable, `detail` is a sentence in the language of Accept-Language."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/api/v1/problems#no_such_customer",
                "title": "Not Found",
                "status": 404,
                "code": "no_such_customer",
                "detail": "There is no customer 7 within your reach.",
                "instance": "/api/v1/customers/7",
                "request_id": "5d1f0c2be87a4c6f9a1b2c3d",
                "data": {"customer_id": 7},
            }
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    request_id: str
    data: dict[str, Any]
    errors: list[dict[str, str]] | None = Field(
        default=None, description="Every fault of wrong input, and where it lies."
    )


class Bearer(HttpBearer):
    """Lets a program in that shows a token which holds the permission of the operation; a session is never looked at."""

    def __init__(self, permission: str, *, takes_body: bool) -> None:
        super().__init__()
        self.permission = permission
        self.takes_body = takes_body

    def __call__(self, request: HttpRequest) -> Any:
        """Return the caller, or refuse; counts the call, whatever becomes of it then."""
        scheme, _, secret = request.headers.get(self.header, "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise TokenIsMissing
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """Return the caller behind a token.

        Raises:
            TokenIsUnknown: nobody was given it.
            TokenHasEnded: it expired or was revoked.
            TooManyCalls: it has made all the calls of this minute.
            TokenMayNot: it does not hold the permission.
            MediaTypeIsWrong: the body is said to be no JSON.
            InputIsWrong: the address asks for what the operation does not know.
        """
        now = timezone.now()
        caller = caller_for(token, now=now)
        allowance = count_call(token_id=caller.token_id, per_minute=caller.per_minute, at_seconds=seconds_now())
        request.actor, request.now, request.allowance = caller, now, allowance  # type: ignore[attr-defined]
        if allowance.remaining < 0:
            raise TooManyCalls(limit=allowance.limit, seconds=allowance.seconds)
        if not caller.use_is_noted:
            note_use(actor=caller, token_id=caller.token_id, now=now)
        if self.permission and not caller.can(self.permission):
            raise TokenMayNot(permission=self.permission)
        if self.takes_body and request.content_type != "application/json":
            raise MediaTypeIsWrong
        return caller


class Door(NinjaAPI):
    """The API of programs, which says of every operation what it may answer."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description of all operations, OpenAPI 3.1."""
        schema = super().get_openapi_schema(path_prefix="/api/v1/", path_params=path_params)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema(mode="serialization")
        for name, example in EXAMPLES.items():
            if name in schema["components"]["schemas"]:
                schema["components"]["schemas"][name]["example"] = example
        for methods in schema["paths"].values():
            for method, details in methods.items():
                _complete(method.upper(), details)
        return schema


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    permission: str,
    answers: Mapping[int, Any],
    refuses: tuple[int, ...] = (),
    title: str,
    body: Mapping[str, Any] | None = None,
    key_is_needed: bool = True,
) -> Callable[[View], View]:
    """Declare a function as an operation.

    Args:
        router: of the room.
        method: GET, POST, PUT or DELETE.
        path: below ``/api/v1``.
        permission: what the token must hold; `ANY_TOKEN` for none.
        answers: status → shape of the answer.
        refuses: further statuses that it may answer, beside those of every operation.
        title: what it does, in a few words.
        body: schema of a body that the operation reads itself.
        key_is_needed: whether a writing call must have an Idempotency-Key.
    """
    extra: dict[str, Any] = {
        "x-permission": permission,
        "x-key-is-needed": key_is_needed,
        "x-refuses": sorted({*refuses, *map(int, _CALLER), 422}),
    }
    if body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": dict(body)}}}

    def declare(view: View) -> View:
        guard = Bearer(
            permission, takes_body=method in {"POST", "PUT"} and (body is not None or "given" in view.__annotations__)
        )
        decorate = router.api_operation(
            [method],
            path,
            auth=guard,
            response=dict(answers),
            operation_id=view.__name__,
            summary=title,
            openapi_extra=extra,
        )
        declared: View = decorate(view)
        return declared

    return declare


def refuse_unknown_parameters(request: HttpRequest, known: type[Schema]) -> None:
    """Raise `InputIsWrong` where the address asks for what the operation does not know: a filter misspelt is no filter."""
    for name in request.GET:
        if name not in known.model_fields:
            raise InputIsWrong(where=name, what=_gettext(_UNKNOWN))


_UNKNOWN = N_("is not known here")


def _gettext(text: str) -> str:
    from django.utils.translation import gettext

    return gettext(text)


def _complete(method: str, details: dict[str, Any]) -> None:
    """Add to the description of an operation what all of them have: problems, the key of writing calls, headers."""
    for parameter in details.get("parameters", ()):
        # A list of examples belongs into the schema; beside it stands one.
        if isinstance(parameter.get("examples"), list):
            parameter["example"] = parameter.pop("examples")[0]
    key_is_needed = details.pop("x-key-is-needed", True)
    statuses = {*details.pop("x-refuses", ()), *({400, 409, 412} if method in _WRITING else ())}
    if "requestBody" in details:
        statuses |= {413, 415}
    if method in _WRITING:
        key, match = _WRITING_PARAMETERS
        details.setdefault("parameters", []).extend([{**key, "required": key_is_needed}, match])
    elif any(parameter["in"] == "path" for parameter in details.get("parameters", ())):
        statuses.add(404)
    if method == "GET":
        details.setdefault("parameters", []).append(_IF_NONE_MATCH)
        details["responses"][304] = {"description": "Not Modified"}
    for status in sorted(statuses):
        details["responses"].setdefault(
            status,
            {
                "description": HTTPStatus(status).phrase,
                "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
    for status, answer in details["responses"].items():
        answer["headers"] = {**_HEADERS, **(_RETRY if status == HTTPStatus.TOO_MANY_REQUESTS else {})}
        if status == HTTPStatus.UNAUTHORIZED:
            answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "Bearer"}}


_HEADERS = {
    "X-Request-ID": {"schema": {"type": "string"}, "description": "Names the call in the log of the server."},
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Calls of one minute."},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Calls that are left of this minute."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until the next minute begins."},
}
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
_WRITING_PARAMETERS: list[dict[str, Any]] = [
    {
        "in": "header",
        "name": "Idempotency-Key",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        "description": "A key of this call's own. Asked again within 24 hours, the same answer comes and nothing is done twice.",
        "example": "7f9c2b1e-2f6d-4a54-9d0e-1c8f5a3b6d70",
    },
    {
        "in": "header",
        "name": "If-Match",
        "required": False,
        "schema": {"type": "string", "pattern": '^"[!#-~]+"$'},
        "description": "ETag of what is changed, as it was read: changed since, the call is refused with 412.",
    },
]
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string", "pattern": '^("[!#-~]+"|[*])$'},
    "description": "ETag of an earlier answer: 304 without a body where nothing has changed.",
}

door = Door(
    title="Yutang 鱼塘",
    version=__version__,
    description=(
        "What other systems read and write in Yutang. Show a token as `Authorization: Bearer …`; see docs/api.md. "
        "Sentences come in the language of Accept-Language, money in minor units (fen) beside its currency, instants in UTC."
    ),
    docs_url=None,
    openapi_url=None,
)
for _kind in (Exception, Http404, HttpError, ValidationError):
    door.add_exception_handler(_kind, problems.refused)
