"""Codes that people type: made so that nobody guesses one, read so that a slip of the finger is noticed at once."""

from __future__ import annotations

import secrets
import unicodedata

#: Without what looks like something else: no 0 and O, no 1, I and L. Its length is prime, so that the check below finds every slip.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_PRIME = len(ALPHABET)
_BLOCK = 4


def made_code(length: int) -> str:
    """Return a code of random characters with its check character at the end; each random one is worth 4.95 bits."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(length - 1))
    return body + check_character(body)


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


def is_mistyped(code: str, *, length: int) -> bool:
    """Return whether something of the form of our codes fails its check: a slip, not a code that somebody made up."""
    return is_of_our_form(code, length=length) and check_character(code[:-1]) != code[-1]


def in_blocks(code: str, *, length: int) -> str:
    """Return a code of ours as people read it, ``K7QM-…``; another one as it is."""
    if not is_of_our_form(code, length=length):
        return code
    return "-".join(code[start : start + _BLOCK] for start in range(0, length, _BLOCK))


def is_of_our_form(code: str, *, length: int) -> bool:
    """Return whether a code has the length and the characters of ours."""
    return len(code) == length and all(one in ALPHABET for one in code)
