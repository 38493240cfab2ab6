"""Personal data in a text that goes to many: numbers of cards and phones, addresses, known by their form and check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from yutang.content.marks import Mark

_ID_CARD = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])"
)
_BANK_CARD = re.compile(r"(?<![\d.])(?:62|4\d|5[1-5]|35)(?:[ -]?\d){13,17}(?![\d.])")
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d.])")
_EMAIL = re.compile(r"(?<![\w.+/-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_HOME = re.compile(r"\d+\s?(?:号楼|栋|幢|弄)\s?(?:\d+\s?(?:单元|号))?\s?\d{2,4}\s?室")
#: Source: GB 11643-1999, ISO 7064 MOD 11-2.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def personal_marks(text: str) -> Iterator[Mark]:
    """Yield what looks like personal data; numbers of cards only where their check digit holds."""
    taken: list[tuple[int, int]] = []
    for pattern, code, blocks in (
        (_ID_CARD, "id_card", True),
        (_BANK_CARD, "bank_card", True),
        (_MOBILE, "mobile", False),
        (_EMAIL, "email", False),
        (_HOME, "home", False),
    ):
        for found in pattern.finditer(text):
            start, end = found.span()
            if _holds(code, found[0]) and not any(start < until and since < end for since, until in taken):
                taken.append((start, end))
                yield Mark(start, end, code, blocks)


def _holds(code: str, written: str) -> bool:
    if code == "id_card":
        total = sum(int(digit) * weight for digit, weight in zip(written[:17], _WEIGHTS, strict=True))
        return _CHECKS[total % 11] == written[17].upper()
    if code == "bank_card":
        return _luhn(re.sub(r"\D", "", written))
    return True


def _luhn(digits: str) -> bool:
    """Return whether a number carries its check digit. Source: ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return len(digits) >= 15 and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
