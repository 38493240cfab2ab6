"""Small pieces of the page: everything that comes from outside is escaped here and nowhere else."""

from __future__ import annotations

import gettext
import html
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import yutang

#: Languages of the page, the first one when a browser asks for neither.
LANGUAGES = {"zh-hans": "zh_Hans", "en": "en"}
_LOCALES = Path(yutang.__file__).parent / "locale"

Words = Callable[[str], str]
#: An address of the web within words of Chinese or English.
_URL = re.compile(r"https?://[^\s<>\"'，。！？；：、（）《》【】“”]+")


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


@cache
def words_of(language: str) -> Words:
    """Return what translates a marked sentence."""
    folder = LANGUAGES.get(language, "zh_Hans")
    return gettext.translation("django", localedir=_LOCALES, languages=[folder], fallback=True).gettext


def text(value: object) -> Html:
    """Return anything as markup; what is not markup is escaped."""
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def joined(parts: Iterable[object]) -> Html:
    """Return parts one after the other."""
    return Html("".join(text(part) for part in parts))


def tag(name: str, /, *content: object, **attributes: object) -> Html:
    """Return an element; ``class_`` and ``for_`` are written without the underscore, True is a bare name, None nothing."""
    written = [
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{html.escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    ]
    start = f"<{name}{''.join(written)}>"
    return Html(start) if name in {"input", "meta", "link"} else Html(f"{start}{joined(content)}</{name}>")


def link(address: str, *content: object) -> Html:
    """Return a link that opens beside the page and tells nothing of it; the content alone where the address is not one of the web."""
    if _URL.fullmatch(address) is None:
        return joined(content)
    return tag("a", *content, href=address, target="_blank", rel="noopener noreferrer")


def linked(words: str) -> Html:
    """Return words with the addresses in them as links: as a phone shows them."""
    parts: list[object] = []
    end = 0
    for found in _URL.finditer(words):
        url = found[0].rstrip(".,;:!?)]}")
        parts += (words[end : found.start()], link(url, url))
        end = found.start() + len(url)
    return joined((*parts, words[end:]))


def card(title: str, *content: object) -> Html:
    """Return a card with a head."""
    return tag("section", tag("div", tag("h2", title), class_="card-head"), *content, class_="card")


def form(
    order: str, *content: object, back: str, label: str, hidden: dict[str, str] | None = None, kind: str = ""
) -> Html:
    """Return a form that gives an order and comes back.

    Args:
        order: what is ordered.
        content: fields.
        back: where it leads.
        label: what the button says.
        hidden: values that go with it.
        kind: look of the button, such as ``btn-primary``.
    """
    fixed = [
        tag("input", type="hidden", name=name, value=value) for name, value in {**(hidden or {}), "back": back}.items()
    ]
    button = tag("button", label, class_=f"btn btn-small {kind}".strip())
    return tag("form", *fixed, *content, button, method="post", action=f"/do/{order}", class_="row row-wrap")


def field(name: str, label: str, *, value: str = "", required: bool = True) -> Html:
    """Return a field for a line of text."""
    return tag(
        "input",
        name=name,
        value=value,
        class_="input",
        aria_label=label,
        placeholder=label,
        required=required,
        maxlength=60,
    )


def choice(name: str, label: str, options: Iterable[tuple[str, str]], *, chosen: str = "") -> Html:
    """Return a field with a choice of values."""
    shown = [tag("option", title, value=value, selected=value == chosen) for value, title in options]
    return tag("select", *shown, name=name, class_="select", aria_label=label)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> Html:
    """Return a table, or a sentence where there are no rows."""
    found = list(rows)
    if not found:
        return tag("p", empty, class_="muted")
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    body = [tag("tr", *(tag("td", cell) for cell in row)) for row in found]
    return tag(
        "div", tag("table", tag("thead", head), tag("tbody", *body), class_="table"), class_="scroll-x", tabindex="0"
    )
