"""The own page of a customer: the next visit, the prepaid balance with its statement, and what is kept of them."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.channels.actions import withdraw
from yutang.customers import queries as people
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.membership import payers
from yutang.membership import queries as membership
from yutang.pages import wording
from yutang.pages.booking import ticket_of
from yutang.pages.door import signed_page
from yutang.pages.people import person_behind
from yutang.pages.signed import Signed
from yutang.privacy import actions as privacy
from yutang.privacy import queries as requests
from yutang.visits import queries as visits

_LINES = 30
_KEY = re.compile(r"[0-9a-f]{16}")
_ID = re.compile(r"[0-9]{1,18}")
#: Version of the words by which consent is withdrawn on the page.
_WORDING = "own-page-1"
PURPOSES = {
    "promotion": N_("Offers and promotions"),
    "research": N_("Surveys and questions"),
    "service": N_("Tips, useful content and care"),
    "profiling": N_("Offers that fit what I bought"),
    "keeping": N_("Keeping my number or account for an invitation"),
}
#: What nobody is asked for unless they typed something: not named to others.
_IF_SAID = frozenset({"keeping"})
_CONTACTS = {
    "phone": N_("Phone number"),
    "email": N_("E-mail"),
    "wecom": N_("Friendship in WeCom"),
    "unionid": N_("WeChat account"),
    "openid": N_("WeChat account"),
    "nickname": N_("Shop nickname"),
    "member_no": N_("Member number"),
    "device": N_("Device"),
}


@signed_page(visits.MINE)
def home(request: HttpRequest, signed: Signed, token: str) -> HttpResponse:
    """Show the next visit and the balance, and lead on."""
    now, actor, person = datetime.now(UTC), _actor(), person_behind(signed)
    coming = visits.next_visits(customer_ids=[person], now=now).get(person)
    context = {
        "coming": coming,
        "picture": ticket_of(request, coming) if coming else "",
        "balance": membership.balance_of(access=actor, customer_id=person),
        **_links(token),
    }
    return render(request, "pages/me.html", context)


@signed_page(visits.MINE)
def balance(request: HttpRequest, signed: Signed, token: str) -> HttpResponse:
    """Show what is left, what happened to it, and what may be topped up; lead on to paying for it."""
    now, actor, person = datetime.now(UTC), _actor(), person_behind(signed)
    error, status = "", 200
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_to_pay(request, actor, person, token, now), status=303)
        except DomainError as refusal:
            error, status = wording.spoken(refusal.sentence), refusal.http_status
    statement = membership.statement_of(access=actor, customer_id=person, limit=_LINES)
    context = {
        "balance": membership.balance_of(access=actor, customer_id=person),
        "lines": [(one, _(membership.KIND_TITLES[one.kind])) for one in statement.rows],
        "plans": membership.plans() if payers.payer() else (),
        "key": secrets.token_hex(8),
        "error": error,
        **_links(token),
    }
    return render(request, "pages/balance.html", context, status=status)


@signed_page(visits.MINE)
def privacy_page(request: HttpRequest, signed: Signed, token: str) -> HttpResponse:
    """Show what is kept and agreed to; take a withdrawal, or a request about the data."""
    now, actor, person = datetime.now(UTC), _actor(), person_behind(signed)
    error, status = "", 200
    if request.method == "POST":
        try:
            done = _asked(request, actor, person, now)
        except DomainError as refusal:
            error, status = wording.spoken(refusal.sentence), refusal.http_status
        else:
            return HttpResponseRedirect(f"{reverse('me-privacy', args=[token])}?done={done}", status=303)
    context = {
        **_kept(actor, person),
        "agreed": _agreed(actor, person),
        "kinds": [(code, _(title)) for code, title in requests.KIND_TITLES.items()],
        "asked": [
            (one, _(requests.KIND_TITLES[one.kind]), _(requests.STATE_TITLES[one.state]))
            for one in requests.requests_of(access=actor, customer_id=person, now=now)
        ],
        "done": request.GET.get("done", ""),
        "error": error,
        **_links(token),
    }
    return render(request, "pages/privacy.html", context, status=status)


def _to_pay(request: HttpRequest, actor: Actor, person: int, token: str, now: datetime) -> str:
    """Write down what is to be topped up, and return the address at which it is paid."""
    key, plan = request.POST.get("key", ""), request.POST.get("plan", "")
    return payers.address_to_pay(
        actor=actor,
        key=f"page:{person}:{key if _KEY.fullmatch(key) else secrets.token_hex(8)}",
        customer_id=person,
        plan_id=int(plan) if _ID.fullmatch(plan) else 0,
        return_path=reverse("me-balance", args=[token]),
        now=now,
    )


def _asked(request: HttpRequest, actor: Actor, person: int, now: datetime) -> str:
    """Do what a form asks for, and return what was done."""
    purpose = request.POST.get("withdraw", "")
    if purpose in PURPOSES:
        withdraw(
            actor=actor, customer_id=person, purposes=(purpose,), channel="any", wording=_WORDING,
            evidence=_("On the own page, by a link that only this person has"), now=now,
        )  # fmt: skip
        return "withdrawn"
    kind, words = request.POST.get("kind", ""), request.POST.get("words", "")
    privacy.ask_about_data(actor=actor, customer_id=person, kind=kind, words=words, now=now)
    return "asked"


def _kept(actor: Actor, person: int) -> dict[str, Any]:
    """Return what is kept of a person, in words and masked: who holds the link may see, not copy."""
    card = people.customer_card(access=actor, customer_id=person)
    known = [
        _(_CONTACTS[one.kind])
        for one in people.identifiers_of(access=actor, customer_id=person)
        if one.kind in _CONTACTS
    ]
    facts = [
        (_("Name"), card.name if isinstance(card.name, str) else ""),
        (_("Phone number"), "、".join(card.phones)),
        (_("E-mail"), "、".join(card.emails)),
        (_("Lives in"), card.region),
        (_("Address"), _("is kept") if card.has_address else ""),
        (_("Known by"), "、".join(dict.fromkeys(known))),
        (_("Tags"), "、".join(tag.name for tag in card.tags)),
        (_("Known since"), wording.day(card.first_seen_at.date()) + f" {card.first_seen_at.year}"),
    ]
    return {"facts": [(title, value) for title, value in facts if value]}


def _agreed(actor: Actor, person: int) -> list[tuple[str, str, str]]:
    """Return (purpose, title, standing) of what a person was asked to agree to."""
    state = people.consent_state(access=actor, customer_id=person)
    told = []
    for purpose, title in PURPOSES.items():
        said = [granted for (one, _channel), granted in state.items() if one == purpose]
        if not said and purpose in _IF_SAID:
            continue
        ended = state.get((purpose, "any")) is False
        standing = "ended" if ended or (said and not any(said)) else "agreed" if said else "silent"
        told.append((purpose, _(title), standing))
    return told


def _links(token: str) -> dict[str, str]:
    places = {f"to_{name}": reverse(f"me-{name}", args=[token]) for name in ("visits", "balance", "privacy")}
    return {**places, "to_me": reverse("me", args=[token])}


def _actor() -> Actor:
    return replace(Actor.system(), via=f"page:{visits.MINE}")
