"""Stored sentences, spoken in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from yutang.console import formats, words
from yutang.kit.text import Sentence, filled


def spoken(sentence: Sentence | Mapping[str, Any] | str | None) -> str:
    """Return a sentence in the reader's language.

    Values that end in ``_minor`` are money (``currency`` beside them, CNY otherwise), ``_date`` and ``_on`` are days,
    ``_at`` are instants, and values that are sentences themselves are spoken first. A plain string is translated as it is.
    """
    if not sentence:
        return ""
    if isinstance(sentence, str):
        return gettext(sentence)
    if not isinstance(sentence, Sentence):
        sentence = Sentence.from_json(sentence)
    text = gettext(sentence.template)
    if not sentence.values:
        return text
    currency = str(sentence.values.get("currency", "CNY"))
    return filled(text, {name: _written(name, value, currency) for name, value in sentence.values.items()})


def spoken_name(name: Sentence | str) -> str:
    """Return what somebody is called: their name as it is, or the sentence that stands in its place."""
    return name if isinstance(name, str) else spoken(name)


def _written(name: str, value: Any, currency: str) -> Any:
    if isinstance(value, Sentence) or (isinstance(value, Mapping) and "template" in value):
        return spoken(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    if isinstance(value, (int, float)):
        return _written_number(name, value, currency)
    word = _written_word(name, value) if isinstance(value, str) else None
    return _written_time(name, value) if word is None else word


def _written_number(name: str, value: float, currency: str) -> Any:
    if name.endswith("_minor"):
        return formats.money(int(value), currency)
    return formats.percent(value) if name.endswith("_ratio") else value


def _written_word(name: str, value: str) -> str | None:
    """Return the word for a code that a sentence holds; None where the value is no such code."""
    if name in {"kind", "account"} and value in words.IDENTIFIERS:
        return words.identifier_label(value)
    return gettext(words.STATUSES[value]) if name == "status" and value in words.STATUSES else None


def _written_time(name: str, value: Any) -> Any:
    if name.endswith(("_date", "_on")) and isinstance(value, (str, date)):
        return formats.day(date.fromisoformat(value[:10]) if isinstance(value, str) else value)
    if name.endswith("_at") and isinstance(value, (str, datetime)):
        return formats.moment(datetime.fromisoformat(value) if isinstance(value, str) else value)
    return value
