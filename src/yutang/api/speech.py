"""Stored and raised sentences in the language that the caller asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_percent
from django.conf import settings
from django.utils.translation import get_language, get_supported_language_variant, gettext
from django.utils.translation.trans_real import parse_accept_lang_header

from yutang.kit.money import written
from yutang.kit.text import Sentence, filled


def language_of(accepted: str) -> str:
    """Return the language for a header Accept-Language; Chinese where it names none that is spoken here."""
    for code, _quality in parse_accept_lang_header(accepted.lower()):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)


def spoken(sentence: Sentence | Mapping[str, Any] | str | None) -> str:
    """Return a sentence in the language of the answer.

    Values that end in ``_minor`` are money (``currency`` beside them, CNY otherwise), in ``_ratio`` shares; values that are
    sentences themselves are spoken first.
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


def _written(name: str, value: Any, currency: str) -> Any:
    if isinstance(value, Sentence) or (isinstance(value, Mapping) and "template" in value):
        return spoken(value)
    locale = "en" if get_language() == "en" else "zh_Hans_CN"
    if name.endswith("_minor") and isinstance(value, int):
        return written(value, currency=currency, locale=locale)
    if name.endswith("_ratio") and isinstance(value, (int, float)):
        return format_percent(value, locale=locale)
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
