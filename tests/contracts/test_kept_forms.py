"""Back and refresh lose no work: a form that a person writes in keeps its draft, or is named here with a reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "src" / "yutang" / "console" / "templates"
#: A tag of HTML with tags of templates inside, which may hold ``>``.
_TAG = r"(?:[^>{]|\{%.*?%\}|\{\{.*?\}\}|\{)*>"
_FORM = re.compile(rf"<form\b{_TAG}.*?</form>", re.DOTALL)
_HEAD = re.compile(rf"<form\b{_TAG}", re.DOTALL)
_FIELD = re.compile(rf"<(?:input|textarea)\b{_TAG}", re.DOTALL)
_INCLUDE = re.compile(r'\{% include "(console/[^"]+)"[^%]*%\}')
_NO_TEXT = re.compile(r'type="(?:hidden|checkbox|radio|file|submit|button|password)"|\sreadonly>')

_ONCE = "a code or a number that is written for this one time: it must not come back by itself"
_MONEY = "money changes hands: an amount of before must not stand ready to be sent"
_SHARED = "one dialog for many things: what was written about one must not stand at another"
#: Template and first field of text: why no draft is kept.
WITHOUT = {
    ("account/code.html", "code"): _ONCE,
    ("account/login.html", "username"): "nobody is logged in: who comes next must not find who came before",
    ("balances/dialogs.html", "amount"): _MONEY,
    ("campaigns/confirm.html", "people"): "the number is written again so that somebody thinks of it",
    ("content/one.html", "q"): "a search, which nothing keeps",
    ("coupons/redeem.html", "code"): _MONEY,
    ("customers/coupon_dialogs.html", "reason"): _SHARED,
    ("parts/palette.html", "q"): "a search, which nothing keeps",
    ("parts/unmask.html", "note"): _SHARED,
    ("profile/second_factor.html", "code"): _ONCE,
    ("today/dialog.html", "note"): _SHARED,
    ("visits/check_in.html", "code"): _ONCE,
    ("visits/today.html", "code"): _ONCE,
}


def _forms() -> Iterator[tuple[str, str, str]]:
    """Yield every form that sends: its template, its first tag, its whole text with what it includes."""
    for path in sorted(FOLDER.rglob("*.html")):
        name = str(path.relative_to(FOLDER / "console"))
        if name.startswith("components/"):
            continue
        for found in _FORM.finditer(path.read_text(encoding="utf-8")):
            head = _HEAD.match(found[0])
            assert head is not None
            if 'method="post"' in head[0]:
                yield name, head[0], _whole(found[0])


def _whole(text: str, above: frozenset[str] = frozenset()) -> str:
    """Return a text with what it includes; a template that includes itself is read once."""

    def included(found: re.Match[str]) -> str:
        if found[1] in above:
            return ""
        return _whole((FOLDER / found[1]).read_text(encoding="utf-8"), above | {found[1]})

    return _INCLUDE.sub(included, text)


def _texts(form: str) -> list[str]:
    """Return the names of the fields that a person writes in."""
    fields = [one for one in _FIELD.findall(form) if not _NO_TEXT.search(one)]
    return [named[1] for one in fields if (named := re.search(r'\sname="([^"]+)"', one))]


def test_keep_what_is_written_or_say_why_not() -> None:
    written = [(name, head, texts[0]) for name, head, form in _forms() if (texts := _texts(form))]
    without = {(name, first) for name, head, first in written if "data-keep" not in head}

    assert without == set(WITHOUT)
    assert len(written) > 50


def test_no_two_templates_keep_under_one_name() -> None:
    keys = {(name, key) for name, head, _form in _forms() for key in re.findall(r'data-keep="([^"]+)"', head)}

    assert [key for key, many in Counter(key for _name, key in keys).items() if many > 1] == []
