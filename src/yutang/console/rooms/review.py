"""The review queue: two people side by side, and a person decides whether they are one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.sentences import spoken
from yutang.console.words import identifier_label, stage_label
from yutang.customers import actions, queries, views
from yutang.insight import queries as insight

_PAGE = 8
#: More pairs than this are said to be "1,000+".
_MOST_COUNTED = 1_000


@room("review.decide")
def review(request: StaffRequest) -> HttpResponse:
    """Show the pairs to be decided, oldest first, with what agrees and what contradicts."""
    after = request.GET.get("after", "")
    page = queries.review_queue(access=request.actor, after=int(after) if after.isdecimal() else None, limit=_PAGE)
    ids = [person.id for case in page.rows for person in (case.first, case.second)]
    scores = insight.scores_for(access=request.actor, customer_ids=ids)
    count = queries.review_count(access=request.actor, at_most=_MOST_COUNTED + 1)
    known = queries.identifiers_of_many(access=request.actor, customer_ids=ids)
    context = {
        "cases": [_case(case, scores, known) for case in page.rows],
        "next": page.next_key,
        "subtitle": _("%(n)s pairs share a key but contradict each other. You decide.") % {"n": _up_to(count)},
        "count": count,
    }
    return render(request, "console/review/page.html", context)


@room("review.decide")
@require_POST
def same(request: StaffRequest, case_id: int) -> HttpResponse:
    """Make one person of the pair."""
    actions.decide_review(actor=request.actor, case_id=case_id, decision="merged", now=request.now)
    messages.success(request, _("They are one person now. It can be undone on the person's page."))
    return redirect("review")


@room("review.decide")
@require_POST
def apart(request: StaffRequest, case_id: int) -> HttpResponse:
    """Keep the pair apart for good."""
    actions.decide_review(actor=request.actor, case_id=case_id, decision="kept_apart", now=request.now)
    messages.success(request, _("They stay two people and will not be asked about again."))
    return redirect("review")


def _up_to(count: int) -> str:
    return formats.number(count) if count <= _MOST_COUNTED else f"{formats.number(_MOST_COUNTED)}+"


def _case(
    case: views.ReviewView,
    scores: dict[int, insight.Scorecard],
    identifiers: dict[int, tuple[views.IdentifierView, ...]],
) -> dict[str, Any]:
    people = (case.first, case.second)
    known = [_by_kind(identifiers.get(person.id, ())) for person in people]
    agreeing = case.agreeing | {case.identifier_kind}
    rows = [_row(_("Full name"), _name(case.first), _name(case.second), agree="name" in agreeing)]
    rows += [
        _row(identifier_label(kind), known[0].get(kind, ""), known[1].get(kind, ""), agree=kind in agreeing)
        for kind in _KINDS
        if known[0].get(kind) or known[1].get(kind)
    ]
    rows += [
        _row(_("City"), case.first.city, case.second.city, agree="city" in agreeing),
        _plain(_("Store"), case.first.store_name, case.second.store_name),
        _plain(_("Known since"), *(formats.day(timezone.localtime(one.first_seen_at).date()) for one in people)),
        _plain(_("Orders"), *(_orders(scores.get(person.id)) for person in people)),
    ]
    return {
        "id": case.id,
        "reason": spoken(case.reason),
        "opened_at": case.opened_at,
        "people": [{"id": person.id, "name": _name(person)} for person in people],
        "rows": [row for row in rows if row["first"] or row["second"]],
    }


_KINDS = ("phone", "wecom", "unionid", "openid", "member_no", "nickname", "email", "device")


def _by_kind(identifiers: tuple[views.IdentifierView, ...]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for one in identifiers:
        found.setdefault(one.kind, []).append(one.value)
    return {kind: " · ".join(dict.fromkeys(values)) for kind, values in found.items()}


def _name(person: views.CustomerRow) -> str:
    return person.name if isinstance(person.name, str) else spoken(person.name)


def _orders(score: insight.Scorecard | None) -> str:
    if score is None:
        return ""
    figures = {
        "n": formats.number(score.orders),
        "amount": formats.money(score.spend_minor, score.currency),
        "stage": stage_label(score.stage),
    }
    return _("%(n)s orders, %(amount)s, %(stage)s") % figures


def _row(label: str, first: str, second: str, *, agree: bool) -> dict[str, str]:
    verdict = ("agree" if agree else "clash") if first and second else ""
    return {"label": label, "first": first, "second": second, "verdict": verdict}


def _plain(label: str, first: str, second: str) -> dict[str, str]:
    return {"label": label, "first": first, "second": second, "verdict": ""}
