"""Amounts of money and counts."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.values.outcome import (
    NOT_A_NUMBER,
    NOT_A_WHOLE_NUMBER,
    NUMBER_TOO_LARGE,
    OTHER_CURRENCY,
    Parsed,
    cast_whole,
    each_distinct,
    positions_where,
    spliced,
    without_problems,
)
from yutang.ingest.values.texts import cleaned

MONEY_TYPE = pa.decimal128(20, 6)
_MILLIONTH = Decimal("0.000001")
_LARGEST = Decimal(10) ** 13
#: Quantities are stored in 32 bits.
_LARGEST_COUNT = 2**31
#: Remarks that platforms put behind an amount, as in ``499.00（系统计算中，该值仅供参考）``.
_REMARK = re.compile(r"(?<=[\d元])\s*\(.*\)$|(?<=[\d元])\s*\[.*\]$")
_AMOUNT = re.compile(
    r"(?P<sign>[-+]?)(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?P<exponent>[eE][-+]?\d{1,2})?"
)
_GROUPED = r"^-?\d{1,3}(,\d{3}){1,3}(\.\d{1,6})?$"
_DRESSED_YUAN = r"^[¥￥]?-?(\d{1,3}(,\d{3}){1,3}|\d{1,12})(\.\d{1,6})?元?$"
_CODE = re.compile(r"^([A-Z]{3}) ?(?=[-+\d.])|(?<=\d) ?([A-Z]{3})$")
_SYMBOLS = {"¥": {"CNY", "JPY"}, "$": None, "€": {"EUR"}, "£": {"GBP"}, "元": {"CNY"}, "圆": {"CNY"}, "RMB": {"CNY"}}
_UNITS = re.compile(r"\s*(?:件|个|只|盒|份|台|套|瓶|张|条|双|人|次|pcs?|pieces?)$", re.IGNORECASE)


def money(array: pa.StringArray, *, currency: str) -> Parsed:
    """Return exact amounts in major units, with up to six decimals (more are rounded, half away from zero)."""
    cells = cleaned(array)
    if (amounts := cast_whole(cells, MONEY_TYPE)) is not None:
        return without_problems(amounts)
    plain = pc.match_substring_regex(cells, r"^-?\d{1,13}(\.\d{1,6})?$")
    easy, rest = positions_where(plain), positions_where(pc.invert(plain))
    others = cells.take(rest)
    dressed = pc.match_substring_regex(others, _DRESSED_YUAN if currency == "CNY" else _GROUPED)
    near, far = positions_where(dressed), positions_where(pc.invert(dressed))
    bare = pc.replace_substring(pc.utf8_trim(others.take(near), "¥￥元"), ",", "")
    pieces = [
        (easy, without_problems(pc.cast(cells.take(easy), MONEY_TYPE))),
        (rest[near], without_problems(pc.cast(bare, MONEY_TYPE))),
        (rest[far], each_distinct(others.take(far), lambda cell: _amount(cell, currency), MONEY_TYPE)),
    ]
    return spliced(len(cells), pieces, MONEY_TYPE)


def integer(array: pa.StringArray) -> Parsed:
    """Return whole numbers; ``6.0`` and ``6件`` are six, ``6.5`` is a problem."""
    cells = cleaned(array)
    plain = pc.match_substring_regex(cells, r"^-?\d{1,9}(\.0{1,6})?$")
    easy, odd = positions_where(plain), positions_where(pc.invert(plain))
    # Nine digits are exact in a float64.
    counts = pc.cast(pc.cast(cells.take(easy), pa.float64()), pa.int64())
    if not odd.size and len(easy) == len(cells):
        return without_problems(counts)
    pieces = [(easy, without_problems(counts)), (odd, each_distinct(cells.take(odd), _count, pa.int64()))]
    return spliced(len(cells), pieces, pa.int64())


def _amount(cell: str, currency: str) -> tuple[Decimal | None, str | None]:
    text, stated = _without_currency(_REMARK.sub("", unicodedata.normalize("NFKC", cell).strip()))
    if stated is not None and currency not in stated:
        return None, OTHER_CURRENCY
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    if not (found := _AMOUNT.fullmatch(text.replace("−", "-"))):
        return None, NOT_A_NUMBER
    amount = Decimal(found["sign"] + found["number"].replace(",", "") + (found["exponent"] or ""))
    if abs(amount) >= _LARGEST:
        return None, NUMBER_TOO_LARGE
    return amount.quantize(_MILLIONTH, rounding=ROUND_HALF_UP), None


def _without_currency(text: str) -> tuple[str, set[str] | None]:
    """Return the text without signs and codes of currencies, and the currencies that these allow (None: any)."""
    stated: set[str] | None = None
    for symbol, currencies in _SYMBOLS.items():
        if symbol in text and len(text) > len(symbol):
            text, stated = text.replace(symbol, "", 1).strip(), currencies
    if code := _CODE.search(text):
        stated = {code[1] or code[2]}
        text = _CODE.sub("", text).strip()
    return text, stated


def _count(cell: str) -> tuple[int | None, str | None]:
    text = _UNITS.sub("", unicodedata.normalize("NFKC", cell).strip())
    if not _AMOUNT.fullmatch(text):
        return None, NOT_A_NUMBER
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None, NOT_A_NUMBER
    if abs(number) >= _LARGEST_COUNT:
        return None, NUMBER_TOO_LARGE
    return (int(number), None) if number == number.to_integral_value() else (None, NOT_A_WHOLE_NUMBER)
