"""Answers read into typed, frozen things; pages walked to their end; limits looked at before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar, cast

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import AnswerUnreadable, NothingGiven, OverLimit

T = TypeVar("T")

#: An instant that WeCom may leave out or write as 0.
Instant = Annotated[datetime | None, BeforeValidator(lambda seconds: seconds or None)]
#: A text that WeCom may write as null.
Text = Annotated[str, BeforeValidator(lambda text: text or "")]


def named(name: str) -> Any:
    """Return the mark of a field that WeCom calls otherwise."""
    return Field(validation_alias=name)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read(kind: type[T], value: Any, *, api: str) -> T:
    """Return a part of an answer as a typed thing.

    Raises:
        AnswerUnreadable: it is not what the API promises; the reason names fields, not what is in them.
    """
    try:
        found: T = _adapter(cast("Hashable", kind)).validate_python(value)
        return found
    except ValidationError as error:
        places = sorted({".".join(str(step) for step in fault["loc"]) for fault in error.errors()})
        raise AnswerUnreadable(api=api, reason=", ".join(places[:5])) from error


def read_all(kind: type[T], value: Any, *, api: str) -> tuple[T, ...]:
    """Return a list of an answer as typed things; a missing list is empty."""
    return read(tuple[kind, ...], value or (), api=api)  # type: ignore[valid-type]


def pages(caller: Caller, api: Api, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every page of a list that goes on by ``next_cursor``.

    Raises:
        AnswerUnreadable: the same cursor came twice, which would never end.
    """
    cursor, seen = "", {""}
    while True:
        page = caller.call(api, body={**body, **({"cursor": cursor} if cursor else {})})
        yield page
        cursor = str(page.get("next_cursor") or "")
        if not cursor:
            return
        if cursor in seen:
            raise AnswerUnreadable(api=api.path, reason="next_cursor")
        seen.add(cursor)


def given(**parts: Any) -> dict[str, Any]:
    """Return a body of what was given: None is left out."""
    return {name: value for name, value in parts.items() if value is not None}


def filled(thing: Any) -> dict[str, Any]:
    """Return a dataclass as a body: fields that are None or an empty text or list are left out."""
    assert is_dataclass(thing)
    found = {one.name: getattr(thing, one.name) for one in fields(thing)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value not in (None, "", ())
    }


def seconds(instant: datetime) -> int:
    """Return an aware instant as WeCom writes it: seconds since 1970."""
    return int(instant.timestamp())


def at_most(most: int, *, what: str, of: Sequence[Any] | Collection[Any]) -> None:
    """Refuse more than so many; of a text its characters are counted.

    Raises:
        OverLimit: there are more.
    """
    if len(of) > most:
        raise OverLimit(what=what, size=len(of), most=most)


def at_most_bytes(most: int, *, what: str, of: str) -> None:
    """Refuse a text that is longer than so many bytes of UTF-8.

    Raises:
        OverLimit: it is longer.
    """
    if (size := len(of.encode())) > most:
        raise OverLimit(what=what, size=size, most=most)


def at_least_one(*, what: str, of: Sequence[Any] | Collection[Any]) -> None:
    """Refuse nothing.

    Raises:
        NothingGiven: it is empty.
    """
    if not of:
        raise NothingGiven(what=what)


def in_chunks(items: Sequence[T], *, size: int) -> Iterator[Sequence[T]]:
    """Yield the items in order, at most so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
