"""What a setting of the organisation holds: which editor fits, what a form wrote, and its value in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.console import formats
from yutang.console.words import role_label
from yutang.foundation import queries
from yutang.foundation.organisation import SECOND_FACTOR_ROLES, OrganisationSetting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, filled

_MOST_PAIRS = 500
#: Texts of a list that its row names.
_NAMED = 3
#: A number with its unit in words, by unit.
_WITH_UNIT: Mapping[str, Callable[[float], str]] = {
    "day": lambda n: ngettext("%(n)s day", "%(n)s days", _count(n)),
    "message": lambda n: ngettext("%(n)s message", "%(n)s messages", _count(n)),
    "person": lambda n: ngettext("%(n)s person", "%(n)s people", _count(n)),
    "percent": lambda _n: "%(n)s%%",
}
#: What stands behind the field of a number, by unit.
UNITS = {"day": N_("days"), "message": N_("messages"), "person": N_("people"), "percent": "%"}


class ValueIsUnreadable(DomainError):
    """The field holds no value of the kind that the setting takes."""

    code = "value_is_unreadable"
    http_status = 422
    message = N_("This is no value that the setting can hold. What may be written stands beside it.")


def kind_of(setting: OrganisationSetting) -> str:
    """Return which editor fits: text, choice, hour, number, flag, choices, lines, pairs or json."""
    default = setting.default
    if isinstance(default, bool):
        return "flag"
    if isinstance(default, (int, float)):
        return "hour" if setting.unit == "hour" else "number"
    if isinstance(default, str):
        return "text" if setting.choices is None else "choice"
    if isinstance(default, list) and all(isinstance(one, str) for one in default):
        return "lines" if setting.choices is None else "choices"
    if isinstance(default, dict) and all(isinstance(one, str) for one in default.values()):
        return "pairs"
    return "json"


def read_value(setting: OrganisationSetting, written: QueryDict) -> Any:
    """Return the value that a form holds.

    Raises:
        ValueIsUnreadable: it is none of the kind that the setting takes.
    """
    kind, text = kind_of(setting), written.get("value", "").strip()
    if kind == "flag":
        return text == "yes"
    if kind in ("text", "choice"):
        return text
    if kind == "choices":
        return written.getlist("value")
    if kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "pairs":
        return _pairs(written)
    try:
        return json.loads(text) if kind == "json" else _number(text, setting.default)
    except (ValueError, RecursionError) as error:
        raise ValueIsUnreadable from error


def written_value(kind: str, value: Any) -> str:
    """Return the value as the field of its editor holds it."""
    if kind == "lines":
        return "\n".join(value)
    if kind == "flag":
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False, indent=2) if kind == "json" else str(value)


def choices_of(setting: OrganisationSetting) -> list[tuple[str, str]]:
    """Return what a value is chosen from, code and label; of an hour those that the setting takes."""
    if kind_of(setting) == "hour":
        return [(str(hour), _clock(hour)) for hour in range(24) if setting.accepts(hour)]
    if setting.key == SECOND_FACTOR_ROLES:
        return [(one.key, role_label(one.key, one.name)) for one in queries.roles()]
    return [(code, _(title)) for code, title in (setting.choices or {}).items()]


def value_words(setting: OrganisationSetting, value: Any) -> str:
    """Return a value as its row says it: short, with its unit."""
    return _IN_WORDS[kind_of(setting)](setting, value)


def _number_words(setting: OrganisationSetting, value: Any) -> str:
    told = _WITH_UNIT.get(setting.unit)
    return filled(told(value), {"n": formats.number(value)}) if told else formats.number(value)


def _choice_words(setting: OrganisationSetting, value: Any) -> str:
    return dict(choices_of(setting)).get(str(value), str(value))


def _choices_words(setting: OrganisationSetting, value: Any) -> str:
    labels = dict(choices_of(setting))
    return formats.listed([labels.get(code, code) for code in value]) or _("none")


def _lines_words(_setting: OrganisationSetting, value: Any) -> str:
    return " · ".join([*value[:_NAMED], *(["…"] if len(value) > _NAMED else [])]) or _("none")


def _pairs_words(_setting: OrganisationSetting, value: Any) -> str:
    return filled(ngettext("%(n)s entry", "%(n)s entries", len(value)), {"n": formats.number(len(value))})


_IN_WORDS: Mapping[str, Callable[[OrganisationSetting, Any], str]] = {
    "flag": lambda _setting, value: _("On") if value else _("Off"),
    "number": _number_words,
    "choice": _choice_words,
    "hour": _choice_words,
    "choices": _choices_words,
    "lines": _lines_words,
    "pairs": _pairs_words,
    "text": lambda _setting, value: formats.shortened(value, 60) or _("none"),
    "json": lambda _setting, _value: "",
}


def _clock(hour: int) -> str:
    return f"{hour:02}:00"


def _count(number: float) -> int:
    """Return a number by which the form of the plural is chosen: what is no whole number is many."""
    return int(number) if number == int(number) else 2


def _number(text: str, default: float) -> float:
    return int(text) if isinstance(default, int) else float(text)


def _pairs(written: QueryDict) -> dict[str, str]:
    names, values = written.getlist("name"), written.getlist("value")
    if len(names) != len(values) or len(names) > _MOST_PAIRS:
        raise ValueIsUnreadable
    pairs = [(name.strip(), value) for name, value in zip(names, values, strict=True) if name.strip()]
    if len({name for name, _value in pairs}) != len(pairs):
        raise ValueIsUnreadable
    return dict(pairs)
