"""How a consent can be proved, in the reader's language where the product wrote it down; what people wrote stands as it is."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from yutang.kit.text import N_

#: What the product itself writes into the ledger. Customers' pages write it in the language in which they were read.
_SENTENCES: Final = (
    N_("reply %(number)s to a short message"),
    N_("reply %(number)s to an e-mail"),
    N_("stop link of message %(number)s"),
    N_("called spam by the mailbox of message %(number)s"),
    N_("Ticked on the page of invitation %(number)s: “%(words)s”"),
    N_("On the own page, by a link that only this person has"),
    N_("data of the demo shop"),
)
#: A place in a sentence that was made ready to be a pattern.
_PLACE: Final = re.compile(r"%\\\((\w+)\\\)s")
_MATCHING: Final = {"number": r"\d+"}


def evidence_words(kept: str) -> str:
    """Return how a consent can be proved, as the ledger has it, in the reader's language where the product wrote it."""
    for sentence, pattern in _patterns():
        found = pattern.fullmatch(kept)
        if found:
            return _(sentence) % found.groupdict()
    return kept


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return what a sentence looks like in each language."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found += [(sentence, _pattern(_(sentence))) for sentence in _SENTENCES]
    return tuple(found)


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return what a sentence with values in its places looks like."""

    def matching(place: re.Match[str]) -> str:
        return f"(?P<{place[1]}>{_MATCHING.get(place[1], '.+')})"

    return re.compile(_PLACE.sub(matching, re.escape(sentence)), re.DOTALL)
