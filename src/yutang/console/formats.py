"""How numbers, money, days and instants are written in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.lists import format_list
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)
from django.utils import timezone
from django.utils.translation import get_language

from yutang.kit.money import from_minor, shop_sign, written

_LOCALES = {"zh-hans": Locale.parse("zh_Hans_CN"), "en": Locale.parse("en")}
#: From here on an amount is shortened (764.73万, 7.6M).
_COMPACT_FROM = 100_000


def reader_locale() -> Locale:
    """Return the Babel locale of the language that is being shown."""
    return _LOCALES.get(get_language() or "", _LOCALES["zh-hans"])


def number(value: float | Decimal) -> str:
    """Return the number with the reader's separators and at most two decimals."""
    return format_decimal(value, format="#,##0.##", locale=reader_locale())


def compact_number(value: float) -> str:
    """Return the number whole below a hundred thousand and shortened from there (3.6万, 36K)."""
    if abs(value) < _COMPACT_FROM:
        return number(value)
    return format_compact_decimal(value, fraction_digits=_compact_digits(), locale=reader_locale())


def shortened(text: str, most: int) -> str:
    """Return a text of no more than so many characters, with … where something is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def money(minor: int, currency: str = "CNY") -> str:
    """Return an exact amount with its currency sign."""
    return written(minor, currency=currency, locale=reader_locale())


def compact_money(minor: int, currency: str = "CNY") -> str:
    """Return an amount without decimals below a hundred thousand and shortened from there (¥764.73万, ¥7.6M)."""
    amount = from_minor(minor, currency=currency)
    if abs(amount) < 1000:
        text = format_currency(amount, currency, locale=reader_locale())
    elif abs(amount) < _COMPACT_FROM:
        text = format_currency(amount, currency, format="¤#,##0", currency_digits=False, locale=reader_locale())
    else:
        text = format_compact_currency(amount, currency, fraction_digits=_compact_digits(), locale=reader_locale())
    return shop_sign(text, currency)


def plain_amount(minor: int, currency: str = "CNY") -> str:
    """Return an amount as a form takes it: without sign and separators, and without decimals that say nothing."""
    amount = from_minor(minor, currency=currency)
    return str(int(amount)) if amount == int(amount) else str(amount)


def whole_money(minor: int, currency: str = "CNY") -> str:
    """Return an amount without decimals, shortened when it is large: for effects and estimates."""
    amount = from_minor(minor, currency=currency)
    if abs(amount) >= _COMPACT_FROM:
        return compact_money(minor, currency)
    text = format_currency(amount, currency, format="¤#,##0", currency_digits=False, locale=reader_locale())
    return shop_sign(text, currency)


def percent(ratio: float, decimals: int = 1) -> str:
    """Return the ratio as a percentage."""
    return format_percent(ratio, format=f"#,##0.{'0' * decimals}%" if decimals else "#,##0%", locale=reader_locale())


def signed_percent(ratio: float) -> str:
    """Return a change as a percentage that carries its sign, with a true minus."""
    return ("+" if ratio > 0 else "−" if ratio < 0 else "") + percent(abs(ratio))


def day(value: date | None) -> str:
    """Return a calendar day; a dash where there is none."""
    if value is None:
        return "—"
    return format_date(value, format="yyyy-MM-dd" if _is_chinese() else "d MMM yyyy", locale=reader_locale())


def day_before(end: date | None) -> str:
    """Return the last day of what ends with the beginning of a day; a dash where there is none."""
    return day(end - timedelta(days=1) if end else None)


def weekday(value: date) -> str:
    """Return the name of a day's weekday."""
    return format_date(value, "EEEE", locale=reader_locale())


def day_of_year(value: str) -> str:
    """Return a month and day, such as ``05-01``, without the year."""
    shown = date.fromisoformat(f"2000-{value}")
    return format_date(shown, format="M月d日" if _is_chinese() else "d MMM", locale=reader_locale())


def month(value: date) -> str:
    """Return the month of a day."""
    return format_date(value, format="yyyy年M月" if _is_chinese() else "MMM yyyy", locale=reader_locale())


def moment(value: datetime | None) -> str:
    """Return an instant in the local zone to the minute; a dash where there is none."""
    if value is None:
        return "—"
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_datetime(
        local, format="yyyy-MM-dd HH:mm" if _is_chinese() else "d MMM yyyy, HH:mm", tzinfo=None, locale=reader_locale()
    )


def distance(value: datetime, *, now: datetime) -> str:
    """Return how far an instant lies from now ("3 天后", "2 hours ago")."""
    return format_timedelta(value - now, add_direction=True, locale=reader_locale())


def listed(words: Sequence[str]) -> str:
    """Return words one after the other, as the reader's language lists them."""
    return str(format_list(words, locale=reader_locale()))


def sentences(*parts: str) -> str:
    """Return sentences one after the other, as the reader's language sets them: Chinese without a space between."""
    return ("" if _is_chinese() else " ").join(part for part in parts if part)


def _is_chinese() -> bool:
    return reader_locale().language == "zh"


def _compact_digits() -> int:
    return 2 if _is_chinese() else 1
