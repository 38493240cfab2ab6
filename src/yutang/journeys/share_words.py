"""The check of words reads share cards of referral: the two programmes do not know each other, this room knows both."""

from __future__ import annotations

from yutang.content.checking import REASONS, findings_in
from yutang.kit.text import Sentence
from yutang.referral.word_checks import WORD_CHECKS, Risky, WordCheck


def risky_in(text: str) -> tuple[Risky, ...]:
    """Return what is risky in a text that customers pass on."""
    return tuple(
        Risky(one.written, Sentence(REASONS[one.reason]), one.severity == "block") for one in findings_in(text)
    )


WORD_CHECKS.register(WordCheck("content", risky_in))
