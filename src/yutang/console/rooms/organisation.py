"""The settings of the organisation: every one that a room declares, with the editor that its kind of value needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.sentences import spoken
from yutang.console.words import role_label
from yutang.foundation import actions, queries
from yutang.foundation.organisation import SECOND_FACTOR_ROLES, OrganisationSetting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: What the rooms are called here, in this order; a room that is not named stands last under its code.
_ROOMS = {
    "foundation": N_("Organisation and log-in"),
    "customers": N_("Customers"),
    "worklist": N_("Today's list"),
    "insight": N_("Figures"),
    "segments": N_("Segments"),
    "channels": N_("Reaching customers"),
    "delivery": N_("Delivery and emergency stop"),
}
#: Empty rows for further pairs.
_SPARE = 3
_MOST_PAIRS = 500


class ValueIsUnreadable(DomainError):
    """The field holds no value of the kind that the setting takes."""

    code = "value_is_unreadable"
    http_status = 422
    message = N_("This is no value that the setting can hold. What may be written stands beside it.")


@room("settings.manage")
def settings(request: StaffRequest) -> HttpResponse:
    """Show every setting by room."""
    return _page(request)


@room("settings.manage")
def change(request: StaffRequest, key: str) -> HttpResponse:
    """Keep the value that was written; what is refused stays in the form with the reason."""
    view = _view(request, key)
    if request.method != "POST":
        return redirect("settings")
    try:
        value = read_value(view.setting, request.POST)
        actions.change_setting(actor=request.actor, key=key, value=value, now=request.now)
    except DomainError as refusal:
        return _page(request, wrong={key: spoken(refusal.sentence)}, status=refusal.http_status)
    messages.success(request, _("Saved. It holds from now on."))
    return redirect("settings")


@room("settings.manage")
@require_POST
def reset(request: StaffRequest, key: str) -> HttpResponse:
    """Let a setting have its default again."""
    _view(request, key)
    actions.reset_setting(actor=request.actor, key=key, now=request.now)
    messages.success(request, _("The setting has its default again."))
    return redirect("settings")


def kind_of(setting: OrganisationSetting) -> str:
    """Return which editor fits: text, number, flag, choices, lines, pairs or json."""
    default = setting.default
    if isinstance(default, bool):
        return "flag"
    if isinstance(default, (int, float)):
        return "number"
    if isinstance(default, str):
        return "text"
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
    if kind == "text":
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


def _view(request: StaffRequest, key: str) -> queries.SettingView:
    for view in queries.setting_views(access=request.actor):
        if view.setting.key == key:
            return view
    raise Http404


def _page(request: StaffRequest, *, wrong: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    wrong = wrong or {}
    rooms: dict[str, list[dict[str, Any]]] = {name: [] for name in _ROOMS}
    for view in queries.setting_views(access=request.actor):
        rooms.setdefault(view.setting.room, []).append(_shown(view, request, wrong.get(view.setting.key, "")))
    groups = [{"title": _(_ROOMS.get(name, name)), "code": name, "settings": found} for name, found in rooms.items()]
    context = {"groups": [group for group in groups if group["settings"]], "wrong": bool(wrong)}
    return render(request, "console/settings/page.html", context, status=status)


def _shown(view: queries.SettingView, request: StaffRequest, error: str) -> dict[str, Any]:
    """Return a setting as its editor needs it; what was refused is shown as it was written."""
    setting, kind, value = view.setting, kind_of(view.setting), view.value
    written = request.POST if error else None
    shown: dict[str, Any] = {
        "key": setting.key,
        "id": setting.key.replace(".", "-"),
        "title": _(setting.title),
        "help": _(setting.help) if setting.help else "",
        "kind": kind,
        "error": error,
        "is_changed": view.is_changed,
    }
    if kind == "choices":
        held = written.getlist("value") if written else value
        shown["choices"] = [(code, label, code in held) for code, label in _choices(setting)]
    elif kind == "pairs":
        pairs = (
            list(zip(written.getlist("name"), written.getlist("value"), strict=False)) if written else [*value.items()]
        )
        spare = [("", "")] * (_SPARE if not written else 0)
        shown["pairs"] = [*pairs, *spare]
        shown["choices"] = _choices(setting) if setting.choices is not None else None
    else:
        shown["value"] = written.get("value", "") if written else _text(kind, value)
    return shown


def _choices(setting: OrganisationSetting) -> list[tuple[str, str]]:
    if setting.key == SECOND_FACTOR_ROLES:
        return [(one.key, role_label(one.key, one.name)) for one in queries.roles()]
    return [(code, _(title)) for code, title in (setting.choices or {}).items()]


def _text(kind: str, value: Any) -> str:
    if kind == "lines":
        return "\n".join(value)
    if kind == "flag":
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False, indent=2) if kind == "json" else str(value)
