"""Pages of referral: what a friend finds behind an invitation, and what whoever invites sees of their own friends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yutang.codes.actions import GroupBehind
from yutang.coupons import actions as coupons
from yutang.customers import actions as customers
from yutang.foundation.access import Actor
from yutang.journeys.leading_newcomers import GroupPlace, group_of_friend
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence, filled
from yutang.pages.bounds import address_of, is_too_often
from yutang.pages.codes import group_page
from yutang.pages.cookies import device_of, keep, keep_device
from yutang.pages.door import too_often, unknown
from yutang.pages.signed import SignedLinkIsOver, SignedLinkIsUnknown, read, sign
from yutang.pages.visitor import Visitor, is_in_wechat, met_person, visitor_of
from yutang.pages.wechat import way_to_wechat
from yutang.referral import actions, queries
from yutang.referral.asking_risk import decision_key
from yutang.referral.refusals import NumberIsKnown, NumberIsOfInviter, NumberTellsNobody, NumberTookAnother
from yutang.referral.views import Card, InvitationView
from yutang.risk import queries as guard
from yutang.risk.views import AnotherLook

#: Invitations that one address takes, and pages of groups that it opens, a minute.
_MOST_TAKEN, _MOST_PAGES = 10, 60
#: The link to the group is made when an invitation is taken, and may be opened so much later.
_GROUP, _GROUP_LASTS = "referral-group", timedelta(days=30)
#: A sealed cookie that tells which invitation was taken with this phone.
_TOOK, _TOOK_PURPOSE, _TOOK_LASTS = "yutang_took", "invitation-taken", timedelta(days=365)
#: Version of the words that somebody agrees to, and the words: of a number, and of a WeChat account.
_WORDING = "referral-2"
_NUMBER_AGREED = N_(
    "I agree that this number is kept to give me the benefit and to tell whether I am new. It is used for nothing else."
)
_ACCOUNT_AGREED = N_(
    "I agree that this account is kept to give me the benefit and to tell whether I am new. It is used for nothing else."
)
#: Refusals of a number that may be shared: whoever typed it may have another way.
_OF_NUMBER = (NumberIsKnown, NumberIsOfInviter, NumberTellsNobody, NumberTookAnother)
_STATES = {
    "came": N_("on the way"),
    "done": N_("did it"),
    "lapsed": N_("too late"),
    "reversed": N_("order given back"),
    "held": N_("being looked at"),
}
#: Invitations of these states are shown again to the phone with which they were taken.
_SHOWN_AGAIN = frozenset({"came", "done", "held", "refused"})
_GIFTS = {
    "waiting": N_("your benefit comes after the return window"),
    "given": N_("your benefit is there"),
    "taken_back": N_("benefit taken back"),
}


@dataclass(frozen=True)
class Taken:
    """What became of an invitation that was taken.

    Attributes:
        invitation_id: which.
        state: of the invitation.
        is_theirs: whether it was taken with this phone or this WeChat account; a number that is typed proves nothing, so
            that code, group and appeal are told to nobody else.
        code: of the coupon; empty: there is none.
        group: name of the group with a place; empty: there is none.
        group_token: of the link to the group.
        look: what the guard tells whom it stopped, with the way to ask for another look; None: it stopped nobody.
    """

    invitation_id: int
    state: str
    is_theirs: bool
    code: str = ""
    group: str = ""
    group_token: str = ""
    look: AnotherLook | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the invitation counts."""
        return self.state not in {"held", "refused"}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; take it when the form is sent."""
    try:
        card = queries.card_of(token=token)
    except queries.LinkIsWrong:
        return unknown(request)
    if request.method != "POST":
        return _opened(request, token, card)
    if is_too_often(f"referral:{address_of(request)}", most=_MOST_TAKEN):
        return too_often(request)
    phone = request.POST.get("phone", "")[:20]
    if request.POST.get("agreed") != "yes":
        return _shown(request, {"card": card, "phone": phone, "error": _("Please agree first.")}, status=422)
    visitor = None if phone else visitor_of(request)
    try:
        taken = _take(request, token, phone, visitor)
    except DomainError as refusal:
        is_of_number = isinstance(refusal, _OF_NUMBER)
        said = {"card": card, "phone": phone, "error": _spoken(refusal.sentence), "is_of_number": is_of_number}
        return _shown(request, said, status=refusal.http_status)
    answer = _shown(request, {"card": card, "taken": taken})
    if taken.is_theirs:
        kept = sign(_TOOK_PURPOSE, str(taken.invitation_id), until=datetime.now(UTC) + _TOOK_LASTS)
        keep(answer, _TOOK, kept, lasts=_TOOK_LASTS)
    return answer


@login_not_required
@require_http_methods(["GET", "HEAD"])
def group(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invited friend the code of the group in which a place is kept for them."""
    if is_too_often(f"referral-group:{address_of(request)}", most=_MOST_PAGES):
        return too_often(request)
    try:
        invitation_id = int(read(token, _GROUP).ref)
    except (SignedLinkIsUnknown, SignedLinkIsOver):
        return unknown(request)
    return group_page(request, _group_behind(group_of_friend(invitation_id=invitation_id, now=datetime.now(UTC))))


@login_not_required
@require_http_methods(["GET", "HEAD"])
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """Show whoever invites how their friends are; the link is the access."""
    try:
        found = queries.progress_of(token=token)
    except queries.LinkIsWrong:
        return unknown(request)
    friends = [
        (at, _(_STATES[state]) if state in _STATES else state, _(_GIFTS[gift]) if gift in _GIFTS else "")
        for at, state, gift in found.friends
    ]
    base = str(settings.YUTANG_PUBLIC_URL).rstrip("/") or request.build_absolute_uri("/").rstrip("/")
    context = {
        "progress": found,
        "friends": friends,
        "link": f"{base}/r/{found.token}",
        "in_wechat": is_in_wechat(request),
    }
    answer = render(request, "pages/progress.html", context)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _take(request: HttpRequest, token: str, phone: str, visitor: Visitor | None) -> Taken:
    """Take an invitation, write down that the person agreed, and return what it came to."""
    system, now = Actor.system(), datetime.now(UTC)
    device, address = device_of(request), address_of(request)
    if visitor is None:
        invitation_id = actions.accept_invitation(
            actor=system, token=token, phone=phone, device=device, address=address, now=now
        )
    else:
        friend = met_person(visitor, now=now)
        invitation_id = actions.accept_by_mark(
            actor=system, mark=token, friend_id=friend, device=device, address=address, now=now
        )
    view = queries.invitation_view(access=system, invitation_id=invitation_id)
    if view.friend_id is not None:
        customers.record_consent(
            actor=system,
            customer_id=view.friend_id,
            purpose="keeping",
            channel="any",
            wording_version=_WORDING,
            evidence=_evidence(invitation_id, visitor),
            occurred_at=now,
            now=now,
        )
    is_theirs = visitor is not None or view.came_at == now or _took(request) == invitation_id
    return _came_to(view, now=now) if is_theirs else Taken(invitation_id, view.state, is_theirs=False)


def _opened(request: HttpRequest, token: str, card: Card) -> HttpResponse:
    """Show the invitation, or what it came to for the phone with which it was taken."""
    if "other" in request.GET or _took(request) is None:
        return _shown(request, {"card": card})
    if is_too_often(f"referral-kept:{address_of(request)}", most=_MOST_PAGES):
        return too_often(request)
    taken = _kept(request, token)
    return _shown(request, {"card": card, "taken": taken, "is_kept": taken is not None})


def _kept(request: HttpRequest, token: str) -> Taken | None:
    """Return what the invitation came to that was taken by this link with this phone; None: none was, or it is over."""
    invitation_id = _took(request)
    if invitation_id is None or queries.invitation_state(token=token, invitation_id=invitation_id) not in _SHOWN_AGAIN:
        return None
    view = queries.invitation_view(access=Actor.system(), invitation_id=invitation_id)
    return _came_to(view, now=datetime.now(UTC))


def _came_to(view: InvitationView, *, now: datetime) -> Taken:
    """Return what an invitation came to, with everything that only whoever took it is told."""
    system, taken = Actor.system(), Taken(view.id, view.state, is_theirs=True)
    if not taken.is_ok:
        return replace(taken, look=_another_look(view, now=now))
    coupon = next((one.coupon_id for one in view.rewards if one.role == "friend" and one.state == "given"), None)
    code = coupons.show_code(actor=system, coupon_id=coupon, now=now) if coupon is not None else ""
    taken = replace(taken, code=code)
    group = group_of_friend(invitation_id=view.id, now=now)
    if group is None or not group.name:
        return taken
    return replace(taken, group=group.name, group_token=sign(_GROUP, str(view.id), until=now + _GROUP_LASTS))


def _took(request: HttpRequest) -> int | None:
    """Return the invitation that was taken with this phone; None: none, or it does not know any more."""
    try:
        return int(read(request.COOKIES.get(_TOOK, ""), _TOOK_PURPOSE).ref)
    except (SignedLinkIsUnknown, SignedLinkIsOver):
        return None


def _another_look(view: InvitationView, *, now: datetime) -> AnotherLook | None:
    """Return what the guard tells of an invitation that does not count; None where it was not the guard who stopped it."""
    if view.friend_id is None:
        return None
    return guard.another_look(key=decision_key(programme_id=view.programme_id, friend_id=view.friend_id), now=now)


def _agreed_words(visitor: Visitor | None) -> str:
    """Return what somebody agrees to, word for word as the page says it."""
    return _(_NUMBER_AGREED) if visitor is None else _(_ACCOUNT_AGREED)


def _evidence(invitation_id: int, visitor: Visitor | None) -> str:
    """Return how it can be proved that somebody agreed, in the language of the page that they saw."""
    told = {"number": invitation_id, "words": _agreed_words(visitor)}
    return _("Ticked on the page of invitation %(number)s: “%(words)s”") % told


def _group_behind(found: GroupPlace | None) -> GroupBehind:
    """Return what the page with the code of a friend's group shows; None: no place is kept for them any more."""
    if found is None:
        return GroupBehind("over")
    if not found.name:
        return GroupBehind("full")
    return GroupBehind("open" if found.picture else "waiting", found.name, found.picture, is_kept=True)


def _shown(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    visitor = visitor_of(request)
    known = {
        "visitor": visitor,
        "to_wechat": way_to_wechat(request.path),
        "agreed_words": _agreed_words(visitor),
    }
    answer = render(request, "pages/invitation.html", {**context, **known}, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return keep_device(answer, request)


def _spoken(sentence: Sentence) -> str:
    return filled(_(sentence.template), dict(sentence.values))
