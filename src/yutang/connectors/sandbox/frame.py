"""What stands around every page of a sandbox: its rooms, the language, the warning, what came of the last order. Without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlsplit

from yutang.connectors.sandbox.markup import LANGUAGES, Html, Words, tag, words_of
from yutang.kit.text import N_

#: Nothing of a page comes from elsewhere, and it runs no scripts.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_OWN_STYLE = Path(__file__).parent / "page.css"
#: What lies beside the product's stylesheet: its mark, and a picture that it asks for.
_PICTURES = ("mark.svg", "chevron.svg")
_THEMES = ("auto", "light", "dark")


class Look:
    """Files that give a page its look.

    Args:
        stylesheet: file with the look of the product; None: the page does without.
    """

    def __init__(self, stylesheet: Path | None) -> None:
        self.styles: Mapping[str, Path | None] = {"/style.css": stylesheet, "/page.css": _OWN_STYLE}
        self.pictures = {f"/{name}": stylesheet.parent / name for name in _PICTURES} if stylesheet else {}

    def file(self, path: str) -> tuple[bytes, str] | None:
        """Return a file with its kind; None where the path names none."""
        if path in self.styles:
            file = self.styles[path]
            return (file.read_bytes() if file else b""), "text/css; charset=utf-8"
        if path in self.pictures:
            return self.pictures[path].read_bytes(), "image/svg+xml"
        return None


@dataclass(frozen=True)
class Reader:
    """In which language and theme somebody reads; as the console keeps both."""

    language: str
    theme: str

    @property
    def say(self) -> Words:
        """Return what translates a marked sentence for the reader."""
        return words_of(self.language)


@dataclass(frozen=True)
class Shown:
    """One page.

    Attributes:
        title: of the room, marked with `N_`.
        warning: that it is a sandbox; marked with `N_`.
        content: of the room.
        done: what came of the last order; empty for nothing.
        failed: why the last order was not possible; empty where it was.
    """

    title: str
    warning: str
    content: Html
    done: str = ""
    failed: str = ""


def reader_of(*, languages: str, cookies: str) -> Reader:
    """Return the reader of a request.

    Args:
        languages: its header ``Accept-Language``.
        cookies: its header ``Cookie``.
    """
    kept = _cookies(cookies)
    asked = "en" if languages.lower().startswith("en") else "zh-hans"
    theme = kept.get("yutang_theme", "auto")
    return Reader(known_language(kept.get("django_language") or asked), theme if theme in _THEMES else "auto")


def known_language(language: str) -> str:
    """Return a language of the pages: Chinese for any other."""
    return language if language in LANGUAGES else "zh-hans"


def local(address: str, rooms: Mapping[str, object]) -> str:
    """Return an address of these rooms; the first one for any other."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path not in rooms or "\r" in address or "\n" in address:
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def framed(shown: Shown, *, rooms: Mapping[str, str], at: str, back: str, reader: Reader, look: Look) -> bytes:
    """Return a page in full.

    Args:
        shown: what it shows.
        rooms: titles by path, marked with `N_`.
        at: path of the room.
        back: its address, to which a change of the language leads.
        reader: who reads.
        look: of the product.
    """
    say = reader.say
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", say(shown.title)),
        *(tag("link", rel="icon", href=one, type="image/svg+xml") for one in list(look.pictures)[:1]),
        *(tag("link", rel="stylesheet", href=one) for one in look.styles),
    )
    main = tag(
        "main",
        tag("div", tag("p", say(shown.warning)), class_="notice notice-warn", role="note"),
        _failure(say, shown.failed),
        tag("div", tag("p", say(shown.done)), class_="notice", role="status") if shown.done else "",
        tag("h1", say(shown.title)),
        shown.content,
        class_="page stack-l",
        id="page",
    )
    lang = "zh-Hans" if reader.language == "zh-hans" else "en"
    body = tag("body", _top(rooms, at, back, reader), main)
    return f"<!doctype html>{tag('html', head, body, lang=lang, data_theme=reader.theme)}".encode()


def _top(rooms: Mapping[str, str], at: str, back: str, reader: Reader) -> Html:
    say = reader.say
    links = [
        tag("a", say(title), class_="pill", href=one, aria_current="page" if one == at else None)
        for one, title in rooms.items()
    ]
    other = "en" if reader.language == "zh-hans" else "zh-hans"
    switch = tag(
        "a",
        "English" if other == "en" else "中文",
        class_="btn btn-ghost btn-small",
        href=f"/language?to={other}&back={quote(back, safe='')}",
    )
    return tag("header", tag("nav", *links, class_="pills", aria_label=say(N_("Roles"))), switch, class_="sandbox-top")


def _failure(say: Words, failed: str) -> Html:
    if not failed:
        return Html("")
    return tag(
        "div",
        tag("p", say(N_("Not possible: %(why)s.")) % {"why": say(failed)}),
        class_="notice notice-down",
        role="alert",
    )


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
