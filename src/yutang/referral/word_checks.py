"""Who reads the words of share cards before friends do; the room of contents is plugged in by one that knows both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yutang.kit.registry import Registry
from yutang.kit.text import Sentence
from yutang.referral.refusals import WordsAreRisky


@dataclass(frozen=True)
class Risky:
    """Words that cannot stand: what is written, and why not."""

    written: str
    reason: Sentence
    blocks: bool


@dataclass(frozen=True)
class WordCheck:
    """Somebody who reads words."""

    name: str
    reads: Callable[[str], tuple[Risky, ...]]


WORD_CHECKS: Registry[WordCheck] = Registry(what="checks of the words of share cards", name_of=lambda one: one.name)


def risky_words(*texts: str) -> tuple[Risky, ...]:
    """Return what is risky in texts, what forbids it first."""
    found = [one for check in WORD_CHECKS for text in texts for one in check.reads(text)]
    return tuple(sorted(found, key=lambda one: not one.blocks))


def require_harmless(*texts: str) -> None:
    """Raise for the first words that law or platform forbid.

    Raises:
        WordsAreRisky: with the reason.
    """
    for one in risky_words(*texts):
        if one.blocks:
            raise WordsAreRisky(written=one.written, reason=one.reason.as_json())
