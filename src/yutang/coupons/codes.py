"""Codes of coupons: twelve characters, eleven of them by chance (see `kit.typed_codes`)."""

from __future__ import annotations

from yutang.kit import typed_codes
from yutang.kit.typed_codes import ALPHABET, check_character, compared

__all__ = [
    "ALPHABET",
    "LENGTH",
    "LONGEST",
    "SHORTEST",
    "check_character",
    "compared",
    "in_blocks",
    "is_mistyped",
    "made_codes",
]

#: Random characters and one to check: 11 x log2(31) = 54.5 bits.
LENGTH = 12
#: Shortest and longest code that another shop system may have. Characters.
SHORTEST, LONGEST = 4, 40


def made_codes(n: int) -> list[str]:
    """Return n different codes of random characters, each with its check character at the end."""
    codes: dict[str, None] = {}
    while len(codes) < n:
        codes[typed_codes.made_code(LENGTH)] = None
    return list(codes)


def is_mistyped(code: str) -> bool:
    """Return whether something of the form of our codes fails its check: a slip, not a code that somebody made up."""
    return typed_codes.is_mistyped(code, length=LENGTH)


def in_blocks(code: str) -> str:
    """Return a code of ours as people read it, ``K7QM-…``; another one as it is."""
    return typed_codes.in_blocks(code, length=LENGTH)
