"""Ready playbooks: files of data in both languages, to be taken as drafts and changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import orjson

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

LANGUAGES = ("zh-hans", "en")
#: In the order in which a merchant needs them.
KEYS = (
    "welcome",
    "first_order_call",
    "after_sales",
    "repurchase_due",
    "at_risk_rescue",
    "asleep_wake_up",
    "birthday",
    "group_warm_up",
    "partner_week",
    "hook_visitor",
    "visit_invitation",
    "visit_reminder",
)
_FOLDER = Path(__file__).parent / "ready_made"


class NoSuchReadyPlaybook(DomainError):
    """There is no ready playbook of the key."""

    code: ClassVar[str] = "no_such_ready_playbook"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no ready playbook %(ready)s. There are: %(known)s.")


@dataclass(frozen=True)
class ReadyPlaybook:
    """A ready playbook in one language.

    Attributes:
        key: stable name.
        name: what a person reads.
        definition: as JSON, its words in the language.
    """

    key: str
    name: str
    definition: dict[str, Any]

    @property
    def about(self) -> str:
        """What it does, in a sentence or two."""
        return str(self.definition.get("about", ""))


def ready_named(key: str, *, language: str) -> ReadyPlaybook:
    """Return a ready playbook in a language; in Chinese where it is spoken in no other.

    Raises:
        NoSuchReadyPlaybook: there is none of the key.
    """
    if key not in KEYS:
        raise NoSuchReadyPlaybook(ready=key[:40], known=", ".join(KEYS))
    told = _in_language(_file(key), language if language in LANGUAGES else LANGUAGES[0])
    return ReadyPlaybook(key, told["name"], told["definition"])


def ready_playbooks(*, language: str) -> Sequence[ReadyPlaybook]:
    """Return all ready playbooks in a language."""
    return [ready_named(key, language=language) for key in KEYS]


@cache
def _file(key: str) -> Any:
    return orjson.loads((_FOLDER / f"{key}.json").read_bytes())


def _in_language(told: Any, language: str) -> Any:
    """Return a value in which every text that stands in all languages is the one of the language."""
    if isinstance(told, dict):
        if set(told) == set(LANGUAGES):
            return told[language]
        return {name: _in_language(value, language) for name, value in told.items()}
    return [_in_language(one, language) for one in told] if isinstance(told, list) else told
