"""Codes of coupons: made so that nobody guesses one, read so that a slip of the finger is noticed at once."""

from __future__ import annotations

import secrets
import unicodedata

#: Without what looks like something else: no 0 and O, no 1, I and L. Its length is prime, so that the check below finds every slip.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: Random characters and one to check: 11 x log2(31) = 54.5 bits.
LENGTH = 12
#: Shortest and longest code that another shop system may have. Characters.
SHORTEST, LONGEST = 4, 40
_PRIME = len(ALPHABET)
_BLOCK = 4


def made_codes(n: int) -> list[str]:
    """Return n different codes of random characters, each with its check character at the end."""
    codes: dict[str, None] = {}
    while len(codes) < n:
        body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
        codes[body + check_character(body)] = None
    return list(codes)


def check_character(body: str) -> str:
    """Return the character that stands behind the others: their places weighted by 2, 3, … and summed modulo 31.

    The weights differ and are not 0 modulo the prime, the check character's own is 1: one wrong character, or two that changed
    places, never give the same sum.

    Source: the scheme of ISBN-10 (ISO 2108:1992) with 31 in place of 11.
    """
    total = sum(weight * ALPHABET.index(one) for weight, one in enumerate(reversed(body), 2))
    return ALPHABET[-total % _PRIME]


def compared(written: str) -> str:
    """Return a code as it is compared: capitals, without spaces and hyphens, wide characters as narrow ones."""
    narrow = unicodedata.normalize("NFKC", written).upper()
    return "".join(one for one in narrow if not one.isspace() and one not in "-‐‑‒–—_")


def is_mistyped(code: str) -> bool:
    """Return whether something of the form of our codes fails its check: a slip, not a code that somebody made up."""
    return len(code) == LENGTH and all(one in ALPHABET for one in code) and check_character(code[:-1]) != code[-1]


def in_blocks(code: str) -> str:
    """Return a code of ours as people read it, ``K7QM-…``; another one as it is."""
    if len(code) != LENGTH or any(one not in ALPHABET for one in code):
        return code
    return "-".join(code[start : start + _BLOCK] for start in range(0, LENGTH, _BLOCK))
