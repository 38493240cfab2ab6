"""The check of words for rooms whose words do not stand in the library: campaigns and playbooks with words of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from yutang.channels.said_words import CHECKS
from yutang.content.checking import GROUP_TITLES, REASONS, Finding, findings_in, without_opt_out
from yutang.content.organisation import own_words
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence


class WordsMayNotGoOut(DomainError):
    """Words hold what law or a platform forbids."""

    code: ClassVar[str] = "words_may_not_go_out"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The words cannot go out: “%(words)s” in line %(line)s (%(group)s). %(why)s")


#: A finding about which a person decides, in a sentence; `told` fills it.
WARNING = N_("“%(words)s” in line %(line)s (%(group)s): %(why)s")


class LibraryWords:
    """Checks words as those of the library are checked before they are approved."""

    name = "content"

    def check(self, *, texts: Sequence[str], channels: Sequence[str], intent: str) -> None:
        """Refuse words with a finding that stops.

        Raises:
            WordsMayNotGoOut: names the first of them.
        """
        found = findings_of(texts, channels=channels, intent=intent)
        stops = [one for one in found if one.severity == "block"]
        if stops:
            raise WordsMayNotGoOut(**told(stops[0]))

    def warnings(self, *, texts: Sequence[str], channels: Sequence[str], intent: str) -> Sequence[Sentence]:
        """Return the findings about which a person decides."""
        found = findings_of(texts, channels=channels, intent=intent)
        return [Sentence(WARNING, told(one)) for one in found if one.severity == "warn"]


def findings_of(texts: Sequence[str], *, channels: Sequence[str], intent: str, language: str = "") -> list[Finding]:
    """Return what the check finds in words; in a short message also that it does not say how to refuse further ones.

    Args:
        texts: what receivers read: the text first, which a short message ends with.
        channels: by which it goes.
        intent: one of `policy.INTENTS`.
        language: of what is suggested; empty: Chinese.
    """
    own = own_words()
    found = [one for text in texts if text for one in findings_in(text, own=own)]
    if "sms" in channels and texts and texts[0]:
        found += without_opt_out(texts[0], intent=intent, language=language)
    return found


def told(one: Finding) -> dict[str, object]:
    """Return a finding as the values of a sentence: words, line, group and why."""
    return {
        "words": one.written or "…",
        "line": one.line,
        "group": Sentence(GROUP_TITLES[one.group]).as_json(),
        "why": Sentence(REASONS[one.reason]).as_json(),
    }


CHECKS.register(LibraryWords())
