"""Phone numbers: E.164 only for a number that reaches one person, in clear."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.values.outcome import Parsed, each_distinct, one_array, positions_where, without_problems
from yutang.ingest.values.texts import cleaned

PHONE_TYPE = pa.struct([("e164", pa.string()), ("masked", pa.string())])
_REGION = "CN"
#: With fewer digits a cell does not even try to be a number.
_SOME_DIGITS = 3
_NO_TEXT = pa.scalar(None, pa.string())
_MOBILE = r"^1[3-9]\d{9}$"
_PREFIXED_MOBILE = r"^(\+?86|0086)[- ]?1[3-9]\d{9}$"
_MASK = re.compile(r"\d[\d\- ]*[*＊×•●xX]{2,}[\d\-]*$|^[*＊×•●]{2,}\d+$")
_CIPHER = re.compile(r"^(##|\$\$|~|#)|[=/]{2,}$|[A-Za-z]{4,}")
#: A virtual number is dialled with an extension: it reaches whoever the platform says, and only for a while.
_EXTENSION = re.compile(r"(?:^|\d)\s*(?:转|轉|ext\.?|分机|,|#|x)\s*\d{1,6}\s*$|\d{11}[-_ ]\d{2,6}$", re.IGNORECASE)
#: Service numbers of companies: 400, 800, 95xxx, 96xxx, 10xxx, 12xxx, 106...
_HOTLINE = re.compile(
    r"^(?:\+?86)?(?:0?(?:400\d{7}|800\d{7}|9[56]\d{3,8}|1(?:00|01|06|2[0-9])\d{2,})|0\d{2,3}9[56]\d{3})$"
)
_IN_ADDRESS = r"^(?P<name>[^，,]{1,40})[，,]\s*(?P<phone>(?:\+?86-?)?1[3-9]\d{9}(?:-\d{2,6})?)\s*[，,]\s*(?P<address>.+?)[\s，,]*$"


def phone(array: pa.StringArray) -> Parsed:
    """Return E.164 for clear personal numbers, the text for masked, relayed and mistyped ones, neither for all others."""
    cells = cleaned(array)
    mobile = pc.match_substring_regex(cells, _MOBILE)
    e164 = pc.if_else(mobile, pc.binary_join_element_wise("+86", cells, ""), _NO_TEXT)
    rest = positions_where(pc.invert(mobile))
    if not rest.size:
        return _numbers(e164, pa.nulls(len(cells), pa.string()))
    odd = cells.take(rest)
    prefixed = pc.match_substring_regex(odd, _PREFIXED_MOBILE)
    national = pc.utf8_slice_codeunits(odd, -11, 2**31 - 1)
    odd_e164 = pc.if_else(prefixed, pc.binary_join_element_wise("+86", national, ""), _NO_TEXT)
    judged = each_distinct(pc.if_else(prefixed, _NO_TEXT, odd), lambda cell: (_judged(cell), None), PHONE_TYPE).values
    odd_e164 = pc.coalesce(odd_e164, pc.struct_field(judged, "e164"))
    mask = np.zeros(len(cells), np.bool_)
    mask[rest] = True
    where, nothing = pa.array(mask), pa.nulls(len(cells), pa.string())
    masked = pc.replace_with_mask(nothing, where, pc.struct_field(judged, "masked"))
    return _numbers(pc.replace_with_mask(e164, where, odd_e164), masked)


def person_in_address(array: pa.StringArray) -> pa.StructArray:
    """Return name, phone and address out of cells such as ``姓名，86-13900000004，省 市 区 街道 ，``.

    Returns:
        Struct of ``name``, ``phone`` (as `phone` gives it) and ``address``, shape (n,); where a cell is an address only,
        name and phone are null.
    """
    cells = cleaned(array)
    parts = pc.extract_regex(cells, _IN_ADDRESS)
    found = pc.is_valid(parts)
    number = phone(one_array(pc.struct_field(parts, "phone"))).values
    address = pc.if_else(pc.fill_null(found, False), pc.struct_field(parts, "address"), cells)
    return pa.StructArray.from_arrays(
        [pc.struct_field(parts, "name"), number, address], names=["name", "phone", "address"]
    )


def _numbers(e164: pa.StringArray, masked: pa.StringArray) -> Parsed:
    return without_problems(pa.StructArray.from_arrays([one_array(e164), one_array(masked)], fields=list(PHONE_TYPE)))


def _judged(cell: str) -> dict[str, str | None]:
    text = unicodedata.normalize("NFKC", cell).strip().removesuffix(".0")
    if _MASK.search(text):
        return {"e164": None, "masked": text[:40]}
    digits = re.sub(r"[^\d+]", "", text)
    if _CIPHER.search(text):
        return _NOTHING
    e164 = None if _EXTENSION.search(text) or _HOTLINE.match(digits) else _e164(text)
    return {"e164": e164, "masked": None if e164 or sum(map(str.isdigit, text)) < _SOME_DIGITS else text[:40]}


def _e164(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    if phonenumbers.number_type(number) not in _PERSONAL:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_NOTHING: dict[str, str | None] = {"e164": None, "masked": None}
_PERSONAL = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
