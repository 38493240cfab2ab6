"""Settings of the room: what the check of words finds besides, and what it lets be."""

from __future__ import annotations

from typing import Any

from yutang.content.checking import OwnWords
from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_settings
from yutang.kit.text import N_

SEVERITY_TITLES = {"block": N_("Stops the approval"), "warn": N_("Warns")}
_LONGEST, _MOST = 40, 2_000


def own_words() -> OwnWords:
    """Return what the organisation adds to the list of words."""
    kept = organisation_settings(room="content")
    risky = tuple(sorted(kept["content.own_words"].items()))
    return OwnWords(risky=risky, allowed=tuple(sorted(kept["content.allowed_words"])))


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST and all(_is_word(word) for word in value)


def _are_graded(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= _MOST
        and all(_is_word(word) for word in value)
        and set(value.values()) <= set(SEVERITY_TITLES)
    )


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and 0 < len(word.strip()) <= _LONGEST


SETTINGS.register(
    OrganisationSetting(
        key="content.own_words",
        title=N_("Words of your own that the check finds"),
        default={},
        accepts=_are_graded,
        help=N_(
            "Beside the list that comes with Yutang. Each is found as it is written, and stops an approval or warns."
        ),
        choices=SEVERITY_TITLES,
    )
)
SETTINGS.register(
    OrganisationSetting(
        key="content.allowed_words",
        title=N_("Words that may stand: the check finds nothing within them"),
        default=[],
        accepts=_are_words,
        help=N_("One a line: your brand, your shop's phone number, a registered claim."),
    )
)
