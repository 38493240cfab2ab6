"""Codes and amounts in the facts of the audit log, in words: by the room of the action and the name of the fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yutang.codes import queries as codes
from yutang.communities import queries as communities
from yutang.console import formats
from yutang.console.rooms.customer import unmask_reasons
from yutang.console.rooms.experiments_words import arm_words
from yutang.console.rooms.webhooks import OFF_TITLES
from yutang.console.words import CHANNELS, PURPOSES
from yutang.economics.queries import REASONS
from yutang.experiments.queries import WHOLE
from yutang.journeys.queries import LANGUAGES, ready_playbooks
from yutang.kit.text import N_
from yutang.privacy import queries as privacy
from yutang.risk import words as risk
from yutang.worklist.kinds import KINDS

#: What the codes of a fact are called, by room and fact; a contract test holds them complete.
CODES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("api", "kind"): {"personal": N_("Personal"), "service": N_("Service")},
    ("channels", "kind"): {"complaint": N_("Open complaint"), "mood": N_("Mood fell")},
    ("codes", "kind"): codes.KIND_TITLES,
    ("communities", "deed"): communities.DEED_TITLES,
    ("communities", "kind"): communities.PROBE_TITLES,
    ("content", "kind"): {"picture": N_("Picture"), "file": N_("File")},
    ("customers", "channel"): CHANNELS,
    ("customers", "decision"): {"merged": N_("Same person"), "kept_apart": N_("Different people")},
    ("customers", "purpose"): PURPOSES,
    ("economics", "reason"): REASONS,
    ("guard", "effect"): risk.EFFECT_TITLES,
    ("guard", "kind"): risk.KIND_TITLES,
    ("guard", "subject"): risk.SUBJECT_TITLES,
    ("privacy", "kind"): privacy.KIND_TITLES,
    ("staff", "language"): {"zh-hans": N_("Chinese"), "en": N_("English")},
    ("staff", "theme"): {"auto": N_("As the device"), "light": N_("Light"), "dark": N_("Dark")},
    ("webhooks", "reason"): OFF_TITLES,
    ("worklist", "undone"): {"done": N_("Done"), "not_useful": N_("Not useful"), "snoozed": N_("Put aside for later")},
}
#: Facts that are shares of the arms of an experiment.
_SHARES = {("experiments", "before"), ("experiments", "value")}
#: Facts that are amounts in the smallest unit of the house's currency.
_AMOUNTS = {
    ("codes", "amount_minor"),
    ("coupons", "value"),
    ("economics", "amount"),
    ("economics", "budget"),
    ("economics", "value"),
    ("membership", "bonus"),
    ("membership", "value"),
    ("payments", "value"),
}


def said_of(action: str, name: str, value: Any) -> str | None:
    """Return what a fact of an action says in words; None where it is no code and no amount.

    Args:
        action: ``room.verb``.
        name: of the fact.
        value: as the action wrote it.
    """
    place = (action.partition(".")[0], name)
    if place in _SHARES and isinstance(value, Mapping):
        return " · ".join(f"{arm_words(arm)} {formats.percent(part / WHOLE)}" for arm, part in value.items())
    if place in _AMOUNTS and isinstance(value, int) and not isinstance(value, bool):
        return formats.money(value)
    if not isinstance(value, str):
        return None
    if place in CODES:
        return _(CODES[place][value]) if value in CODES[place] else None
    return _OTHERS[place](value) if place in _OTHERS else None


def _kind_of_task(code: str) -> str | None:
    return _(KINDS[code].title) if code in KINDS else None


def _ready_playbook(key: str) -> str | None:
    return next((one.name for one in ready_playbooks(language=get_language() or LANGUAGES[0]) if one.key == key), None)


def _came_of_it(code: str) -> str | None:
    known = {one.code: one.title for kind in KINDS for one in (*kind.outcomes, *kind.dismissals)}
    return _(known[code]) if code in known else None


def _why_in_the_clear(written: str) -> str | None:
    """Return the reason with which somebody looked in the clear: chosen from a list, with what was typed beside it."""
    code, _colon, note = written.partition(":")
    label = dict(unmask_reasons()).get(code)
    return None if label is None else " · ".join(filter(None, (label, note.strip())))


_OTHERS: Mapping[tuple[str, str], Callable[[str], str | None]] = {
    ("customers", "reason"): _why_in_the_clear,
    ("journeys", "ready"): _ready_playbook,
    ("worklist", "kind"): _kind_of_task,
    ("worklist", "outcome"): _came_of_it,
}
