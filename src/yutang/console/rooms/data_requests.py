"""What people ask about their own data, and what they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.privacy import actions, queries

_TONES = {"open": "info", "done": "accent", "refused": "warn"}


@room("privacy.view")
def requests(request: StaffRequest) -> HttpResponseBase:
    """Show every request, what is due first at the top."""
    state = request.GET.get("state", "")
    state = state if state in queries.STATE_TITLES else ""
    found = queries.requests(access=request.actor, state=state, now=request.now)
    rows = [
        {
            "one": one,
            "kind": _(queries.KIND_TITLES[one.kind]),
            "state": _(queries.STATE_TITLES[one.state]),
            "tone": "down" if one.is_late else _TONES[one.state],
        }
        for one in found
    ]
    if sheet_asked(request):
        return sheet_answer(request, _sheet(rows))
    context = {
        "rows": rows,
        "states": [(code, _(title)) for code, title in queries.STATE_TITLES.items()],
        "state": state,
        "may_take": may_take_people(request),
        "open": queries.open_requests(access=request.actor),
    }
    return render(request, "console/requests/list.html", context)


@room("privacy.answer", "privacy.view")
@require_POST
def answer(request: StaffRequest, request_id: int) -> HttpResponse:
    """Write down what a person was answered."""
    actions.answer_request(
        actor=request.actor,
        request_id=request_id,
        outcome=request.POST.get("outcome", ""),
        answer=request.POST.get("answer", ""),
        now=request.now,
    )
    messages.success(request, _("The answer is written down; the customer reads it on the own page."))
    return redirect("requests")


def _sheet(rows: list[dict[str, Any]]) -> Sheet:
    titles = [
        _("Number"),
        _("Asked"),
        pgettext("kind of thing", "What"),
        _("Customer"),
        _("State"),
        _("Due"),
        _("Answered"),
        _("By whom"),
        _("Answer"),
    ]
    return Sheet(_("Requests about data"), titles, _lines(rows), of_people=True)


def _lines(rows: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        one = row["one"]
        yield [
            one.id, one.asked_at, row["kind"], one.customer_id, row["state"], one.due_date, one.answered_at, one.answered_by,
            one.answer,
        ]  # fmt: skip
