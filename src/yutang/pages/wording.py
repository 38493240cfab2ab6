"""How the pages of customers write money, days, instants and refusals in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from django.utils import timezone
from django.utils.translation import get_language, gettext

from yutang.kit.money import written
from yutang.kit.text import Sentence, filled

_LOCALES = {"zh-hans": Locale.parse("zh_Hans_CN"), "en": Locale.parse("en_GB")}


def money(minor: int, currency: str = "CNY") -> str:
    """Return an exact amount with the sign of its currency."""
    return written(minor, currency=currency, locale=_locale())


def day(value: date) -> str:
    """Return a day of this or the next year with its weekday: 3月11日 星期三, Wednesday 11 March."""
    chinese = _locale().language == "zh"
    return format_date(value, "M月d日 EEEE" if chinese else "EEEE d MMMM", locale=_locale())


def short_day(value: date) -> tuple[str, str]:
    """Return (weekday, day of the month) for a row of days to choose from."""
    chinese = _locale().language == "zh"
    return format_date(value, "EEE", locale=_locale()), format_date(
        value, "M/d" if chinese else "d MMM", locale=_locale()
    )


def clock(value: datetime) -> str:
    """Return the time of day of an instant, in the zone that it carries."""
    return format_time(value, "HH:mm", tzinfo=value.tzinfo, locale=_locale())


def moment(value: datetime) -> str:
    """Return day and time of day of an instant on the organisation's clock."""
    local = timezone.localtime(value)
    return f"{day(local.date())} {clock(local)}"


def spoken(sentence: Sentence | Mapping[str, Any] | str | None) -> str:
    """Return a sentence in the reader's language; values that end in ``_minor`` are money, in ``_at`` instants, in ``_date`` days."""
    if not sentence:
        return ""
    if isinstance(sentence, str):
        return gettext(sentence)
    if not isinstance(sentence, Sentence):
        sentence = Sentence.from_json(sentence)
    currency = str(sentence.values.get("currency", "CNY"))
    return filled(gettext(sentence.template), {k: _said(k, v, currency) for k, v in sentence.values.items()})


def _said(name: str, value: Any, currency: str) -> Any:
    if isinstance(value, Sentence) or (isinstance(value, Mapping) and "template" in value):
        return spoken(value)
    if name.endswith("_minor") and isinstance(value, int):
        return money(value, currency)
    if name.endswith("_at") and isinstance(value, str):
        return moment(datetime.fromisoformat(value))
    if name.endswith("_date") and isinstance(value, str):
        return day(date.fromisoformat(value))
    return value


def _locale() -> Locale:
    return _LOCALES.get(get_language() or "", _LOCALES["zh-hans"])
