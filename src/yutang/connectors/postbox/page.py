"""The page of the postbox: shows its rooms and carries out what its forms order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yutang.connectors.postbox import views
from yutang.connectors.postbox.box import NotPossible, Postbox
from yutang.connectors.sandbox.frame import Look, Shown, framed, known_language, local, reader_of
from yutang.connectors.sandbox.markup import Html
from yutang.kit.text import N_

_ROOMS: dict[str, tuple[str, Callable[[views.Place], Html]]] = {
    "/": (N_("Sandbox for SMS and e-mail"), views.overview),
    "/phone": (N_("Look at a phone"), views.phone),
    "/mailbox": (N_("Look at a mailbox"), views.mailbox),
}
_WARNING = N_(
    "This is a sandbox: phones and mailboxes that do not exist. No short message and no e-mail reaches a real person."
)
_UNFILLED = N_("The form was not filled in.")


@dataclass(frozen=True)
class Reply:
    """What goes back to a browser."""

    content: bytes
    kind: str = "text/plain"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class Page:
    """Shows the rooms of a postbox.

    Args:
        box: the postbox.
        stylesheet: file with the look of the product; the page does without where there is none.
    """

    def __init__(self, *, box: Postbox, stylesheet: Path | None) -> None:
        self._box, self._look = box, Look(stylesheet)
        self._failed = self._done = ""

    def show(self, path: str, query: dict[str, str], *, languages: str, cookies: str) -> Reply:
        """Return a page, or a file that it needs."""
        file = self._look.file(path)
        if file is not None:
            return Reply(*file)
        if path == "/language":
            to = known_language(query.get("to", ""))
            return _moved(local(query.get("back", "/"), _ROOMS), cookie=f"django_language={to}")
        if path not in _ROOMS:
            return Reply(b"not found", status=404)
        reader = reader_of(languages=languages, cookies=cookies)
        title, view = _ROOMS[path]
        failed, done, self._failed, self._done = self._failed, self._done, "", ""
        content = view(views.Place(self._box, reader.say, query.get("who", "")))
        page = framed(
            Shown(title, _WARNING, content, done, failed),
            rooms={one: named for one, (named, _) in _ROOMS.items()},
            at=path,
            back=f"{path}?who={query['who']}" if query.get("who") else path,
            reader=reader,
            look=self._look,
        )
        return Reply(page, "text/html; charset=utf-8")

    def act(self, path: str, told: dict[str, str]) -> Reply:
        """Carry out what a form orders, and go back to where it stands."""
        back = local(told.pop("back", "/"), _ROOMS)
        try:
            self._done, self._failed = self._box.order(path.removeprefix("/do/"), told), ""
        except NotPossible as refusal:
            self._done, self._failed = "", str(refusal.args[0])
        except KeyError:
            self._done, self._failed = "", _UNFILLED
        return _moved(back)


def _moved(to: str, *, cookie: str = "") -> Reply:
    headers = [("Location", to)]
    if cookie:
        headers.append(("Set-Cookie", f"{cookie}; Path=/; SameSite=Lax"))
    return Reply(b"", status=303, headers=tuple(headers))
