"""Lists of the guard: who and what is always let through, or always refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.kit.errors import DomainError
from yutang.risk import actions, queries, words

_TONES = {"allow": "accent", "block": "down"}


@room("guard.view")
def lists(request: StaffRequest) -> HttpResponseBase:
    """Show the entries that hold."""
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request))
    return _page(request, error="", written={"effect": "block", "subject": "person"})


@room("guard.change", "guard.view")
@require_POST
def add(request: StaffRequest) -> HttpResponse:
    """Put somebody or something on a list."""
    posted = request.POST
    written = {name: posted.get(name, "").strip() for name in ("effect", "subject", "value", "reason", "until")}
    try:
        actions.put_on_list(
            actor=request.actor,
            effect=written["effect"],
            subject=written["subject"],
            value=written["value"],
            reason=written["reason"],
            until=_until(written["until"]),
            now=request.now,
        )
    except DomainError as refusal:
        return _page(request, error=spoken(refusal.sentence), written=written)
    messages.success(request, _("It stands on the list."))
    return redirect("guard-lists")


@room("guard.change", "guard.view")
@require_POST
def end(request: StaffRequest, entry_id: int) -> HttpResponse:
    """Take an entry off."""
    actions.take_off_list(actor=request.actor, entry_id=entry_id, now=request.now)
    messages.success(request, _("It was taken off the list."))
    return redirect("guard-lists")


def _page(request: StaffRequest, *, error: str, written: dict[str, str]) -> HttpResponse:
    context = {
        "rows": _rows(request),
        "error": error,
        "written": written,
        "effects": [(code, _(title)) for code, title in words.EFFECT_TITLES.items()],
        "subjects": [(code, _(title)) for code, title in words.SUBJECT_TITLES.items()],
        "may_take": request.actor.can("segments.export"),
    }
    return render(request, "console/guard/lists.html", context, status=422 if error else 200)


def _rows(request: StaffRequest) -> list[dict[str, Any]]:
    found = queries.list_entries(access=request.actor, now=request.now)
    keys = sorted({one.customer_id for one in found if one.customer_id is not None})
    names = {}
    if request.actor.can("customers.view"):
        names = people.customer_rows(access=request.actor, ids=keys)
    return [
        {
            "one": one,
            "name": names[one.customer_id].name if one.customer_id in names else "",
            "effect": _(words.EFFECT_TITLES[one.effect]),
            "tone": _TONES[one.effect],
            "subject": _(words.SUBJECT_TITLES[one.subject]),
            "last": timezone.localtime(one.until - timedelta(microseconds=1)).date() if one.until else None,
        }
        for one in found
    ]


def _until(written: str) -> datetime | None:
    """Return the end of a day on the organisation's clock; None where none was named, or it is none."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    if not 2_000 <= day.year <= 2_200:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _sheet(request: StaffRequest) -> Sheet:
    titles = [
        _("Number"),
        _("Effect"),
        pgettext("kind of thing", "What"),
        _("Customer"),
        _("Name"),
        _("Reason"),
        _("Until"),
        _("By"),
        _("When"),
    ]
    return Sheet(_("Lists of the guard"), titles, _lines(request), of_people=True)


def _lines(request: StaffRequest) -> Iterator[list[Any]]:
    for row in _rows(request):
        one = row["one"]
        yield [
            one.id, row["effect"], row["subject"], one.customer_id, row["name"], one.reason, row["last"], one.made_by,
            one.made_at,
        ]  # fmt: skip
