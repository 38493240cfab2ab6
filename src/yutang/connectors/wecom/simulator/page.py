"""A small page on which a person plays a customer, a member of staff or the owner of a group. Without scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from yutang.connectors.sandbox.frame import Look, Shown, framed, known_language, local, reader_of
from yutang.connectors.sandbox.markup import Html
from yutang.connectors.wecom.simulator import views
from yutang.connectors.wecom.simulator.clock import ClockCannotGoThere
from yutang.connectors.wecom.simulator.control import Control, NotPossible
from yutang.connectors.wecom.simulator.gateway import Reply
from yutang.kit.text import N_

#: Orders that the page may give, and which of their values are not texts.
_ORDERS = frozenset(
    {
        "scan", "customer/delete", "member/accept", "member/delete", "member/confirm", "member/publish", "talk",
        "group/leave", "group/rename", "group/notice", "group/dismiss", "group/say", "group/create", "clock", "plan",
        "plan/clear",
    }
)  # fmt: skip
_ROOMS: dict[str, tuple[str, Callable[[views.Place], Html]]] = {
    "/": (N_("Sandbox"), views.overview),
    "/customer": (N_("Play a customer"), views.customer),
    "/staff": (N_("Play a member of staff"), views.staff),
    "/owner": (N_("Play a group owner"), views.owner),
}

#: What is said after an order, where a plain "done" would say too little.
_DONE = {
    "scan": N_("Scanned."),
    "talk": N_("The message was sent."),
    "group/say": N_("The message was sent."),
    "member/confirm": N_("The message was sent."),
}
_WARNING = N_("This is a sandbox: a WeCom that does not exist. Nothing that you do here reaches a real person.")


class Page:
    """Shows the page and carries out what its forms order."""

    def __init__(self, *, control: Control, stylesheet: Path | None) -> None:
        self._control = control
        self._look = Look(stylesheet)
        self._failed = self._done = ""

    def show(self, path: str, query: dict[str, str], *, languages: str, cookies: str) -> Reply:
        """Return a page."""
        file = self._look.file(path)
        if file is not None:
            return Reply(*file)
        if path == "/favicon.ico":
            # Browsers ask for it where a page names no picture.
            return Reply(b"", "image/svg+xml")
        if path == "/language":
            to = known_language(query.get("to", ""))
            return _moved(local(query.get("back", "/"), _ROOMS), cookie=f"django_language={to}")
        if path not in _ROOMS:
            return Reply(b"not found", "text/plain", 404)
        reader = reader_of(languages=languages, cookies=cookies)
        title, view = _ROOMS[path]
        failed, done, self._failed, self._done = self._failed, self._done, "", ""
        with self._control.world.lock:
            content = view(views.Place(self._control, reader.say, query.get("who", ""), query.get("way", "")))
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
        order = path.removeprefix("/do/")
        back = local(told.pop("back", "/"), _ROOMS)
        if order not in _ORDERS:
            return Reply(b"not found", "text/plain", 404)
        try:
            self._control.order(order, dict(told))
            self._failed, self._done = "", _DONE.get(order, N_("Done."))
            if order == "scan":
                back = self._as_who_scanned(told, back)
        except (NotPossible, ValueError, KeyError) as error:
            self._done = ""
            has_words = isinstance(error, NotPossible | ClockCannotGoThere)
            self._failed = str(error.args[0]) if has_words else N_("The form was not filled in.")
        return _moved(back)

    def _as_who_scanned(self, told: dict[str, str], back: str) -> str:
        """Return the page on which the person who scanned is played; where nobody is known by now, the one before."""
        with self._control.world.lock:
            people = list(self._control.world.people.values())
        who = next((one.external_userid for one in people if one.unionid == told.get("unionid")), "")
        return f"/customer?who={quote(who)}" if who else back


def _moved(to: str, *, cookie: str = "") -> Reply:
    headers = [("Location", to)]
    if cookie:
        headers.append(("Set-Cookie", f"{cookie}; Path=/; SameSite=Lax"))
    return Reply(b"", "text/plain", 303, tuple(headers))
