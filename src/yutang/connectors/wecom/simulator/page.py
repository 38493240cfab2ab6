"""A small page on which a person plays a customer, a member of staff or the owner of a group. Without scripts."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlsplit

from yutang.connectors.wecom.simulator import views
from yutang.connectors.wecom.simulator.control import Control, NotPossible
from yutang.connectors.wecom.simulator.gateway import Reply
from yutang.connectors.wecom.simulator.markup import LANGUAGES, Html, Words, tag, words_of
from yutang.kit.text import N_

_OWN_STYLE = Path(__file__).parent / "page.css"
#: What lies beside the product's stylesheet: its mark, and a picture that it asks for.
_PICTURES = ("mark.svg", "chevron.svg")
_THEMES = ("auto", "light", "dark")
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


class Page:
    """Shows the page and carries out what its forms order."""

    def __init__(self, *, control: Control, stylesheet: Path | None) -> None:
        self._control = control
        self._styles = {"/style.css": stylesheet, "/page.css": _OWN_STYLE}
        self._pictures = {f"/{name}": stylesheet.parent / name for name in _PICTURES} if stylesheet else {}
        self._failed = self._done = ""

    def show(self, path: str, query: dict[str, str], *, languages: str, cookies: str) -> Reply:
        """Return a page."""
        if path in self._styles:
            file = self._styles[path]
            return Reply(file.read_bytes() if file else b"", "text/css; charset=utf-8")
        if path in self._pictures:
            return Reply(self._pictures[path].read_bytes(), "image/svg+xml")
        if path == "/favicon.ico":
            # Browsers ask for it where a page names no picture.
            return Reply(b"", "image/svg+xml")
        if path == "/language":
            return _moved(_local(query.get("back", "/")), cookie=f"django_language={_known(query.get('to', ''))}")
        if path not in _ROOMS:
            return Reply(b"not found", "text/plain", 404)
        kept = _cookies(cookies)
        language = kept.get("django_language") or _asked(languages)
        theme = kept.get("yutang_theme", "auto")
        page = self._page(path, query, _known(language), theme if theme in _THEMES else "auto")
        return Reply(page.encode(), "text/html; charset=utf-8")

    def act(self, path: str, told: dict[str, str]) -> Reply:
        """Carry out what a form orders, and go back to where it stands."""
        order = path.removeprefix("/do/")
        back = _local(told.pop("back", "/"))
        if order not in _ORDERS:
            return Reply(b"not found", "text/plain", 404)
        try:
            values: dict[str, object] = {**told, **({"advance": float(told["advance"])} if "advance" in told else {})}
            self._control.order(order, values)
            self._failed, self._done = "", _DONE.get(order, N_("Done."))
            if order == "scan":
                back = self._as_who_scanned(told, back)
        except (NotPossible, ValueError, KeyError) as error:
            self._done = ""
            self._failed = str(error.args[0]) if isinstance(error, NotPossible) else N_("The form was not filled in.")
        return _moved(back)

    def _as_who_scanned(self, told: dict[str, str], back: str) -> str:
        """Return the page on which the person who scanned is played; where nobody is known by now, the one before."""
        with self._control.world.lock:
            people = list(self._control.world.people.values())
        who = next((one.external_userid for one in people if one.unionid == told.get("unionid")), "")
        return f"/customer?who={quote(who)}" if who else back

    def _page(self, path: str, query: dict[str, str], language: str, theme: str) -> str:
        say = words_of(language)
        title, view = _ROOMS[path]
        failed, done, self._failed, self._done = self._failed, self._done, "", ""
        with self._control.world.lock:
            content = view(views.Place(self._control, say, query.get("who", ""), query.get("way", "")))
        head = tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", say(title)),
            *(tag("link", rel="icon", href=one, type="image/svg+xml") for one in list(self._pictures)[:1]),
            *(tag("link", rel="stylesheet", href=one) for one in self._styles),
        )
        body = tag(
            "body",
            _top(path, query, say, language),
            tag(
                "main",
                _warning(say),
                _failure(say, failed),
                tag("div", tag("p", say(done)), class_="notice", role="status") if done else "",
                tag("h1", say(title)),
                content,
                class_="page stack-l",
                id="page",
            ),
        )
        return f"<!doctype html>{tag('html', head, body, lang='zh-Hans' if language == 'zh-hans' else 'en', data_theme=theme)}"


def _top(path: str, query: dict[str, str], say: Words, language: str) -> Html:
    links = [
        tag("a", say(title), class_="pill", href=one, aria_current="page" if one == path else None)
        for one, (title, _) in _ROOMS.items()
    ]
    other = "en" if language == "zh-hans" else "zh-hans"
    back = quote(f"{path}?who={query['who']}" if query.get("who") else path, safe="")
    switch = tag(
        "a",
        "English" if other == "en" else "中文",
        class_="btn btn-ghost btn-small",
        href=f"/language?to={other}&back={back}",
    )
    return tag("header", tag("nav", *links, class_="pills", aria_label=say(N_("Roles"))), switch, class_="sandbox-top")


def _warning(say: Words) -> Html:
    words = say(N_("This is a sandbox: a WeCom that does not exist. Nothing that you do here reaches a real person."))
    return tag("div", tag("p", words), class_="notice notice-warn", role="note")


def _failure(say: Words, failed: str) -> Html:
    if not failed:
        return Html("")
    return tag(
        "div",
        tag("p", say(N_("Not possible: %(why)s.")) % {"why": say(failed)}),
        class_="notice notice-down",
        role="alert",
    )


def _moved(to: str, *, cookie: str = "") -> Reply:
    headers = [("Location", to)]
    if cookie:
        headers.append(("Set-Cookie", f"{cookie}; Path=/; SameSite=Lax"))
    return Reply(b"", "text/plain", 303, tuple(headers))


def _local(address: str) -> str:
    """Return an address of this page; the first room for any other."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path not in _ROOMS or "\r" in address or "\n" in address:
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _known(language: str) -> str:
    return language if language in LANGUAGES else "zh-hans"


def _asked(languages: str) -> str:
    return "en" if languages.lower().startswith("en") else "zh-hans"


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
