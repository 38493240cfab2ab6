"""The facts of an entry of the audit log as a person reads them: what was changed to what, roles and settings by their names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.agents import device_words
from yutang.console.audit_codes import said_of
from yutang.console.places import SCREENS
from yutang.console.rooms.messages_words import standing_shown
from yutang.console.rooms.why import BREAKDOWNS, FORMULAS
from yutang.console.sentences import spoken
from yutang.console.words import permission_label
from yutang.kit.text import N_

#: What the facts are called; one that is not named here stands under its own name (a contract test finds it).
FACTS = {
    "account": N_("Member of WeCom"),
    "agent": N_("Browser"),
    "amount": N_("Amount"),
    "amount_minor": N_("Amount"),
    "as_of": N_("As of"),
    "before": N_("Value before"),
    "bonus": N_("Bonus"),
    "budget": N_("Budget"),
    "capacity": N_("Most people"),
    "case_id": N_("Case"),
    "category": N_("Category"),
    "channel": N_("Channel"),
    "city": N_("City"),
    "clear": N_("In the clear"),
    "closed_on": N_("Closed on"),
    "code": N_("Code"),
    "codes": N_("Codes of the stores"),
    "column": N_("Column"),
    "customer": N_("Customer"),
    "customers": N_("Customers"),
    "days": N_("Days"),
    "decision": N_("Decision"),
    "deed": N_("What was done"),
    "delivery_id": N_("Delivery"),
    "digest": N_("Hash"),
    "drafts": N_("Drafts"),
    "effect": N_("Effect"),
    "events": N_("Events"),
    "fault": N_("What went wrong"),
    "expired": N_("Expired"),
    "expires_after_days": N_("Ends after so many days"),
    "expires_at": N_("Expires"),
    "f": N_("Frequency"),
    "file": N_("File"),
    "file_name": N_("File"),
    "files": N_("Files"),
    "filters": N_("Filters"),
    "groups": N_("Groups"),
    "held": N_("Held out"),
    "is_away": N_("Away"),
    "is_chain_wide": N_("Whole chain"),
    "is_on": N_("Switched on"),
    "is_scoped": N_("Only some stores"),
    "keys": N_("With the keys"),
    "kind": N_("Kind"),
    "language": N_("Language"),
    "kept_from": N_("Kept from"),
    "list": N_("List"),
    "loser_id": N_("Merged record"),
    "merge_id": N_("Merge"),
    "months": N_("Months"),
    "name": N_("Name"),
    "note": N_("Note"),
    "opened_on": N_("Opened on"),
    "orders": N_("Orders"),
    "outcome": N_("Outcome"),
    "people": N_("People"),
    "permissions": N_("Permissions"),
    "persona": N_("Speaks as"),
    "place": N_("Place on the map"),
    "plans": N_("Plans"),
    "programme": N_("Programme"),
    "proposals": N_("Tasks"),
    "purpose": N_("Purpose"),
    "r": N_("Recency"),
    "ready": N_("Ready playbook"),
    "reason": N_("Reason"),
    "refunds": N_("Refunds"),
    "region": N_("Region"),
    "regions": N_("Regions"),
    "role": N_("Role"),
    "rows": N_("Rows"),
    "rule": N_("Rule"),
    "rule_before": N_("Rule before"),
    "seat": N_("Place in the group"),
    "sender": N_("Member of WeCom"),
    "sessions": N_("Sessions"),
    "since": N_("From the day"),
    "source": N_("Where it was noted"),
    "spot": N_("Place of the code"),
    "spots": N_("Places of the code"),
    "staff": N_("Members of staff"),
    "staff_id": N_("Member of staff"),
    "standing": N_("How it stands"),
    "starts": N_("Begins"),
    "store_ids": N_("Stores"),
    "stores": N_("Stores"),
    "subject": N_("What"),
    "tag_id": N_("Tag"),
    "tags": N_("Tags"),
    "takers": N_("Took a packet"),
    "theme": N_("Theme"),
    "time_zone": N_("Time zone"),
    "title": N_("Title"),
    "to": N_("Takes over"),
    "undone": N_("What was taken back"),
    "until": N_("To the day"),
    "url": N_("Address"),
    "value": N_("New value"),
    "version": N_("Version"),
    "via": N_("By a program"),
    "visit": N_("Guest by the visit"),
    "what": N_("What"),
    "who": N_("Who"),
    "with_people": N_("With personal data"),
    "wording_version": N_("Version of the wording"),
}


@dataclass(frozen=True)
class Names:
    """What keys are called: display names of staff by key, roles by key, of things by kind and key as text, and what rules say."""

    people: Mapping[int, str]
    roles: Mapping[str, str]
    things: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rules: Callable[[Mapping[str, Any]], str] | None = None

    def of(self, kind: str, key: Any) -> str:
        """Return what a thing is called; its key where that is all that is known."""
        return self.things.get(kind, {}).get(str(key), str(key))

    def said(self, rule: Mapping[str, Any]) -> str:
        """Return a rule of people in words; as it was written where the reader sees no segments, or it cannot be read any more."""
        return self.rules(rule) if self.rules else json.dumps(rule, ensure_ascii=False)


def detail_words(detail: Mapping[str, Any], *, names: Names, action: str = "") -> list[tuple[str, str]]:
    """Return pairs of a fact's name and its value, of the facts as the action wrote them.

    Of what was changed only the facts that differ are told, as "before → after".

    Args:
        detail: the facts.
        names: what keys are called.
        action: what was done, by which codes have their words.
    """

    def told(name: str, value: Any) -> str:
        said = said_of(action, name, value)
        return _value(name, value, names) if said is None else said

    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        changed = [name for name in after if before.get(name) != after[name]]
        return [(_name(name), f"{told(name, before.get(name))} → {told(name, after[name])}") for name in changed]
    if set(detail) == {"before", "value"}:
        was, became = (
            said_of(action, name, detail[name]) or _plain(detail[name], names) for name in ("before", "value")
        )
        return [(_("Value"), f"{was} → {became}")]
    return [(_name(name), told(name, value)) for name, value in detail.items()]


def _name(name: str) -> str:
    return _(FACTS[name]) if name in FACTS else name


def _value(name: str, value: Any, names: Names) -> str:
    if name == "role" and isinstance(value, str):
        return names.roles.get(value, value)
    if name == "fault" and isinstance(value, Mapping):
        return spoken(value)
    if name == "permissions" and isinstance(value, list):
        return " · ".join(permission_label(one) for one in value) or "—"
    if name in _WORDS and isinstance(value, str):
        return _WORDS[name](value)
    return _named(name, value, names)


def _named(name: str, value: Any, names: Names) -> str:
    """Return a key as the name of what it stands for, or the value as it is."""
    if name in {"to", "staff_id"} and value is not None:
        return names.people.get(value, str(value))
    if name == "tag_id" or (name == "stores" and isinstance(value, int)):
        return names.of("tag" if name == "tag_id" else "store", value)
    if name == "store_ids":
        return _plain([names.of("store", one) for one in value], names) if value else _("All stores")
    return _told(name, value, names) if isinstance(value, Mapping) and value else _plain(value, names)


def _told(name: str, facts: Mapping[str, Any], names: Names) -> str:
    """Return facts within a fact one after the other, and a rule in words."""
    if name in {"rule", "rule_before"}:
        return names.said(facts)
    if name == "filters":
        return " · ".join(_filter(one, each, names) for one, each in facts.items())
    return " · ".join(f"{_name(one)} {_value(one, each, names)}" for one, each in facts.items())


def _filter(name: str, value: Any, names: Names) -> str:
    """Return what the address of a list asked for, in the words of its page."""
    if name in _FILTERS:
        title, values = _FILTERS[name]
        return f"{_(title)} {_(values[value]) if value in values else value}"
    return f"{_name(name)} {_value(name, value, names)}"


def _instant(value: str) -> str:
    at = parse_datetime(value)
    return formats.moment(at) if at else value


def _day(value: str) -> str:
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return value


def _program(value: str) -> str:
    """Return by which token somebody acted."""
    kind, _colon, key = value.partition(":")
    return _("Token of the API %(key)s") % {"key": key} if kind == "token" else value


def _list_title(value: str) -> str:
    """Return the title of the room whose list left; of a page behind one, such as the people behind a figure, that of its room."""
    known = {place.name: place.title for place in SCREENS}
    parts = value.split("-")
    names = ("-".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((_(known[name]) for name in names if name in known), value)


#: Filters that are called otherwise than facts of that name, with what their values are called.
_FILTERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "by": (N_("Broken down by"), BREAKDOWNS),
    "formula": (N_("Shown as"), FORMULAS),
    "when": (N_("When"), {"coming": N_("Still to go out")}),
}
_WORDS: Mapping[str, Callable[[str], str]] = {
    "agent": device_words,
    "as_of": _day,
    "expires_at": _instant,
    "kept_from": _day,
    "list": _list_title,
    "since": _day,
    "starts": _instant,
    "until": _day,
    "via": _program,
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
