"""How answers are written: JSON with an ETag, chosen fields, pages with a cursor."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from django.http import HttpResponse
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from yutang.api.door import ApiRequest
from yutang.api.refusals import CursorIsWrong, FieldIsNotShown, ItHasChanged

#: Keys of the store are of 63 bits.
_DIGITS = 18
MOST_A_PAGE = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 9998


def _nothing_required(schema: dict[str, Any]) -> None:
    """A caller may choose fields: none of them is always there."""
    schema.pop("required", None)


class Shape(Schema):
    """A thing as programs see it; with `fields=` only the chosen fields are there."""

    model_config = ConfigDict(json_schema_extra=_nothing_required)


class Given(Schema):
    """A body of a writing call; what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, given: Any) -> Any:
        # PostgreSQL keeps no text with it, and nobody means it.
        if any("\x00" in text for text in _texts(given)):
            raise PydanticCustomError("string_nul", "a text holds NUL")
        return given


def _texts(given: Any) -> Iterator[str]:
    """Yield the texts of a body; objects in lists look at their own."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        for name, value in given.items():
            yield from (name, *_texts(value))
    elif isinstance(given, list) and not (given and isinstance(given[0], Mapping)):
        for value in given:
            yield from _texts(value)


def _in_utc(at: datetime) -> datetime:
    """Return an instant as the stores keep it: PostgreSQL takes no clock that is 16 hours or more off.

    Before 1900 lies no instant that anybody means, and near the years 1 and 9999 some place on earth has no date for it.
    """
    try:
        found = at.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError("out of range")
    return found


#: An instant, with a time zone; it comes in as UTC.
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
#: A key of the store, in an address.
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
Fields = Annotated[
    str,
    Field(description="Only these fields, separated by commas.", examples=["id,name"]),
    StringConstraints(max_length=400, pattern=r"^[a-z_0-9,]*$"),
]
Limit = Annotated[int, Field(ge=1, le=MOST_A_PAGE, description="Items of one page, at most.")]
Cursor = Annotated[str, Field(description="`next` of the page before."), StringConstraints(max_length=200)]


class OneAsked(Schema):
    """What may be asked of a single thing."""

    fields: Fields = ""


class PageAsked(Schema):
    """What may be asked of a list."""

    fields: Fields = ""
    limit: Limit = 50
    cursor: Cursor = ""


def one(request: ApiRequest, shown: Shape, *, fields: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    """Return a single thing with its ETag; 304 where the caller has it already."""
    whole = shown.model_dump(mode="json")
    tag = etag_of(whole)
    return _answer(request, _chosen(whole, fields, type(shown)), tag, status)


def page(
    request: ApiRequest,
    shown: Sequence[Shape],
    *,
    kind: type[Shape],
    following: str | None,
    fields: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return a page of a list: its items, and the cursor of the next page, null on the last one.

    Args:
        request: who asks.
        shown: the items.
        kind: their shape.
        following: what the cursor holds; None on the last page.
        fields: chosen ones of each item.
        more: what the list says of itself beside its items.
    """
    items = [_chosen(item.model_dump(mode="json"), fields, kind) for item in shown]
    whole = {"items": items, "next": None if following is None else cursor_for(following), **(more or {})}
    return _answer(request, whole, etag_of(whole), HTTPStatus.OK)


def cursor_for(place: str) -> str:
    """Return the place in a list as a cursor, which callers give back as it is."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str | None:
    """Return the place that a cursor holds; None for the first page.

    Raises:
        CursorIsWrong: no answer has given it.
    """
    if not cursor:
        return None
    try:
        place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError as error:
        raise CursorIsWrong from error
    # The decoder leaves out what is no letter of base64.
    if not place or cursor_for(place) != cursor:
        raise CursorIsWrong
    return place


def key_of(cursor: str) -> int | None:
    """Return the key that a cursor of a list by key holds; None for the first page.

    Raises:
        CursorIsWrong: no answer has given it.
    """
    place = place_of(cursor)
    if place is not None and not (place.isdecimal() and place.isascii() and len(place) <= _DIGITS):
        raise CursorIsWrong
    return None if place is None else int(place)


def etag_of(whole: Any) -> str:
    """Return the ETag of an answer: equal for equal content in one language."""
    return f'"{hashlib.blake2b(orjson.dumps(whole), digest_size=12).hexdigest()}"'


def require_unchanged(request: ApiRequest, shown: Shape) -> None:
    """Raise `ItHasChanged` where the caller changes only what is as it was read (If-Match), and it is not."""
    wanted = request.headers.get("If-Match", "")
    if wanted not in ("", "*") and etag_of(shown.model_dump(mode="json")) not in _listed(wanted):
        raise ItHasChanged


def _answer(request: ApiRequest, content: Any, tag: str, status: int) -> HttpResponse:
    known = _listed(request.headers.get("If-None-Match", ""))
    if request.method == "GET" and (tag in known or "*" in known):
        answer = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
        # There is no content of which a type could be told.
        del answer["Content-Type"]
    else:
        answer = HttpResponse(orjson.dumps(content), status=status, content_type="application/json")
    answer["ETag"] = tag
    for name, value in request.allowance.headers().items():
        answer[name] = value
    return answer


def _listed(header: str) -> list[str]:
    return [part.strip().removeprefix("W/") for part in header.split(",")]


def _chosen(whole: dict[str, Any], fields: str, kind: type[Shape]) -> dict[str, Any]:
    wanted = [name for name in fields.split(",") if name]
    for name in wanted:
        if name not in kind.model_fields:
            raise FieldIsNotShown(field=name, fields=", ".join(kind.model_fields))
    return {name: whole[name] for name in wanted} if wanted else whole
