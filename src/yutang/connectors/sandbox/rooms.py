"""The page of a sandbox: shows its rooms, carries out what their forms order, and says in the next one what came of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from yutang.connectors.sandbox.frame import Look, Shown, framed, known_language, local, reader_of
from yutang.connectors.sandbox.markup import Html, Words
from yutang.connectors.sandbox.serving import Reply, in_words
from yutang.kit.text import N_

NOT_FILLED_IN = N_("The form was not filled in.")


class Done(NamedTuple):
    """What came of an order, in a sentence marked with `N_`, and to which room it leads; empty: to where it was given."""

    said: str
    leads_to: str = ""


class NotDone(Exception):
    """An order was not carried out; its first argument says why, marked with `N_`."""


class Rooms(ABC):
    """Shows the rooms of a sandbox.

    Args:
        titles: of the rooms by path, marked with `N_`, the first one first.
        warning: that it is a sandbox; marked with `N_`.
        stylesheet: file with the look of the product; the page does without where there is none.
    """

    def __init__(self, *, titles: Mapping[str, str], warning: str, stylesheet: Path | None) -> None:
        self._titles, self._warning, self._look = titles, warning, Look(stylesheet)
        self._failed = self._done = ""

    @abstractmethod
    def content_of(self, path: str, query: Mapping[str, str], say: Words) -> Html:
        """Return what a room shows."""

    @abstractmethod
    def carry_out(self, order: str, told: dict[str, str]) -> Done | None:
        """Carry out an order of a form; None where there is none of this name.

        Raises:
            NotDone: it could not be.
        """

    def show(self, path: str, query: dict[str, str], *, languages: str, cookies: str) -> Reply:
        """Return a room, or a file that it needs."""
        file = self._look.file(path)
        if file is not None:
            return Reply(*file)
        if path == "/favicon.ico":
            # Browsers ask for it where a page names no picture.
            return Reply(b"", "image/svg+xml")
        if path == "/language":
            to = known_language(query.get("to", ""))
            return _moved(local(query.get("back", "/"), self._titles), cookie=f"django_language={to}")
        if path not in self._titles:
            return in_words("not found", 404)
        reader = reader_of(languages=languages, cookies=cookies)
        failed, done, self._failed, self._done = self._failed, self._done, "", ""
        content = self.content_of(path, query, reader.say)
        page = framed(
            Shown(self._titles[path], self._warning, content, done, failed),
            rooms=self._titles,
            at=path,
            back=f"{path}?who={query['who']}" if query.get("who") else path,
            reader=reader,
            look=self._look,
        )
        return Reply(page, "text/html; charset=utf-8")

    def act(self, path: str, told: dict[str, str]) -> Reply:
        """Carry out what a form orders, and go back to where it stands, or to where it leads."""
        back = local(told.pop("back", "/"), self._titles)
        try:
            done = self.carry_out(path.removeprefix("/do/"), told)
        except NotDone as refusal:
            self._done, self._failed = "", str(refusal.args[0])
            return _moved(back)
        if done is None:
            return in_words("not found", 404)
        self._done, self._failed = done.said, ""
        return _moved(done.leads_to or back)


def _moved(to: str, *, cookie: str = "") -> Reply:
    headers = [("Location", to)]
    if cookie:
        headers.append(("Set-Cookie", f"{cookie}; Path=/; SameSite=Lax"))
    return Reply(b"", "text/plain", 303, tuple(headers))
