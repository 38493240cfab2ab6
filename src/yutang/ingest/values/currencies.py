"""Currencies, as their ISO code or as shops call them."""

from __future__ import annotations

import pyarrow as pa
from babel.numbers import list_currencies

from yutang.ingest.values.outcome import UNKNOWN_CURRENCY, Parsed, each_distinct
from yutang.ingest.values.texts import cleaned

#: What stands in files where a code should.
_WORDS = {
    "人民币": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "CNH": "CNY",
    "美元": "USD",
    "日元": "JPY",
    "港币": "HKD",
    "欧元": "EUR",
}
_CODES = frozenset(list_currencies())


def currency(array: pa.StringArray) -> Parsed:
    """Return ISO 4217 codes; a cell that names none in use is a problem."""
    return each_distinct(cleaned(array), _code_of, pa.string())


def _code_of(text: str | None) -> tuple[str | None, str | None]:
    if not text:
        return None, None
    code = _WORDS.get(text.upper(), text.upper())
    return (code, None) if code in _CODES else (None, UNKNOWN_CURRENCY)
