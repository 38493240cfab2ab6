"""What is done with what people type on these pages: one page for everybody, linked wherever something is typed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yutang.foundation.queries import organisation_setting
from yutang.pages.bounds import address_of, is_too_often
from yutang.pages.door import refused
from yutang.pages.wechat import way_to_wechat
from yutang.privacy.organisation import ANSWER_DAYS, CONTACT, NOTICE_ADDRESS

_MOST_VISITS = 240


@login_not_required
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """Say who keeps what, what for and how long, and how to see, change or end it."""
    if is_too_often(f"notice:{address_of(request)}", most=_MOST_VISITS):
        said = _("That was often within a short time. Wait a minute, then try again.")
        return refused(request, status=429, text=said)
    context = {
        "contact": str(organisation_setting(CONTACT)),
        "whole": str(organisation_setting(NOTICE_ADDRESS)),
        "days": int(organisation_setting(ANSWER_DAYS)),
        "to_own_page": way_to_wechat(reverse("me-door")),
    }
    answer = render(request, "pages/notice.html", context)
    answer["X-Robots-Tag"] = "noindex"
    return answer
