"""A library in a file: contents and scripts as JSON, for import, and the one that comes ready in Chinese and English."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from yutang.content.writing import Written
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Largest file. Bytes.
LARGEST = 4_000_000
_MOST = 2_000
_READY = Path(__file__).with_name("ready_library.json")
_TEXTS = ("title", "kind", "intent", "body", "subject", "category", "persona", "language", "sms_template")
_OF_CONTENT = frozenset({*_TEXTS, "channels", "attachments", "last_date"})
_OF_SCRIPT = ("situation", "title", "body", "language")


class LibraryIsUnreadable(DomainError):
    """The file is no library."""

    code: ClassVar[str] = "library_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The file is no library: %(where)s. It is JSON of at most 4 MB: "
        "“contents”, each with title, kind, intent, channels and body, and “scripts”, "
        "each with situation, title, body and language; docs/content.md shows one."
    )


@dataclass(frozen=True)
class ScriptWritten:
    """A script as a file has it."""

    situation: str
    title: str
    body: str
    language: str


@dataclass(frozen=True)
class Library:
    """Contents and scripts, in the order of the file."""

    contents: tuple[Written, ...]
    scripts: tuple[ScriptWritten, ...]


def library_in(content: bytes) -> Library:
    """Return the library that a file holds; whether each content can be kept is seen when it is.

    Raises:
        LibraryIsUnreadable: it is no library, or names what does not belong into one.
    """
    if len(content) > LARGEST:
        raise LibraryIsUnreadable(where=f"{len(content)} bytes")
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LibraryIsUnreadable(where=str(error)[:120]) from error
    if not isinstance(whole, dict) or set(whole) - {"contents", "scripts"}:
        raise LibraryIsUnreadable(where=", ".join(map(str, whole))[:120] if isinstance(whole, dict) else "[…]")
    return Library(
        tuple(_content(one, f"contents[{place}]") for place, one in enumerate(_list_in(whole, "contents"))),
        tuple(_script(one, f"scripts[{place}]") for place, one in enumerate(_list_in(whole, "scripts"))),
    )


def ready() -> Library:
    """Return the library that comes with the product."""
    return library_in(_READY.read_bytes())


def _list_in(whole: Mapping[str, Any], name: str) -> list[Any]:
    found = whole.get(name, [])
    if not isinstance(found, list) or len(found) > _MOST:
        raise LibraryIsUnreadable(where=name)
    return found


def _content(one: Any, where: str) -> Written:
    if not isinstance(one, dict) or set(one) - _OF_CONTENT:
        raise LibraryIsUnreadable(
            where=f"{where} {sorted(set(one) - _OF_CONTENT) if isinstance(one, dict) else ''}"[:120]
        )
    texts = {name: _text(one[name], f"{where}.{name}") for name in _TEXTS if name in one}
    channels, attachments = one.get("channels", []), one.get("attachments", [])
    if not _are(channels, str):
        raise LibraryIsUnreadable(where=f"{where}.channels")
    if not _are(attachments, dict):
        raise LibraryIsUnreadable(where=f"{where}.attachments")
    day = _text(one.get("last_date") or "", f"{where}.last_date")
    try:
        return Written(
            channels=channels, attachments=attachments, last_date=date.fromisoformat(day) if day else None, **texts
        )
    except (TypeError, ValueError) as error:
        raise LibraryIsUnreadable(where=f"{where}: {error}"[:120]) from error


def _script(one: Any, where: str) -> ScriptWritten:
    if not isinstance(one, dict) or set(one) != set(_OF_SCRIPT):
        raise LibraryIsUnreadable(where=where)
    return ScriptWritten(*(_text(one[name], f"{where}.{name}") for name in _OF_SCRIPT))


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise LibraryIsUnreadable(where=where)
    return value


def _are(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)
