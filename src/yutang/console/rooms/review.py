"""The review queue: two people side by side, and a person decides whether they are one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed_rooms
from yutang.console.rooms.asked import back_to, number_asked
from yutang.console.rooms.customer import unmask_reason, unmask_reasons
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import may_take_people, sheet_answer, sheet_asked
from yutang.console.words import identifier_label, stage_label
from yutang.customers import actions, queries, views
from yutang.insight import queries as insight
from yutang.kit.text import filled

_PAGE = 8
#: More pairs than this are said to be "1,000+".
_MOST_COUNTED = 1_000


@room("review.decide")
def review(request: StaffRequest) -> HttpResponseBase:
    """Show the pairs to be decided, oldest first, with what agrees and what contradicts."""
    if sheet_asked(request):
        return sheet_answer(request, listed_rooms.of_pairs(request.actor))
    after = request.GET.get("after", "")
    page = queries.review_queue(access=request.actor, after=number_asked(after), limit=_PAGE)
    if after and not page.rows:
        # The last pair of the page was decided: those before it are still open.
        return redirect("review")
    ids = [person.id for case in page.rows for person in (case.first, case.second)]
    scores = insight.scores_for(access=request.actor, customer_ids=ids)
    count = queries.review_count(access=request.actor, at_most=_MOST_COUNTED + 1)
    known = queries.identifiers_of_many(access=request.actor, customer_ids=ids)
    context = {
        "cases": [_case(case, scores, known) for case in page.rows],
        "next": page.next_key,
        "subtitle": _("%(n)s pairs share a key but contradict each other. You decide.") % {"n": _up_to(count)},
        "count": count,
        "may_take": may_take_people(request),
        "may_unmask": request.actor.can("customers.unmask"),
        "unmask_reasons": unmask_reasons(),
        "apart": [_apart(one) for one in queries.kept_apart(access=request.actor)],
    }
    return render(request, "console/review/page.html", context)


@room("review.decide")
@require_POST
def same(request: StaffRequest, case_id: int) -> HttpResponse:
    """Make one person of the pair."""
    actions.decide_review(actor=request.actor, case_id=case_id, decision="merged", now=request.now)
    messages.success(request, _("They are one person now. It can be undone on the person's page."))
    return back_to(request, "review", keep=("after",))


@room("review.decide")
@require_POST
def apart(request: StaffRequest, case_id: int) -> HttpResponse:
    """Keep the pair apart for good."""
    actions.decide_review(actor=request.actor, case_id=case_id, decision="kept_apart", now=request.now)
    messages.success(
        request,
        _("They stay two people and will not be asked about again. It can be taken back at the end of this page."),
    )
    return back_to(request, "review", keep=("after",))


@room("review.decide")
@require_POST
def reopen(request: StaffRequest, case_id: int) -> HttpResponse:
    """Take back that a pair is two people: it is to be decided again."""
    actions.reopen_review(actor=request.actor, case_id=case_id, now=request.now)
    messages.success(request, _("Taken back: the pair is to be decided again."))
    return back_to(request, "review", keep=("after",))


@never_cache
@room("customers.unmask", "review.decide")
@require_POST
def unmask(request: StaffRequest, case_id: int) -> HttpResponse:
    """Show both people of a pair in the clear for this one answer; who looked and why is in the audit log."""
    reason = unmask_reason(request)
    clear = actions.unmask_pair(actor=request.actor, case_id=case_id, reason=reason, now=request.now)
    case = queries.review_case(access=request.actor, case_id=case_id)
    if case is None:
        raise Http404
    ids = [person.id for person in clear]
    scores = insight.scores_for(access=request.actor, customer_ids=ids)
    known = queries.identifiers_of_many(access=request.actor, customer_ids=ids)
    shown = _case(case, scores, known, clear)
    if not request.htmx:
        context = {"cases": [shown], "count": 1, "subtitle": _("One pair, in the clear.")}
        return render(request, "console/review/page.html", context)
    answer = render(request, "console/review/versus.html", {"case": shown})
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#versus-{case_id}", "innerHTML"
    return answer


def _apart(one: queries.ApartPair) -> dict[str, Any]:
    return {
        "id": one.case_id,
        "people": [{"id": key, "name": spoken_name(name)} for key, name in one.people],
        "reason": spoken(one.reason),
        "at": one.decided_at,
        "by": one.actor_label,
    }


def _up_to(count: int) -> str:
    return formats.number(count) if count <= _MOST_COUNTED else f"{formats.number(_MOST_COUNTED)}+"


def _case(
    case: views.ReviewView,
    scores: dict[int, insight.Scorecard],
    identifiers: dict[int, tuple[views.IdentifierView, ...]],
    clear: tuple[views.ClearCustomer, ...] = (),
) -> dict[str, Any]:
    people = (case.first, case.second)
    said = [_said(person, identifiers.get(person.id, ())) for person in people]
    for words, person in zip(said, clear, strict=False):
        words.update(_said_clearly(person))
    agreeing = case.agreeing | {case.identifier_kind}
    rows = [
        _row(label, said[0].get(code, ""), said[1].get(code, ""), agree=code in agreeing)
        for code, label in _labels(unmasked=bool(clear))
    ]
    rows += [
        _plain(_("Store"), case.first.store_name, case.second.store_name),
        _plain(_("Known since"), *(formats.day(timezone.localtime(one.first_seen_at).date()) for one in people)),
        _plain(_("Orders"), *(_orders(scores.get(person.id)) for person in people)),
    ]
    return {
        "id": case.id,
        "reason": spoken(case.reason),
        "opened_at": case.opened_at,
        "people": [{"id": person.id, "name": words["name"]} for person, words in zip(people, said, strict=True)],
        "rows": [row for row in rows if row["first"] or row["second"]],
        "unmasked": bool(clear),
    }


_KINDS = ("phone", "wecom", "unionid", "openid", "member_no", "nickname", "email", "device")


def _labels(*, unmasked: bool) -> list[tuple[str, str]]:
    """Return what is compared, in its order: code and label."""
    place = ("address", _("Address")) if unmasked else ("city", _("City"))
    return [("name", _("Full name")), *((kind, identifier_label(kind)) for kind in _KINDS), place]


def _said(person: views.CustomerRow, identifiers: tuple[views.IdentifierView, ...]) -> dict[str, str]:
    """Return what is known of a person by code, masked."""
    name = spoken_name(person.name)
    return {"name": name, "city": person.city, **_by_kind((one.kind, one.value) for one in identifiers)}


def _said_clearly(person: views.ClearCustomer) -> dict[str, str]:
    """Return what is known of a person by code, in the clear."""
    values = [("phone", phone) for phone in person.phones] + [("email", email) for email in person.emails]
    values += [(kind, value) for kind, _scope, value in person.accounts]
    name = {"name": person.name} if person.name else {}
    return {**name, "address": person.address, **_by_kind(values)}


def _by_kind(values: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for kind, value in values:
        found.setdefault(kind, []).append(value)
    return {kind: " · ".join(dict.fromkeys(each)) for kind, each in found.items()}


def _orders(score: insight.Scorecard | None) -> str:
    if score is None:
        return ""
    figures = {
        "n": formats.number(score.orders),
        "amount": formats.money(score.spend_minor, score.currency),
        "stage": stage_label(score.stage),
    }
    return filled(_("%(n)s orders, %(amount)s, %(stage)s"), figures)


def _row(label: str, first: str, second: str, *, agree: bool) -> dict[str, str]:
    verdict = ("agree" if agree else "clash") if first and second else ""
    return {"label": label, "first": first, "second": second, "verdict": verdict}


def _plain(label: str, first: str, second: str) -> dict[str, str]:
    return {"label": label, "first": first, "second": second, "verdict": ""}
