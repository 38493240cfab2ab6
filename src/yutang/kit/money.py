"""Money as integer minor units (fen, cents) plus an ISO 4217 currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

#: Currencies whose minor unit is not a hundredth. Source: ISO 4217 table A.1.
_DECIMALS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "TND": 3}


def decimals_of(currency: str) -> int:
    """Return how many decimals the currency writes after the point."""
    return _DECIMALS.get(currency, 2)


def to_minor(amount: Decimal, *, currency: str = "CNY") -> int:
    """Return the amount in minor units, half rounded away from zero."""
    scaled = amount.scaleb(decimals_of(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_minor(minor: int, *, currency: str = "CNY") -> Decimal:
    """Return minor units as an exact decimal amount."""
    return Decimal(minor).scaleb(-decimals_of(currency))
