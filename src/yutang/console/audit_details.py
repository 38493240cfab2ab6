"""The facts of an entry of the audit log as a person reads them: what was changed to what, roles and settings by their names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.agents import device_words
from yutang.console.places import SCREENS
from yutang.console.rooms.messages_words import standing_shown
from yutang.console.words import permission_label
from yutang.kit.text import N_

#: What the facts are called; one that is not named here stands under its own name.
_NAMES = {
    "agent": N_("Browser"),
    "case_id": N_("Case"),
    "channel": N_("Channel"),
    "clear": N_("In the clear"),
    "city": N_("City"),
    "closed_on": N_("Closed on"),
    "code": N_("Code"),
    "customers": N_("Customers"),
    "days": N_("Days"),
    "decision": N_("Decision"),
    "delivery_id": N_("Delivery"),
    "digest": N_("Hash"),
    "effect": N_("Effect"),
    "expired": N_("Expired"),
    "expires_at": N_("Expires"),
    "file": N_("File"),
    "file_name": N_("File"),
    "files": N_("Files"),
    "filters": N_("Filters"),
    "is_chain_wide": N_("Whole chain"),
    "kind": N_("Kind"),
    "language": N_("Language"),
    "list": N_("List"),
    "loser_id": N_("Merged record"),
    "merge_id": N_("Merge"),
    "name": N_("Name"),
    "opened_on": N_("Opened on"),
    "outcome": N_("Outcome"),
    "people": N_("People"),
    "permissions": N_("Permissions"),
    "note": N_("Note"),
    "programme": N_("Programme"),
    "proposals": N_("Tasks"),
    "purpose": N_("Purpose"),
    "reason": N_("Reason"),
    "region": N_("Region"),
    "regions": N_("Regions"),
    "role": N_("Role"),
    "rows": N_("Rows"),
    "sessions": N_("Sessions"),
    "staff": N_("Members of staff"),
    "staff_id": N_("Member of staff"),
    "standing": N_("How it stands"),
    "store_ids": N_("Stores"),
    "stores": N_("Stores"),
    "subject": N_("What"),
    "tag_id": N_("Tag"),
    "theme": N_("Theme"),
    "time_zone": N_("Time zone"),
    "to": N_("Takes over"),
    "until": N_("To the day"),
    "url": N_("Address"),
    "value": N_("New value"),
    "version": N_("Version"),
}


@dataclass(frozen=True)
class Names:
    """What keys are called: display names of staff by key, roles by key, and of things by kind and key as text."""

    people: Mapping[int, str]
    roles: Mapping[str, str]
    things: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, kind: str, key: Any) -> str:
        """Return what a thing is called; its key where that is all that is known."""
        return self.things.get(kind, {}).get(str(key), str(key))


def detail_words(detail: Mapping[str, Any], *, names: Names) -> list[tuple[str, str]]:
    """Return pairs of a fact's name and its value, of the facts as the action wrote them.

    Of what was changed only the facts that differ are told, as "before → after".
    """
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        changed = [name for name in after if before.get(name) != after[name]]
        return [
            (_name(name), f"{_value(name, before.get(name), names)} → {_value(name, after[name], names)}")
            for name in changed
        ]
    if set(detail) == {"before", "value"}:
        return [(_("Value"), f"{_plain(before, names)} → {_plain(detail['value'], names)}")]
    return [(_name(name), _value(name, value, names)) for name, value in detail.items()]


def _name(name: str) -> str:
    return _(_NAMES[name]) if name in _NAMES else name


def _value(name: str, value: Any, names: Names) -> str:
    if name == "role" and isinstance(value, str):
        return names.roles.get(value, value)
    if name == "permissions" and isinstance(value, list):
        return " · ".join(permission_label(one) for one in value) or "—"
    if name in _WORDS and isinstance(value, str):
        return _WORDS[name](value)
    return _named(name, value, names)


def _named(name: str, value: Any, names: Names) -> str:
    """Return a key as the name of what it stands for, or the value as it is."""
    if name in {"to", "staff_id"} and value is not None:
        return names.people.get(value, str(value))
    if name == "tag_id":
        return names.of("tag", value)
    if name == "store_ids":
        return _plain([names.of("store", one) for one in value], names) if value else _("All stores")
    return _plain(value, names)


def _instant(value: str) -> str:
    at = parse_datetime(value)
    return formats.moment(at) if at else value


def _list_title(value: str) -> str:
    """Return the title of the room whose list left."""
    return next((_(place.title) for place in SCREENS if place.name == value), value)


_WORDS: Mapping[str, Callable[[str], str]] = {
    "agent": device_words,
    "expires_at": _instant,
    "list": _list_title,
    "standing": lambda value: standing_shown(value)["title"],
}


def _plain(value: Any, names: Names) -> str:
    if value is None or (isinstance(value, (str, list, Mapping)) and not value):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(names.roles.get(str(one), str(one)) for one in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
