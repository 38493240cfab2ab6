"""What a message may say: words of the library only under their own intent, own words only where the check lets them pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Protocol

from yutang.channels.bodies import BODIES
from yutang.channels.organisation import INTENT_TITLES
from yutang.kit.errors import DomainError
from yutang.kit.registry import Registry
from yutang.kit.text import N_, Sentence


class IntentIsAnother(DomainError):
    """A message names an intent for which its words were not written."""

    code: ClassVar[str] = "intent_is_another"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The content %(content)s was written as “%(own)s”, and here it is to go out as “%(asked)s”. "
        "Choose the intent “%(own)s”, or another content."
    )


class ChecksWords(Protocol):
    """A room that knows which words may not go out."""

    #: Of the room.
    name: str

    def check(self, *, texts: Sequence[str], channels: Sequence[str], intent: str) -> None:
        """Refuse words that may not go out.

        Args:
            texts: what receivers read: the text, then the rest of it. Empty ones are passed over.
            channels: by which it goes.
            intent: one of `policy.INTENTS`.

        Raises:
            DomainError: says which words, and why.
        """

    def warnings(self, *, texts: Sequence[str], channels: Sequence[str], intent: str) -> Sequence[Sentence]:
        """Return what words hold about which a person decides; arguments as for `check`."""


CHECKS: Registry[ChecksWords] = Registry(what="checks of words", name_of=lambda one: one.name)


def own_intents(references: Iterable[str]) -> dict[str, str]:
    """Return the intents of contents that have one of their own, by reference; one question for each kind of contents."""
    by_source: dict[str, set[str]] = {}
    for reference in references:
        by_source.setdefault(reference.partition(":")[0], set()).add(reference)
    found: dict[str, str] = {}
    for name, some in by_source.items():
        if name in BODIES:
            found.update(BODIES[name].intents(references=some))
    return found


def check_intents(asked: Iterable[tuple[str, str]]) -> None:
    """Refuse a content under another intent than its own.

    Args:
        asked: pairs of reference and intent.

    Raises:
        IntentIsAnother: names both.
    """
    pairs = [(reference, intent) for reference, intent in asked if reference]
    own = own_intents(reference for reference, _intent in pairs)
    for reference, intent in pairs:
        if own.get(reference, intent) != intent:
            raise IntentIsAnother(content=reference, own=_title(own[reference]), asked=_title(intent))


def check_words(*, texts: Sequence[str], channels: Sequence[str], intent: str) -> None:
    """Refuse words that may not go out, as the rooms say it that know of such.

    Raises:
        DomainError: says which words, and why.
    """
    for one in CHECKS:
        one.check(texts=texts, channels=channels, intent=intent)


def warnings_about(*, texts: Sequence[str], channels: Sequence[str], intent: str) -> list[Sentence]:
    """Return what words hold about which a person decides, as the rooms say it that know of such."""
    return [line for one in CHECKS for line in one.warnings(texts=texts, channels=channels, intent=intent)]


def _title(intent: str) -> Mapping[str, object] | str:
    return Sentence(INTENT_TITLES[intent]).as_json() if intent in INTENT_TITLES else intent
