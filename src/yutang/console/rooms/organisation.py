"""The page of settings: sections in a side list, a short row a setting, and the editor that its kind of value needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.content_choices import content_choices
from yutang.console.rooms.setting_values import UNITS, choices_of, kind_of, read_value, value_words, written_value
from yutang.console.sentences import spoken
from yutang.foundation import actions, queries
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.organisation import WELCOME_CONTENT
from yutang.wecom.queries import GREETING_INTENTS

#: What the rooms are called here, in this order; a contract test holds that every one with a setting of no section is named.
SETTING_ROOMS = {
    "foundation": N_("Organisation and log-in"),
    "customers": N_("Customers"),
    "worklist": N_("Today's list"),
    "insight": N_("Figures"),
    "segments": N_("Segments"),
    "channels": N_("Reaching customers"),
    "delivery": N_("Delivery and emergency stop"),
    "content": N_("Content library"),
    "wecom": N_("WeCom"),
    "journeys": N_("Playbooks"),
    "coupons": N_("Coupons"),
    "communities": N_("Groups"),
    "referral": N_("Referral"),
    "risk": N_("Guard"),
    "visits": N_("Visits"),
    "membership": N_("Prepaid balances"),
    "payments": N_("Payments"),
    "privacy": N_("Privacy"),
}
#: Settings that another page changes better: URL name, what its link says, and the permission that it asks for.
_ELSEWHERE = {"insight.rfm_rules": ("value-rfm", N_("On the page of grades"), "insight.view")}
#: Settings that name a content of the library: by which channels it must go, and which intents it may have.
_CONTENTS = {WELCOME_CONTENT: (("wecom",), GREETING_INTENTS)}
#: Section of everything that no longer has its default.
_CHANGED = "changed"
#: Empty rows for further pairs.
_SPARE = 3


@dataclass(frozen=True)
class _Section:
    """Settings under one heading.

    Attributes:
        code: as the address names it.
        title: in the reader's language.
        views: in the order in which they were declared.
    """

    code: str
    title: str
    views: Sequence[queries.SettingView]


@room("settings.manage")
def settings(request: StaffRequest) -> HttpResponse:
    """Show the section that the address names, what was changed, or what a search finds."""
    return _page(request)


@room("settings.manage")
def change(request: StaffRequest, key: str) -> HttpResponse:
    """Show a setting in its section, or keep the value that was written; what is refused stays with the reason."""
    view = _view(request, key)
    if request.method != "POST":
        return _page(request, opened=key)
    try:
        value = read_value(view.setting, request.POST)
        actions.change_setting(actor=request.actor, key=key, value=value, now=request.now)
    except DomainError as refusal:
        return _page(request, opened=key, wrong=_why(view, refusal), status=refusal.http_status)
    messages.success(request, _("Saved. It holds from now on."))
    return _back(request, view)


@room("settings.manage")
@require_POST
def reset(request: StaffRequest, key: str) -> HttpResponse:
    """Let a setting have its default again."""
    view = _view(request, key)
    actions.reset_setting(actor=request.actor, key=key, now=request.now)
    messages.success(request, _("The setting has its default again."))
    return _back(request, view)


def _why(view: queries.SettingView, refusal: DomainError) -> str:
    """Return why a value is refused, in words that fit beside its field."""
    if isinstance(refusal, actions.SettingIsInvalid) and view.setting.help:
        return _("This value cannot be kept. %(help)s") % {"help": _(view.setting.help)}
    return spoken(refusal.sentence)


def _back(request: StaffRequest, view: queries.SettingView) -> HttpResponse:
    """Lead to the row that was changed, on the page from which it was."""
    asked = {name: request.POST.get(name, "")[:120] for name in ("section", "q")}
    kept = {name: value for name, value in asked.items() if value}
    return redirect(f"{reverse('settings')}?{urlencode(kept)}#{_id_of(view)}")


def _view(request: StaffRequest, key: str) -> queries.SettingView:
    for view in queries.setting_views(access=request.actor):
        if view.setting.key == key:
            return view
    raise Http404


def _sections(views: Sequence[queries.SettingView]) -> list[_Section]:
    """Return the settings by heading, in the order of the rooms and, within one, of its headings."""
    order = list(SETTING_ROOMS)
    found: dict[tuple[str, str], list[queries.SettingView]] = {}
    for view in sorted(views, key=lambda one: order.index(one.setting.room)):
        title = view.setting.section or SETTING_ROOMS[view.setting.room]
        found.setdefault((view.setting.room, title), []).append(view)
    return [
        _Section(f"{room_name}-{place}" if held[0].setting.section else room_name, _(title), held)
        for place, ((room_name, title), held) in enumerate(found.items(), 1)
    ]


def _page(request: StaffRequest, *, opened: str = "", wrong: str = "", status: int = 200) -> HttpResponse:
    sections = _sections(queries.setting_views(access=request.actor))
    text = request.GET.get("q", "").strip()[:120]
    asked = request.GET.get("section", "")
    shown, at = _chosen(sections, text=text, asked=asked, opened=opened)
    context = {
        "groups": [
            {
                "title": one.title,
                "code": one.code,
                "settings": [_shown(view, request, opened, wrong) for view in one.views],
            }
            for one in shown
        ],
        "nav": [_entry(one, at) for one in sections],
        "changed": sum(view.is_changed for one in sections for view in one.views),
        "at": at,
        "q": text,
    }
    part = request.htmx and request.htmx.target == "settings-shown"
    return render(
        request, "console/settings/shown.html" if part else "console/settings/page.html", context, status=status
    )


def _entry(section: _Section, at: str) -> dict[str, Any]:
    return {
        "code": section.code,
        "title": section.title,
        "changed": sum(view.is_changed for view in section.views),
        "is_here": section.code == at,
    }


def _chosen(sections: list[_Section], *, text: str, asked: str, opened: str) -> tuple[list[_Section], str]:
    """Return the sections to be shown, and the code of the one that the side list marks."""
    if opened:
        here = next(one for one in sections if any(view.setting.key == opened for view in one.views))
        return [here], here.code
    if text:
        words = text.casefold().split()
        return _only(sections, lambda section, view: all(word in _written(section, view) for word in words)), ""
    if asked == _CHANGED:
        return _only(sections, lambda _section, view: view.is_changed), _CHANGED
    here = next((one for one in sections if one.code == asked), sections[0])
    return [here], here.code


def _only(sections: list[_Section], fits: Any) -> list[_Section]:
    kept = [_Section(one.code, one.title, [view for view in one.views if fits(one, view)]) for one in sections]
    return [one for one in kept if one.views]


def _written(section: _Section, view: queries.SettingView) -> str:
    """Return everything by which a setting is found: its words in the reader's language and in English, and its key."""
    setting = view.setting
    told = [section.title, _(setting.title), _(setting.help) if setting.help else "", setting.title, setting.help]
    return " ".join([*told, setting.key, value_words(setting, view.value)]).casefold()


def _id_of(view: queries.SettingView) -> str:
    return view.setting.key.replace(".", "-")


def _shown(view: queries.SettingView, request: StaffRequest, opened: str, wrong: str) -> dict[str, Any]:
    """Return a setting as its row and editor need it; what was refused is shown as it was written."""
    setting, kind = view.setting, kind_of(view.setting)
    is_open = setting.key == opened
    error = wrong if is_open else ""
    elsewhere = _ELSEWHERE.get(setting.key)
    may_go = elsewhere is not None and request.actor.can(elsewhere[2])
    chosen = _contents(request, view)
    return {
        "key": setting.key,
        "id": _id_of(view),
        "title": _(setting.title),
        "help": _(setting.help) if setting.help else "",
        "kind": "content" if chosen else kind,
        "error": error,
        "is_open": is_open,
        "is_changed": view.is_changed,
        "words": _(elsewhere[1]) if elsewhere else value_words(setting, view.value),
        "default_words": formats.shortened(value_words(setting, setting.default), 40),
        "unit": _(UNITS[setting.unit]) if setting.unit in UNITS else "",
        "url": reverse(elsewhere[0]) + "#grades" if elsewhere and may_go else "",
        "is_elsewhere": elsewhere is not None,
        **_editor(view, kind, request.POST if error else None),
        **({"choices": chosen, "words": dict(chosen).get(view.value, view.value)} if chosen else {}),
    }


def _contents(request: StaffRequest, view: queries.SettingView) -> list[tuple[str, str]]:
    """Return the contents from which a setting is chosen, none of them first; empty of a setting that names no content."""
    fitting = _CONTENTS.get(view.setting.key)
    if fitting is None:
        return []
    channels, intents = fitting
    found = content_choices(request, chosen=view.value, channels=channels, intents=intents)
    return [("", _("none: the words above")), *found]


def _editor(view: queries.SettingView, kind: str, written: Any) -> Mapping[str, Any]:
    """Return what the fields hold."""
    setting, value = view.setting, view.value
    if kind == "choices":
        held = written.getlist("value") if written else value
        return {"choices": [(code, label, code in held) for code, label in choices_of(setting)]}
    if kind == "pairs":
        pairs = (
            list(zip(written.getlist("name"), written.getlist("value"), strict=False)) if written else [*value.items()]
        )
        spare = [("", "")] * (_SPARE if not written else 0)
        choices = choices_of(setting) if setting.choices is not None else None
        return {"pairs": [*pairs, *spare], "choices": choices}
    shown = written.get("value", "") if written else written_value(kind, value)
    return {"value": shown, "choices": choices_of(setting) if kind in ("choice", "hour") else None}
