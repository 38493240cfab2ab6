"""Every way in: addresses of the console and operations of the API, and the parameters that each of them reads.

Made from the URL configuration and the OpenAPI description, so that what is new is attacked by itself. Where a test names an
entry, the entry is at fault, or lacks a sample that the message names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern

from tests.console.test_access_matrix import BACKEND, BODY, CHOICES, NO_ROOM, OPEN, routes
from tests.support.forms import BUILT_RULE

#: What the forms of the console are filled in with: what the access matrix fills in, and a rule of the builder.
FORM: dict[str, Any] = {**BODY, **BUILT_RULE, "reason": "call", "clear": "yes", "title": "x", "q": "x", "row": "1"}
#: Where a new entry that fails belongs.
HELP = "\nAn entry that is new needs a sample of its kind of thing in tests/console/test_access_matrix.py."
#: What is drawn by lot for each answer: tokens of forms, keys under which a form is taken once, signed links of customers.
_TOKENS = re.compile(
    r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+|name="key" value="[0-9a-f]{16}"|/(visit|me|appeal)/[\w-]{40,}'
)


@dataclass(frozen=True)
class Entry:
    """An address of the console with the things that it names filled in."""

    name: str
    address: str
    view: Any
    kinds: set[str]

    def url(self, **query: Any) -> str:
        """Return the address with more parameters."""
        if not query:
            return self.address
        return self.address + ("&" if "?" in self.address else "?") + urlencode(query, doseq=True)


def entries(things: Mapping[str, Any], *, with_open: bool = True) -> list[Entry]:
    """Return every address, about these things.

    Args:
        things: keys by the name that addresses have for them.
        with_open: whether those that are open to strangers belong to it.
    """
    left_out = NO_ROOM | (set() if with_open else OPEN)
    return [
        Entry(str(route.name), _address(route, things), route.callback, set(route.pattern.converters))
        for route in routes()
        if route.name not in left_out
    ]


def _address(route: URLPattern, things: Mapping[str, Any]) -> str:
    from django.urls import reverse

    missing = set(route.pattern.converters) - set(things)
    assert not missing, f"{route.name} names {missing}, of which there is no sample.{HELP}"
    kwargs = {name: things[name] for name in route.pattern.converters}
    return reverse(str(route.name), kwargs=kwargs) + CHOICES.get(str(route.name), "").format(**things)


def operation_address(path: str) -> str:
    """Return the address of an operation of the API, about the things of key 1."""
    return "/api/v1" + re.sub(r"{\w+}", "1", path)


def browser_of(staff: Any = None, **more: Any) -> Client:
    """Return a browser in which somebody is logged in; None: nobody."""
    client = Client(raise_request_exception=False, **more)
    if staff is not None:
        client.force_login(staff, backend=BACKEND)
        # That the person is here is written down now, and not undone with each question.
        client.get("/preferences/theme/")
    return client


def ask(client: Client, method: str, address: str, form: Any = None, **headers: str) -> Any:
    """Ask, read the whole answer, and undo whatever it changed."""
    # What an earlier answer had to say is not shown on this one.
    client.cookies.pop("messages", None)
    with transaction.atomic():
        answer: Any = (
            client.post(address, form, headers=headers) if method == "POST" else client.get(address, headers=headers)
        )
        answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer


def plain(answer: Any, *without: str) -> str:
    """Return the text of an answer without what differs by chance, and with these words taken out of it."""
    text = _TOKENS.sub("", answer.whole.decode("utf-8", "replace"))
    for word in without:
        text = text.replace(word, "…")
    return text


@contextmanager
def parameters() -> Iterator[set[str]]:
    """Collect the names of what views ask query strings and forms for."""
    read: set[str] = set()

    def watched(method: str) -> Any:
        original = getattr(QueryDict, method)

        def ask_for(self: QueryDict, key: Any, *more: Any) -> Any:
            # While it is being parsed a form asks itself.
            if isinstance(key, str) and not self._mutable:
                read.add(key)
            return original(self, key, *more)

        return mock.patch.object(QueryDict, method, ask_for)

    with watched("__getitem__"), watched("getlist"), watched("__contains__"):
        yield read
    read.discard("csrfmiddlewaretoken")


def parameters_of(client: Client, method: str, entry: Entry) -> list[str] | None:
    """Return the names of the parameters that an entry reads, of address or form; None where it does not let this person in."""
    with parameters() as read:
        status = ask(client, method, entry.address, FORM).status_code
    return None if status in {401, 403, 405} else sorted(read)


#: Attributes whose values browsers follow.
_LEADING = {"href", "src", "action", "formaction", "data", "poster", "xlink:href", "srcdoc", "content"}


class Markup(HTMLParser):
    """Finds what a page should not hold: elements and attributes that a value made, inline scripts, addresses that run."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark, self.found = mark, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if self.mark in tag:
            self.found.append(f"<{tag}>")
        if tag == "script" and "src" not in values and values.get("type") != "application/json":
            self.found.append("<script> inside the page")
        for name, value in attrs:
            if self.mark in name or name.startswith("on") or name == "style":
                self.found.append(f"<{tag} {name}>")
            leads = name in _LEADING or name.startswith("hx-")
            if leads and (value or "").strip().lower().startswith(("javascript:", "data:text", "vbscript:")):
                self.found.append(f"<{tag} {name}={value}>")


def made_by(text: str, mark: str) -> list[str]:
    """Return what values with this mark made of a page's markup; the same page is read once, whatever its tokens are."""
    return _made_by(_TOKENS.sub("", text), mark)


@lru_cache(maxsize=64)
def _made_by(text: str, mark: str) -> list[str]:
    reader = Markup(mark)
    reader.feed(text)
    return reader.found


def listed(breaches: Any) -> str:
    """Return what is wrong, one thing a line, with what a new entry may lack."""
    lines = [f"{key}: {value}" for key, value in breaches.items()] if isinstance(breaches, dict) else map(str, breaches)
    return "\n".join(line[:600] for line in lines) + HELP
