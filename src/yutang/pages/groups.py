"""Pages of group-buying: an offer, a group that is shared, one's own place. Nobody logs in: a number, or a signed link, says who it is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16
from yutang.groupbuy import actions, queries
from yutang.groupbuy.leading_on import booked_by
from yutang.groupbuy.neighbours import programme_of
from yutang.groupbuy.refusals import NoSuchCampaign, NoSuchGroup, NoSuchSeat, SeatWasStopped
from yutang.groupbuy.views import CampaignView, GroupView, SeatView, shortened
from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.pages.booking import Guest, booking_page, coming_of
from yutang.pages.bounds import address_of, is_too_often
from yutang.pages.buyer import Phone, phone_of, remember
from yutang.pages.door import refused, unknown
from yutang.pages.people import person_now
from yutang.pages.signed import SignedLinkIsOver, SignedLinkIsUnknown, read
from yutang.pages.visitor import is_in_wechat, met_person, visitor_of
from yutang.pages.wechat import way_to_wechat
from yutang.pages.wording import moment, money, spoken
from yutang.payments.queries import is_sandbox
from yutang.risk import queries as guard
from yutang.risk.views import AnotherLook
from yutang.visits import queries as visits
from yutang.visits.views import BookingView

#: Links by which a shop invites somebody it knows.
LINK_PURPOSE = "groupbuy"
_MARK = re.compile(r"[0-9a-f]{18}")
_MOST_VISITS, _MOST_CHANGES = 240, 30

View = Callable[..., HttpResponse]


def _page(view: View) -> View:
    """Let anybody in who has the address, not too often, and answer refusals with a page."""

    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, **named: Any) -> HttpResponse:
        who, is_change = address_of(request), request.method == "POST"
        if is_too_often(f"groups:{who}:{is_change}", most=_MOST_CHANGES if is_change else _MOST_VISITS):
            return refused(
                request, status=429, text=_("That was often within a short time. Wait a minute, then try again.")
            )
        try:
            answer = view(request, **named)
        except (NoSuchCampaign, NoSuchGroup, NoSuchSeat):
            return unknown(request)
        except DomainError as refusal:
            return refused(request, status=refusal.http_status, text=spoken(refusal.sentence))
        answer["X-Robots-Tag"] = "noindex"
        # These pages may ask where the phone is, when somebody presses the button for it.
        answer["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
        return answer

    return opened


@_page
def offer(request: HttpRequest, code: str) -> HttpResponse:
    """Show an offer with the groups that are filling; start a group when the form is sent."""
    now = datetime.now(UTC)
    campaign = queries.offer_at_link(code=code)
    error, look = "", None
    if request.method == "POST":
        try:
            size = _whole(request.POST.get("size", ""))
            return _taken(request, lambda wish: actions.start_group(
                actor=Actor.system(), campaign=campaign.code, size=size, wish=wish, now=now), now)  # fmt: skip
        except DomainError as refusal:
            error, look = spoken(refusal.sentence), _another_look(refusal, now)
    # While an offer rests nobody joins: no group is offered.
    is_paused = campaign.state == "paused"
    running = () if is_paused else queries.open_groups_of(campaign_id=campaign.id, now=now)
    fitting = [size for size, _price in campaign.terms.tiers if size <= campaign.left]
    chosen = _whole(request.POST.get("size", ""))
    context = {
        "campaign": campaign,
        "is_open": _takes_groups(campaign, now),
        "is_paused": is_paused,
        "is_sold_out": not fitting,
        "tiers": [
            {
                "size": size,
                "price": price,
                "saved": campaign.terms.list_minor - price,
                "has_room": size in fitting,
                "is_chosen": size == (chosen if chosen in fitting else min(fitting, default=0)),
            }
            for size, price in campaign.terms.tiers
        ],
        "price": _price_words(campaign),
        "groups": [_shown_group(one) for one in running],
        "address": reverse("group-offer", args=[campaign.code]),
        **_form(request, campaign, error, look),
    }
    return render(request, "pages/group_offer.html", context, status=422 if error else 200)


@_page
def group(request: HttpRequest, code: str) -> HttpResponse:
    """Show a group that somebody shared; join it when the form is sent."""
    now = datetime.now(UTC)
    view = queries.group_at_link(code=code, now=now)
    campaign = queries.offer_at_link(code=view.campaign_code)
    error, look = "", None
    if request.method == "POST":
        try:
            by = _who_shared(request, view.code)
            return _taken(request, lambda wish: actions.join_group(
                actor=Actor.system(), code=view.code, wish=replace(wish, inviter=by), now=now), now)  # fmt: skip
        except DomainError as refusal:
            error, view = spoken(refusal.sentence), queries.group_at_link(code=code, now=now)
            look = _another_look(refusal, now)
    own = next((one for one in queries.seats_at_links(tokens=phone_of(request).tokens, now=now)
                if one.group.id == view.id and one.state in {"held", "paid"}), None)  # fmt: skip
    context = {
        "campaign": campaign,
        "own": own,
        "is_paused": view.state == "open" and campaign.state == "paused",
        "can_start": _takes_groups(campaign, now)
        and campaign.left >= min(size for size, _price in campaign.terms.tiers),
        "can_join": own is None
        and view.state == "open"
        and view.free > 0
        and view.ends_at > now
        and campaign.state != "paused",
        "address": reverse("group", args=[view.code]),
        **_shown_group(view),
        **_form(request, campaign, error, look),
    }
    return render(request, "pages/group.html", context, status=422 if error else 200)


@_page
def seat(request: HttpRequest, token: str) -> HttpResponse:
    """Show one's own place; give it up when the form is sent."""
    now = datetime.now(UTC)
    view = queries.seat_at_link(token=token, now=now)
    if request.method == "POST" and request.POST.get("what") == "leave":
        actions.leave_group(actor=Actor.system(), token=token, now=now)
        return redirect("group-seat", token)
    if view.state == "held" and view.payment_state == "paid":
        # The notice of the payment was faster than whoever delivers it within the house.
        actions.take_paid_seat(actor=Actor.system(), seat_id=view.id, now=now)
        view = queries.seat_at_link(token=token, now=now)
    address = request.build_absolute_uri(reverse("group", args=[view.group.code]))
    context = {
        "seat": view,
        "campaign": queries.offer_at_link(code=view.group.campaign_code),
        "can_pay": view.state == "held" and view.payment_state == "asked" and view.hold_until > now,
        "can_leave": view.group.state == "open" and view.state in {"held", "paid"},
        "share_address": f"{address}?by={queries.mark_of_seat(view.id)}",
        "in_wechat": is_in_wechat(request),
        "to_visit": reverse("group-visit", args=[token]) if _may_book(view) else "",
        "coming": _coming(request, view, now),
        "has_come": _has_come(view),
        "called_off": _called_off(view, now),
        **_shown_group(view.group),
    }
    return render(request, "pages/group_seat.html", context)


@_page
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever holds a place that is paid, in a group that is complete, book the visit.

    A place is taken by typing a number, which anybody can: so the page shows what was booked here, and nothing else of the person.
    """
    view = queries.seat_at_link(token=token, now=datetime.now(UTC))
    if not _may_book(view) or view.customer_id is None or _has_come(view):
        return redirect("group-seat", token)
    person = person_now(view.customer_id)
    guest = Guest(
        person, programme_of(view.group.campaign_id), "page:group-visit", reverse("group-visit", args=[token]),
        booked_by(view.id), sees_all=False, home=reverse("group-seat", args=[token]), home_title=_("To my place"),
        needs_token=True, store_id=view.store_id, is_once=True,
    )  # fmt: skip
    return booking_page(request, guest)


@_page
def mine(request: HttpRequest) -> HttpResponse:
    """Show the places that were taken with this phone."""
    now = datetime.now(UTC)
    seats = queries.seats_at_links(tokens=phone_of(request).tokens, now=now)
    return render(
        request, "pages/group_mine.html", {"seats": [{"seat": one, **_shown_group(one.group)} for one in seats]}
    )


def _taken(request: HttpRequest, take: Callable[[actions.Wish], str], now: datetime) -> HttpResponse:
    """Take a place for who sent the form, and lead to the cashier."""
    phone = phone_of(request)
    token = take(_wish(request, phone, now))
    view = queries.seat_at_link(token=token, now=now)
    ways = {True: ("cashier", view.payment_number), False: ("group-seat", token)}
    name, key = ways[bool(view.payment_number) and view.payment_state == "asked"]
    return remember(redirect(name, key), request, phone, token)


def _another_look(refusal: DomainError, now: datetime) -> AnotherLook | None:
    """Return what the guard tells whom it gives no place, with the way to ask for another look; None for other refusals."""
    return guard.another_look(key=refusal.data["key"], now=now) if isinstance(refusal, SeatWasStopped) else None


def _price_words(campaign: CampaignView) -> str:
    """Return what an offer costs, as its page and the card that is passed on say it: from the lowest price, where there are several."""
    prices = {price for _size, price in campaign.terms.tiers}
    lowest = money(min(prices))
    return _("from %(price)s") % {"price": lowest} if len(prices) > 1 else lowest


def _takes_groups(campaign: CampaignView, now: datetime) -> bool:
    return campaign.state == "open" and campaign.terms.ends_at > now


def _coming(request: HttpRequest, view: SeatView, now: datetime) -> list[tuple[BookingView, str]]:
    """Return the visits to come that were booked with a place, with the pictures of their codes."""
    if not _may_book(view) or view.customer_id is None:
        return []
    return coming_of(request, person=person_now(view.customer_id), key_starts=booked_by(view.id), now=now)


def _called_off(view: SeatView, now: datetime) -> list[BookingView]:
    """Return the visits that would be to come, had the money of their place not gone back."""
    if view.state == "paid" or view.customer_id is None:
        return []
    own = visits.bookings_of(
        access=Actor.system(), customer_id=person_now(view.customer_id), key_starts=booked_by(view.id)
    )
    return [one for one in own if one.is_given_back and one.starts_at > now]


def _has_come(view: SeatView) -> bool:
    """Return whether somebody came by a visit that was booked with a place: one place is one visit."""
    if view.customer_id is None:
        return False
    own = visits.bookings_of(
        access=Actor.system(), customer_id=person_now(view.customer_id), key_starts=booked_by(view.id)
    )
    return any(one.state == "came" for one in own)


def _may_book(view: SeatView) -> bool:
    return view.state == "paid" and view.group.state == "filled" and not view.refund_state


def _wish(request: HttpRequest, phone: Phone, now: datetime) -> actions.Wish:
    form = request.POST
    person, shown = _who(request, now)
    own = form.get("key", "")[:40] or secrets.token_hex(8)
    return actions.Wish(
        key=f"page:{digest16('join', str(person), own).hex()}",
        customer_id=person,
        shown=shown,
        place=_place(form.get("latitude", ""), form.get("longitude", "")),
        device=phone.device,
        address=address_of(request),
    )


def _who_shared(request: HttpRequest, code: str) -> int | None:
    """Return the seat by whose address who sends the form came into a group; None: by nobody's."""
    return queries.seat_that_shared(code=code, mark=_mark(request.POST.get("by", "")))


def _mark(written: str) -> str:
    """Return the mark of a seat as an address holds it; empty where there is none."""
    return written if _MARK.fullmatch(written) else ""


def _who(request: HttpRequest, now: datetime) -> tuple[int, str]:
    """Return who joins, and how others see them: by a signed link, by WeChat, or by the number that was typed."""
    form, name = request.POST, request.POST.get("name", "").strip()[:40]
    known, visitor = _invited(form.get("k", "")), visitor_of(request)
    if known is None and visitor is not None and not form.get("phone"):
        known = met_person(visitor, now=now)
    if known is not None:
        return known, shortened(name)
    return actions.known_person(actor=Actor.system(), phone=form.get("phone", "")[:40], name=name, now=now)


def _invited(token: str) -> int | None:
    """Return whom a signed link names; None where there is none, or where it does not hold."""
    if not token:
        return None
    try:
        return read(token, LINK_PURPOSE).customer_id
    except (SignedLinkIsUnknown, SignedLinkIsOver):
        return None


def _form(request: HttpRequest, campaign: CampaignView, error: str, look: AnotherLook | None) -> dict[str, Any]:
    """Return what every form of joining needs."""
    written = request.POST if request.method == "POST" else request.GET
    token = written.get("k", "")[:400]
    return {
        "error": error,
        "look": look,
        "written": {name: request.POST.get(name, "")[:40] for name in ("phone", "name")},
        "by": _mark(written.get("by", "")),
        "link": token if _invited(token) is not None else "",
        "visitor": visitor_of(request),
        "to_wechat": way_to_wechat(_here(request)),
        "key": secrets.token_hex(8),
        "is_local": bool(campaign.terms.radius_km),
        "is_sandbox": is_sandbox(),
        "picture": campaign.terms.picture,
        "mine": bool(phone_of(request).tokens),
    }


def _here(request: HttpRequest) -> str:
    """Return the page with who invited, and without what else stands in the address."""
    by = _mark(request.GET.get("by", ""))
    return f"{request.path}?by={by}" if by else request.path


def _shown_group(view: GroupView) -> dict[str, Any]:
    """Return a group with what its pages say of it."""
    return {
        "group": view,
        "odds": odds_words(view),
        "has_odds": view.odds is not None and view.odds.share is not None,
        "ends": moment(view.ends_at),
        "empty": range(max(0, view.size - len(view.members)) if view.state == "open" else 0),
        "headline": _headline(view),
    }


def _headline(view: GroupView) -> str:
    told = {"n": view.left, "price": money(view.price_minor, view.currency)}
    titles = {
        "filled": _("This group is complete"),
        "expired": _("This group did not fill in time"),
        "lapsed": _("This group never began"),
    }
    if view.state in titles:
        return titles[view.state]
    if not view.free:
        return _("Every place is taken; not all of them are paid yet")
    return (
        _("One more, and everybody gets it for %(price)s") % told
        if view.left == 1
        else _("%(n)s more, and everybody gets it for %(price)s") % told
    )


def odds_words(view: GroupView) -> str:
    """Return how likely a group fills, told from similar groups, or that nobody knows it yet; empty where it is not open."""
    if view.state != "open":
        return ""
    found = view.odds
    if found is None or found.share is None or found.low is None or found.high is None:
        return _("Nobody knows yet how likely this group fills. If it does not, you get all your money back.")
    told = {
        "groups": found.groups,
        "share": round(100 * found.share),
        "low": round(100 * found.low),
        "high": round(100 * found.high),
    }
    words = (
        _("Of %(groups)s similar groups about %(share)s%% filled (%(low)s to %(high)s%%).")
        if found.own
        else _(
            "For this offer nobody knows it yet; of %(groups)s similar groups of others about %(share)s%% filled "
            "(%(low)s to %(high)s%%)."
        )
    )
    back = _("If this one does not, you get all your money back.")
    return f"{words % told} {back}"


def _place(latitude: str, longitude: str) -> Place | None:
    try:
        return Place(float(latitude[:20]), float(longitude[:20]))
    except ValueError:
        return None


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
