"""The language of the command line: from YUTANG_LANG or the locale, Chinese first."""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path

from yutang.kit.text import Sentence

LOCALES = Path(__file__).resolve().parents[1] / "locale"


def language() -> str:
    """Return ``zh-hans`` or ``en``: YUTANG_LANG, else the locale's language, else Chinese."""
    for name in ("YUTANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").lower()
        if value.startswith("zh"):
            return "zh-hans"
        if value.startswith("en"):
            return "en"
    return "zh-hans"


def _(message: str) -> str:
    """Return the message in the language of the command line; in English where the catalogues are not compiled."""
    return _catalogue(language()).gettext(message) if message else ""


def say(sentence: Sentence) -> str:
    """Return a stored or raised sentence in the language of the command line."""
    template = _(sentence.template)
    return template % sentence.values if sentence.values else template


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    folder = "zh_Hans" if code == "zh-hans" else code
    return gettext.translation("django", localedir=LOCALES, languages=[folder], fallback=True)
