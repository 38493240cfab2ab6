"""The page on which a person asks for another look at what the guard stopped. The link is the access."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yutang.foundation.access import Actor
from yutang.pages.bounds import is_too_often
from yutang.pages.door import refused, too_often, unknown
from yutang.pages.signed import SignedLinkIsOver
from yutang.pages.wording import spoken
from yutang.referral.queries import invite_of_ask
from yutang.risk import actions, queries, words
from yutang.risk.refusals import GuardWordsAreMissing, NoSuchDecision, NothingToAppeal

_MOST_ASKED = 20


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was stopped; take what the person says, once, and show the answer when there is one."""
    error, now = "", datetime.now(UTC)
    try:
        page = queries.appeal_page(token=token, now=now)
        if request.method == "POST":
            if is_too_often(f"appeal:{token}", most=_MOST_ASKED):
                return too_often(request)
            error = _asked(page.decision_id, request.POST.get("words", ""), now)
            page = queries.appeal_page(token=token, now=now)
    except NoSuchDecision:
        return unknown(request)
    except SignedLinkIsOver as refusal:
        return refused(request, status=refusal.http_status, text=spoken(refusal.sentence))
    told = words.TOLD_CUSTOMER.get(page.verdict, "")
    is_invited = page.kind == "referral" and page.verdict == "allow"
    context = {
        "page": page,
        "invite": invite_of_ask(key=page.key) if is_invited else "",
        "kind": _(words.KIND_TITLES[page.kind]),
        "told": _(told) if told else "",
        "why": spoken(page.why),
        "error": error,
    }
    answer = render(request, "pages/appeal.html", context, status=422 if error else 200)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _asked(decision_id: int, said: str, now: datetime) -> str:
    """Make the appeal, and return what is wrong with it; empty: it was taken."""
    try:
        actions.appeal(actor=Actor.system(), decision_id=decision_id, words=said, now=now)
    except GuardWordsAreMissing:
        return _("Write in a few words why, 1,000 characters at most.")
    except NothingToAppeal:
        # Sent a second time, or let through meanwhile: the page tells which.
        return ""
    return ""
