"""Decisions of the guard: the list with its filters, one in full, and what people decide about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import guard_words as said
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.guard import score_parts
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.kit.money import from_minor
from yutang.risk import actions, queries, words
from yutang.risk.views import DecisionFilters

_PAGE, _IN_A_SHEET, _MOST_IN_A_SHEET = 40, 200, 20_000
#: What the list is narrowed to at a click: code to title; empty: everything.
_VIEWS = ("waiting", "appealed", "stopped", "wrong", "")


@room("guard.view")
def decisions(request: StaffRequest) -> HttpResponseBase:
    """Show decisions, at first those that wait for a person."""
    view = request.GET.get("view", "waiting")
    view = view if view in _VIEWS else "waiting"
    filters = _filters(request, view)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, filters))
    after = number_asked(request.GET.get("after", ""))
    page = queries.decisions(access=request.actor, filters=filters, after_key=after, limit=_PAGE)
    titles = (_("To be looked at"), _("Appeals"), _("Stopped by the guard"), _("Stopped wrongly"), _("Everything"))
    context = {
        "rows": said.rows(request, page.rows),
        "next": page.next_key,
        "views": list(zip(_VIEWS, titles, strict=True)),
        "view": view,
        "filters": filters,
        "kinds": [(code, _(title)) for code, title in words.KIND_TITLES.items()],
        "is_filtered": bool(filters.kind or filters.programme or filters.customer_id),
        "may_take": request.actor.can("segments.export"),
    }
    return render(request, "console/guard/decisions.html", context)


@room("guard.view")
def decision(request: StaffRequest, decision_id: int) -> HttpResponse:
    """Show one decision: why, by which facts, what became of it, and what a person can do."""
    view = queries.decision_view(access=request.actor, decision_id=decision_id)
    may_see = request.actor.can("customers.view") and view.customer_id is not None
    (row,) = said.rows(request, [view])
    standing = None
    if may_see and row["name"] and view.customer_id is not None:
        standing = queries.standing_of(access=request.actor, customer_id=view.customer_id)
    context = {
        "row": row,
        "view": view,
        "reasons": [spoken(one) for one in words.sentences_of(view.reasons)],
        "facts": said.fact_rows(view.facts),
        "standing": standing,
        "parts": score_parts(standing) if standing else [],
        "shadow": _(words.VERDICT_TITLES[view.shadow_verdict]) if view.shadow_verdict else "",
        "link": request.build_absolute_uri(
            reverse("appeal", args=[queries.appeal_token(decision_id=decision_id, now=request.now)])
        ),
        "appeal_state": _(words.APPEAL_TITLES[view.appeal_state]) if view.appeal_state else "",
    }
    return render(request, "console/guard/decision.html", context)


@room("guard.decide", "guard.view")
@require_POST
def let_through(request: StaffRequest, decision_id: int) -> HttpResponse:
    """Let through what was stopped."""
    view = queries.decision_view(access=request.actor, decision_id=decision_id)
    actions.let_through(actor=request.actor, decision_id=decision_id, now=request.now)
    was_slowed = view.verdict == "slow"
    messages.success(
        request, _("It is let through.") if was_slowed else _("It is let through, and counted as stopped wrongly.")
    )
    return redirect("guard-decision", decision_id)


@room("guard.decide", "guard.view")
@require_POST
def keep_stopped(request: StaffRequest, decision_id: int) -> HttpResponse:
    """Keep it stopped."""
    actions.keep_stopped(actor=request.actor, decision_id=decision_id, now=request.now)
    messages.success(request, _("It stays stopped."))
    return redirect("guard-decision", decision_id)


@room("guard.appeal", "guard.view")
@require_POST
def appeal(request: StaffRequest, decision_id: int) -> HttpResponse:
    """Ask for another look on behalf of a person."""
    written = request.POST.get("words", "")
    actions.appeal(actor=request.actor, decision_id=decision_id, words=written, now=request.now)
    messages.success(request, _("Somebody will take another look."))
    return redirect("guard-decision", decision_id)


@room("guard.decide", "guard.view")
@require_POST
def answer(request: StaffRequest, decision_id: int) -> HttpResponse:
    """Grant or decline an appeal."""
    written = request.POST.get("answer", "")
    is_granted = request.POST.get("granted") == "yes"
    act = actions.grant_appeal if is_granted else actions.decline_appeal
    act(actor=request.actor, decision_id=decision_id, answer=written, now=request.now)
    if is_granted:
        messages.success(request, _("The appeal is granted: it is let through, and this customer for some time."))
    else:
        messages.success(request, _("The appeal is declined."))
    return redirect("guard-decision", decision_id)


def _filters(request: StaffRequest, view: str) -> DecisionFilters:
    kind = request.GET.get("kind", "")
    return DecisionFilters(
        kind=kind if kind in words.KIND_TITLES else "",
        programme=request.GET.get("programme", "").strip()[:64],
        customer_id=number_asked(request.GET.get("person", "")),
        is_stopped=view == "stopped",
        is_waiting=view == "waiting",
        is_appealed=view == "appealed",
        is_wrong=view == "wrong",
    )


def _sheet(request: StaffRequest, filters: DecisionFilters) -> Sheet:
    titles = [_("Number"), _("When"), _("Kind"), _("Programme"), _("Customer"), _("Name"), _("Worth"), _("Verdict")]
    titles += [_("Points"), _("Reason"), _("How it went on"), _("Version of the rules")]
    return Sheet(_("Decisions of the guard"), titles, _lines(request, filters), of_people=True)


def _lines(request: StaffRequest, filters: DecisionFilters) -> Iterator[list[Any]]:
    after: int | None = None
    for _page in range(_MOST_IN_A_SHEET // _IN_A_SHEET):
        page = queries.decisions(access=request.actor, filters=filters, after_key=after, limit=_IN_A_SHEET)
        for row in said.rows(request, page.rows):
            one = row["one"]
            yield [
                one.id, one.at, row["kind"], one.programme, one.customer_id, row["name"],
                from_minor(one.value_fen, currency="CNY"), row["verdict"], one.points, row["why"], row["outcome"],
                one.rules_version,
            ]  # fmt: skip
        after = page.next_key
        if after is None:
            return
