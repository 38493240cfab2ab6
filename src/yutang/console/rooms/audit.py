"""The room of the audit log: who did what to whom, when; filtered in the address, exported as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, time, timedelta
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.audit_details import Names, detail_words
from yutang.console.audit_named import things_named
from yutang.console.audit_words import AUDIT_ROOMS, SUBJECTS, action_words, kinds_alike, subject_words
from yutang.console.exports import csv_answer
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.sheets import plain
from yutang.console.words import role_label, stage_label
from yutang.customers.tag_rules import checked_rule, rule_words
from yutang.foundation import actions, queries
from yutang.foundation.organisation import SETTINGS
from yutang.kit.errors import DomainError
from yutang.segments.queries import names_for, words_of

_PAGE = 50
_FIELDS = ("who", "what", "since", "until", "kind", "subject")
_LONGEST = 60
#: Lines of the table whose names are asked together.
_AT_ONCE = 1_000
#: Who may open the page of a subject, by the page.
NEEDED = {
    "staff-one": "staff.manage",
    "customers-one": "customers.view",
    "imports-one": "imports.view",
    "segments-one": "segments.view",
    "playbooks-one": "journeys.view",
    "experiments-one": "experiments.view",
    "stores-one": "stores.manage",
    "tags-one": "customers.tag",
    "programs-hook": "webhooks.manage",
    "content-one": "content.view",
    "codes-one": "codes.view",
    "coupons-kind": "coupons.view",
    "content-script": "content.edit",
    "groupbuy-one": "groupbuy.view",
    "groupbuy-group": "groupbuy.view",
    "groups-one": "communities.view",
    "guard-decision": "guard.view",
    "guard-version": "guard.view",
    "referral-one": "referral.view",
    "visits-one": "visits.view",
}


@room("audit.view")
def audit(request: StaffRequest) -> HttpResponse:
    """Show the entries, newest first."""
    asked = _asked(request)
    page = queries.audit_page(
        access=request.actor,
        wanted=_wanted(asked),
        before_id=number_asked(request.GET.get("before", "")),
        limit=_PAGE,
    )
    used = queries.actions_in_use(access=request.actor)
    people = _people(request)
    things = things_named(request.actor, page.entries, request.now)
    names = Names(people, _roles(), things, _rules_for(request))
    context = {
        "rows": [_row(request, entry, names) for entry in page.entries],
        "asked": asked,
        "filtered": any(asked.values()),
        "next": "?" + urlencode({**_given(asked), "before": page.next_before}) if page.next_before else "",
        "export": reverse("audit-export") + ("?" + urlencode(_given(asked)) if _given(asked) else ""),
        "people": people.items(),
        "rooms": _choices(used),
        # One choice for kinds that are called alike: people know one sort of channel code.
        "kinds": [(code, _(title)) for code, (title, _page) in SUBJECTS.items() if kinds_alike(code)[0] == code],
    }
    return render(request, "console/audit/page.html", context)


@room("audit.export")
def export(request: StaffRequest) -> HttpResponseBase:
    """Send what the filters find as a table; that it was sent is an entry too."""
    asked = _asked(request)
    wanted = _wanted(asked)
    entries = queries.audit_entries(access=request.actor, wanted=wanted)
    actions.note_audit_export(actor=request.actor, asked=_given(asked), now=request.now)
    name = _("audit-log") + f"-{timezone.localdate(request.now).isoformat()}.csv"
    return csv_answer(_lines(request, entries), file_name=name)


def _people(request: StaffRequest) -> dict[int, str]:
    return dict(queries.staff_names(access=request.actor))


def _roles() -> dict[str, str]:
    return {one.key: role_label(one.key, one.name) for one in queries.roles()}


def _asked(request: StaffRequest) -> dict[str, str]:
    given = {name: request.GET.get(name, "").strip()[:_LONGEST] for name in _FIELDS}
    for name in ("since", "until"):
        given[name] = given[name] if _day(given[name]) else ""
    given["who"] = given["who"] if number_asked(given["who"]) is not None else ""
    return given


def _given(asked: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def _wanted(asked: dict[str, str]) -> queries.AuditFilter:
    until = _day(asked["until"])
    return queries.AuditFilter(
        actor_id=number_asked(asked["who"]),
        action=asked["what"],
        since=_day(asked["since"]),
        until=until + timedelta(days=1) if until else None,
        subject_types=kinds_alike(asked["kind"]) if asked["kind"] else (),
        subject_id=asked["subject"],
    )


def _day(text: str) -> datetime | None:
    """Return the instant at which a day begins; None where the text is no day."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    if day is None or not 2000 <= day.year <= 2200:
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


def _choices(used: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rooms with the actions of each that there are."""
    found = []
    for prefix, title in AUDIT_ROOMS.items():
        own = [(action, action_words(action)) for action in used if action.startswith(prefix)]
        if own:
            found.append({"code": prefix, "title": _(title), "actions": own})
    named = tuple(AUDIT_ROOMS)
    others = [(action, action_words(action)) for action in used if not action.startswith(named)]
    return [*found, {"code": "", "title": _("Others"), "actions": others}] if others else found


def _row(request: StaffRequest, entry: queries.AuditView, names: Names) -> dict[str, Any]:
    return {
        "one": entry,
        "who": entry.actor_name or _("The system"),
        "what": action_words(entry.action),
        "kind": subject_words(entry.subject_type),
        "name": _subject_name(entry, names),
        "url": _place(request, entry),
        "facts": detail_words(entry.detail, names=names, action=entry.action),
    }


def _subject_name(entry: queries.AuditView, names: Names) -> str:
    """Return what the thing is called: the name of a member of staff, the title of a setting, else its key."""
    if entry.subject_type == "staff":
        return names.people.get(number_asked(entry.subject_id) or 0, entry.subject_id)
    if entry.subject_type == "setting" and entry.subject_id in SETTINGS:
        return _(SETTINGS[entry.subject_id].title)
    return names.of(entry.subject_type, entry.subject_id)


def _rules_for(request: StaffRequest) -> Callable[[Mapping[str, Any]], str]:
    """Return how rules of segments and tags are said; of segments only to whom they are shown."""

    @cache
    def known() -> Any:
        return names_for(access=request.actor)

    def say(rule: Mapping[str, Any]) -> str:
        with suppress(DomainError):
            return formats.listed([spoken(one) for one in rule_words(checked_rule(rule), stage_name=stage_label)])
        if request.actor.can("segments.view"):
            with suppress(DomainError):
                return spoken(words_of(rule=rule, names=known()))
        return json.dumps(rule, ensure_ascii=False)

    return say


def _place(request: StaffRequest, entry: queries.AuditView) -> str:
    """Return the page on which the subject is shown; empty where there is none, or the reader may not open it."""
    _title, page = SUBJECTS.get(entry.subject_type, ("", ""))
    if not page or not request.actor.can(NEEDED[page]):
        return ""
    if entry.subject_type == "experiment":
        return reverse(page, args=[entry.subject_id])
    if number_asked(entry.subject_id) is None:
        return ""
    return reverse(page, args=[int(entry.subject_id)])


def _lines(request: StaffRequest, entries: Iterator[queries.AuditView]) -> Iterator[list[str]]:
    """Yield the lines of the table: the details in words, and behind them as they were written, for programs."""
    yield [
        *(_("Number"), _("When"), _("Who"), _("What"), _("Action"), _("To what"), _("Key"), _("Name"), _("Details")),
        _("Details as written"),
    ]
    people, roles, rules = _people(request), _roles(), _rules_for(request)
    while some := list(islice(entries, _AT_ONCE)):
        names = Names(people, roles, things_named(request.actor, some, request.now), rules)
        for entry in some:
            facts = detail_words(entry.detail, names=names, action=entry.action)
            name = _subject_name(entry, names)
            yield [
                str(entry.id),
                plain(entry.at),
                entry.actor_name or _("The system"),
                action_words(entry.action),
                entry.action,
                subject_words(entry.subject_type),
                entry.subject_id,
                "" if name == entry.subject_id else name,
                " · ".join(f"{fact} {value}" for fact, value in facts),
                json.dumps(entry.detail, ensure_ascii=False) if entry.detail else "",
            ]
