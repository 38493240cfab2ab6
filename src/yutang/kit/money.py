"""Money as integer minor units (fen, cents) plus an ISO 4217 currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

#: Currencies whose minor unit is not a hundredth. Source: ISO 4217 table A.1.
_DECIMALS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "TND": 3}


def decimals_of(currency: str) -> int:
    """Return how many decimals the currency writes after the point."""
    return _DECIMALS.get(currency, 2)


def to_minor(amount: Decimal, *, currency: str = "CNY") -> int:
    """Return the amount in minor units, half rounded away from zero."""
    scaled = amount.scaleb(decimals_of(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def typed_minor(text: str, *, most: int, least: int = 0, currency: str = "CNY") -> int | None:
    """Return an amount that somebody typed, in minor units; None where it is no amount within the bounds.

    Args:
        text: a number, with or without spaces around it.
        most: the largest amount taken, in whole units of the currency.
        least: the smallest one, likewise.
        currency: ISO 4217.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    # Bounds come before arithmetic, which fails on 1e999999.
    return to_minor(amount, currency=currency) if amount.is_finite() and least <= amount <= most else None


def from_minor(minor: int, *, currency: str = "CNY") -> Decimal:
    """Return minor units as an exact decimal amount."""
    return Decimal(minor).scaleb(-decimals_of(currency))


def written(minor: int, *, currency: str, locale: Any) -> str:
    """Return an exact amount as people of a locale write it, with the sign of `shop_sign`.

    Args:
        minor: minor units.
        currency: ISO 4217.
        locale: Babel's, or its name (``zh_Hans_CN``, ``en``).
    """
    # Babel takes a while to load, which commands that write no money need not wait for.
    from babel.numbers import format_currency

    return shop_sign(format_currency(from_minor(minor, currency=currency), currency, locale=locale), currency)


def shop_sign(text: str, currency: str) -> str:
    """Return a written amount with the sign that shop people know: ¥ is the yuan in every language, and JP¥ the yen."""
    if currency == "CNY":
        return text.replace("CN¥", "¥")
    return text.replace("¥", "JP¥") if currency == "JPY" and "JP¥" not in text else text
