"""What people ask about their own data, what they are answered, and who was erased."""

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
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.privacy import actions, queries, views

_ERASURE_TONES = {"waiting": "info", "stopped": "warn", "done": "accent"}
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
        "erasures": [_erasure(one) for one in queries.erasures(access=request.actor)],
        "staying": [_(why) for why in queries.STAYING.values()],
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


@room("privacy.erase", "customers.view")
@require_POST
def erase(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Let a worker erase a person; the reason and who asked are in the audit log."""
    people.customer_card(access=request.actor, customer_id=customer_id)
    actions.ask_to_erase(
        actor=request.actor, customer_id=customer_id, reason=request.POST.get("reason", ""), now=request.now
    )
    messages.success(request, _("The customer is being erased. The receipt stands on the page of requests about data."))
    return redirect("requests" if request.actor.can("privacy.view") else "customers")


def _erasure(one: views.ErasureView) -> dict[str, Any]:
    return {
        "one": one,
        "state": _(queries.ERASURE_TITLES[one.state]),
        "tone": _ERASURE_TONES[one.state],
        "stopped_by": spoken(one.stopped_by) if one.stopped_by else "",
        "lines": [
            {"title": _(line.title), "rows": line.rows, "kept": _(line.kept) if line.kept else ""}
            for line in one.receipt
        ],
    }


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
