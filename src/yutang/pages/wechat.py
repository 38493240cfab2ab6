"""Saying by WeChat who one is: the way there, the way back, and the doors to one's own page and to booking for who came so.

What binds the way back to the visitor who went: a state by lot, in a sealed cookie of ten minutes that is forgotten at the first return.
Where it leads afterwards stands in that cookie too, so that nobody's link leads anywhere else.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yutang.connectors.wechat.client import OfficialAccount
from yutang.connectors.wechat.errors import WeChatError
from yutang.pages.bounds import address_of, is_too_often
from yutang.pages.cookies import forget, keep
from yutang.pages.door import refused, unknown
from yutang.pages.signed import SignedLinkIsOver, SignedLinkIsUnknown, read, sign
from yutang.pages.visitor import Visitor, forget_visitor, keep_visitor, known_person, visitor_of
from yutang.pages.wording import spoken
from yutang.visits import queries as visits
from yutang.wecom.queries import official_account

_COOKIE, _PURPOSE = "yutang_wechat", "wechat-state"
_BACK_WITHIN = timedelta(minutes=10)
#: Pages of customers, and nothing else: what a visitor may come back to.
_OWN = re.compile(r"/(?:g|r|pay|me|visit)/(?:[\w-]+(?:/[\w-]+)*/?)?(?:\?[\w=&%.-]*)?", re.ASCII)
_LONGEST_NEXT = 150
#: Ways to WeChat and back from one address a minute; a shop's guests may share one.
_MOST_WAYS = 120
#: A link to the own page that somebody gets who came by WeChat holds so long.
_OWN_LINK = timedelta(days=1)


@login_not_required
@require_safe
def go(request: HttpRequest) -> HttpResponse:
    """Lead to WeChat, which tells who the visitor is."""
    if is_too_often(f"wechat:{address_of(request)}", most=_MOST_WAYS):
        return _wait(request)
    account, after = official_account(), request.GET.get("next", "")
    if account is None or not is_own(after):
        return unknown(request)
    state = secrets.token_hex(16)
    address = account.authorize_address(back=_back_address(request), state=state)
    answer = HttpResponseRedirect(address)
    answer["X-Robots-Tag"] = "noindex"
    token = sign(_PURPOSE, f"{state} {after}", until=datetime.now(UTC) + _BACK_WITHIN)
    return keep(answer, _COOKIE, token, lasts=_BACK_WITHIN, path=reverse("wechat-back"))


@login_not_required
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Take who comes back from WeChat, and lead on to the page from which they went."""
    if is_too_often(f"wechat:{address_of(request)}", most=_MOST_WAYS):
        return _wait(request)
    account, begun = official_account(), _begun(request)
    if account is None or begun is None:
        said = _("This way back from WeChat did not begin on this phone, or took too long. Open the page again.")
        return _without_state(refused(request, status=403, text=said))
    return _without_state(_came_back(request, account, after=begun))


@login_not_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Forget who visited: for a phone that somebody else takes next."""
    after = request.POST.get("next", "")
    return forget_visitor(HttpResponseRedirect(after if is_own(after) else reverse("group-mine")))


@login_not_required
@require_safe
def own_page(request: HttpRequest) -> HttpResponse:
    """Lead who came by WeChat to their own page."""
    return _own_door(request, visits.MINE, "me")


@login_not_required
@require_safe
def booking(request: HttpRequest) -> HttpResponse:
    """Lead who came by WeChat to the page on which they book."""
    return _own_door(request, visits.BOOKING, "visit")


def is_own(address: str) -> bool:
    """Return whether an address is that of a page of customers here, from the root."""
    return len(address) <= _LONGEST_NEXT and _OWN.fullmatch(address) is not None


def way_to_wechat(after: str) -> str:
    """Return the address by which a visitor says who they are, and comes back to a page; empty where that cannot be."""
    return f"{reverse('wechat')}?{urlencode({'next': after})}" if official_account() and is_own(after) else ""


def _own_door(request: HttpRequest, purpose: str, name: str) -> HttpResponse:
    if is_too_often(f"wechat:{address_of(request)}", most=_MOST_WAYS):
        return _wait(request)
    visitor, there = visitor_of(request), way_to_wechat(request.path)
    if visitor is None:
        if request.GET.get("wechat") == "no" or not there:
            said = _("This page needs to know who you are. Open it by the link that the store sent you.")
            return refused(request, status=403, text=said)
        return HttpResponseRedirect(there)
    person = known_person(visitor)
    if person is None:
        said = _(
            "The store does not know this WeChat yet. Add somebody of the store first, or ask for a link of your own."
        )
        return refused(request, status=404, text=said)
    token = sign(purpose, customer_id=person, until=datetime.now(UTC) + _OWN_LINK)
    return HttpResponseRedirect(reverse(name, args=[token]))


def _came_back(request: HttpRequest, account: OfficialAccount, *, after: str) -> HttpResponse:
    code = request.GET.get("code", "")
    if not code:
        # Somebody who does not want to say it: WeChat leads back all the same.
        return HttpResponseRedirect(_told_nothing(after))
    try:
        told = account.user_behind(code)
    except WeChatError as refusal:
        messages.error(request, spoken(refusal.sentence))
        return HttpResponseRedirect(_told_nothing(after))
    visitor = Visitor(account.app_id, told.openid, told.unionid)
    return keep_visitor(HttpResponseRedirect(after), visitor, now=datetime.now(UTC))


def _told_nothing(after: str) -> str:
    """Return the page anew, marked so that it does not ask at once again."""
    return after if "wechat=no" in after else f"{after}{'&' if '?' in after else '?'}wechat=no"


def _begun(request: HttpRequest) -> str | None:
    """Return where the way began that ends here; None where it is not this visitor's."""
    try:
        state, _space, after = read(request.COOKIES.get(_COOKIE, ""), _PURPOSE).ref.partition(" ")
    except (SignedLinkIsUnknown, SignedLinkIsOver):
        return None
    given = request.GET.get("state", "")
    return after if hmac.compare_digest(given.encode(), state.encode()) and is_own(after) else None


def _back_address(request: HttpRequest) -> str:
    base = str(settings.YUTANG_PUBLIC_URL)
    return f"{base}{reverse('wechat-back')}" if base else request.build_absolute_uri(reverse("wechat-back"))


def _without_state(answer: HttpResponse) -> HttpResponse:
    return forget(answer, _COOKIE, path=reverse("wechat-back"))


def _wait(request: HttpRequest) -> HttpResponse:
    return refused(request, status=429, text=_("That was often within a short time. Wait a minute, then try again."))
