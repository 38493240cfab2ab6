"""The language of the command line: from YUTANG_LANG or the locale, Chinese first."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from yutang.kit.money import written
from yutang.kit.text import Sentence, Sentences, filled

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
    """Return a stored or raised sentence in the language of the command line.

    Values that end in ``_minor`` are money (``currency`` beside them, CNY otherwise), as the console writes them.
    """
    template = _(sentence.template)
    if not sentence.values:
        return template
    currency = str(sentence.values.get("currency", "CNY"))
    return filled(template, {name: _written(name, value, currency) for name, value in sentence.values.items()})


def _written(name: str, value: Any, currency: str) -> Any:
    if name.endswith("_minor") and isinstance(value, int):
        return written(value, currency=currency, locale="zh_Hans_CN" if language() == "zh-hans" else "en")
    if name.endswith("_at") and value:
        return _moment(value)
    if isinstance(value, Mapping) and "template" in value:
        value = Sentence.from_json(value)
    if isinstance(value, Sentence):
        return say(value)
    if isinstance(value, Sentences):
        return value.between.join(map(say, value.each))
    if name == "status":
        from yutang.ingest.queries import status_title

        return status_title(str(value))
    return value


def _moment(value: Any) -> Any:
    """Return an instant to the minute on the clock of the machine; what is none stays as it is."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at.tzinfo else value


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    folder = "zh_Hans" if code == "zh-hans" else code
    return gettext.translation("django", localedir=LOCALES, languages=[folder], fallback=True)
