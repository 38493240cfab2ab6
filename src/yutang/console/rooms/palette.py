"""The command palette: people, segments, screens, terms and actions by what is typed.

What is typed travels in the body of the request, so that no address, and so no log and no history, holds a name or a number.
Which things were opened lately is known to the browser alone, as kinds and keys; their names are asked for each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.places import ACTIONS, LANGUAGES, SCREENS, Found, found_among
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.glossary import terms_with
from yutang.console.sentences import spoken, spoken_name
from yutang.customers import queries as people
from yutang.customers.views import CustomerRow
from yutang.insight import queries as insight
from yutang.segments import queries as segments

_PEOPLE = 6
_SEGMENTS = 5
_READY = 4
_SCREENS = 6
_TERMS = 3
_RECENT = 6
#: A single Latin letter or digit finds half of the world; a single Chinese character is a family name.
_LEAST_LATIN = 2


@room(None)
@require_POST
def palette(request: StaffRequest) -> HttpResponse:
    """Answer what fits within the actor's reach, in groups: as the palette shows it, or as JSON for who asks for that."""
    text = request.POST.get("q", "").strip()[:120]
    groups = [group for group in _groups(request, text) if group["options"]]
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        answer: HttpResponse = JsonResponse({"groups": groups})
    else:
        place = 0
        for group in groups:
            for option in group["options"]:
                place += 1
                option["id"] = f"palette-option-{place}"
        answer = render(request, "console/parts/palette_results.html", {"groups": groups, "count": place, "q": text})
    answer["Cache-Control"] = "no-store"
    return answer


def _groups(request: StaffRequest, text: str) -> list[dict[str, Any]]:
    actor = request.actor
    screens = [_place(one) for one in found_among(SCREENS, actor=actor, text=text)]
    actions = [_place(one) for one in found_among(ACTIONS, actor=actor, text=text)]
    if not text:
        return [
            _group("recent", _("Opened lately"), _recent(request)),
            _group("screens", _("Screens"), screens),
            _group("actions", _("Actions"), actions),
        ]
    return [
        _group("customers", _("Customers"), _people(request, text)),
        _group("segments", _("Segments"), [*_saved(request, text), *_ready(request, text)]),
        _group("screens", _("Screens"), screens[:_SCREENS]),
        _group("actions", _("Actions"), actions),
        _group("terms", _("Glossary"), _terms(text)),
    ]


def _group(code: str, title: str, options: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": code, "title": title, "options": options}


def _place(one: Found) -> dict[str, Any]:
    return {"title": one.title, "note": one.within, "icon": one.icon, "url": one.url, "form": one.form}


def _people(request: StaffRequest, text: str) -> list[dict[str, Any]]:
    if not request.actor.can("customers.view") or (text.isascii() and len(text) < _LEAST_LATIN):
        return []
    found = insight.people_listed(
        access=request.actor, wanted=insight.PeopleWanted(text=text, sort="newest"), limit=_PEOPLE
    )
    shown = [_person(found.rows[key]) for key in found.ids if key in found.rows]
    if found.next_key is not None:
        url = f"{reverse('customers')}?{urlencode({'q': text})}"
        shown.append({"title": _("All customers that fit"), "note": "", "icon": "people", "url": url, "form": ""})
    return shown


def _person(row: CustomerRow) -> dict[str, Any]:
    name = spoken_name(row.name)
    note = " · ".join(part for part in (row.phone, row.city, row.store_name) if part)
    return {"title": name, "note": note, "person": row.id, "url": reverse("customers-one", args=[row.id]), "form": ""}


def _saved(request: StaffRequest, text: str) -> list[dict[str, Any]]:
    if not request.actor.can("segments.view"):
        return []
    words = text.casefold().split()
    named = segments.segment_names(access=request.actor)
    fitting = [key for key, name in named.items() if all(word in name.casefold() for word in words)]
    return [_segment(key, named[key]) for key in fitting[:_SEGMENTS]]


def _ready(request: StaffRequest, text: str) -> list[dict[str, Any]]:
    """Return the ready-made segments whose name holds every word: they open as the beginning of a rule, or as the people of a stage."""
    if not request.actor.can("segments.view"):
        return []
    words, may_edit = text.casefold().split(), request.actor.can("segments.edit")
    shown = []
    for one in segments.presets():
        if may_edit:
            url = f"{reverse('segments-new')}?{urlencode({'preset': one.code})}"
        elif one.stage and request.actor.can("customers.view"):
            url = f"{reverse('customers')}?{urlencode({'stage': one.stage})}"
        else:
            continue
        if all(word in _titles(one.code) for word in words):
            note = _("Ready-made segment")
            shown.append({"title": spoken(one.title), "note": note, "icon": "filter", "url": url, "form": ""})
    return shown[:_READY]


@cache
def _titles(code: str) -> str:
    """Return what a ready-made segment is called in every language, so that it is found in each."""
    titles, preset = [], segments.preset_named(code)
    for language in LANGUAGES:
        with override(language):
            titles.append(spoken(preset.title if preset else None).casefold())
    return "\n".join(titles)


def _segment(key: int, name: str) -> dict[str, Any]:
    return {"title": name, "note": "", "icon": "filter", "url": reverse("segments-one", args=[key]), "form": ""}


def _terms(text: str) -> list[dict[str, Any]]:
    return [
        {"title": _(term.title), "note": "", "icon": "help", "url": f"{reverse('glossary')}#{term.code}", "form": ""}
        for term in terms_with(text)[:_TERMS]
    ]


def _recent(request: StaffRequest) -> list[dict[str, Any]]:
    """Return the things that the browser says were opened lately, as far as they are there and within reach, in its order."""
    asked = [_thing(written) for written in request.POST.getlist("recent")[:_RECENT]]
    persons = _known_people(request, [key for kind, key in asked if kind == "customer"])
    named = segments.segment_names(access=request.actor) if _asks_for_segments(request, asked) else {}
    shown = []
    for kind, key in asked:
        if kind == "customer" and key in persons:
            shown.append(_person(persons[key]))
        elif kind == "segment" and key in named:
            shown.append(_segment(key, named[key]))
    return shown


def _thing(written: str) -> tuple[str, int]:
    kind, _colon, key = written.partition(":")
    return kind, number_asked(key) or 0


def _asks_for_segments(request: StaffRequest, asked: Iterable[tuple[str, int]]) -> bool:
    return request.actor.can("segments.view") and any(kind == "segment" for kind, _key in asked)


def _known_people(request: StaffRequest, ids: list[int]) -> dict[int, CustomerRow]:
    if not ids or not request.actor.can("customers.view"):
        return {}
    return people.customer_rows(access=request.actor, ids=ids)
