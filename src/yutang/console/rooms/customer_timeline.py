"""What happened with one customer, newest first, out of what the rooms know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yutang.api.behaviour import behaviour_of
from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.evidence import evidence_words
from yutang.console.rooms.customer_coupons import coupon_events
from yutang.console.rooms.customer_visits import balance_events, visit_events
from yutang.console.rooms.messages_timeline import message_events
from yutang.console.sentences import spoken
from yutang.console.words import CHANNELS, PURPOSES, scope_label
from yutang.customers import views
from yutang.kit.text import N_
from yutang.orders import queries as orders
from yutang.worklist import queries as worklist

#: Events that are shown, and at most after asking for older ones.
_MOST, _MOST_ASKED = 40, 400
#: What other systems saw, by the names that they usually give it; their own words otherwise.
_BEHAVIOUR = {
    "viewed": N_("Looked at something"),
    "added_to_cart": N_("Put something into the cart"),
    "visited": N_("Visited"),
    "chatted": N_("Chatted"),
}

#: So much of the goods of an order is shown. Characters.
_GOODS_LENGTH = 80


def timeline_of(
    request: StaffRequest,
    card: views.CustomerCard,
    consents: Iterable[views.ConsentView],
    merges: Iterable[views.MergeView],
) -> list[dict[str, Any]]:
    """Return the latest events of a person, and in the end whether there are older ones."""
    most = _MOST_ASKED if request.GET.get("timeline") == "all" else _MOST
    events = [_event(tag.given_at, "tag", "info", _("Tag given: %(tag)s") % {"tag": tag.name}, "") for tag in card.tags]
    events += [_consent(one) for one in consents]
    events += [
        _event(one.merged_at, "merge", "info", _("Merged with another record"), spoken(one.reason)) for one in merges
    ]
    events += [
        _event(one.undone_at, "undo", "warn", _("Merge undone"), "") for one in merges if one.undone_at is not None
    ]
    events += _work(request, card.id)
    events += coupon_events(request, card.id)
    events += visit_events(request, card.id)
    events += balance_events(request, card.id)
    events += message_events(request, card.id)
    ordered, behaved = _orders(request, card.id, most), _behaviour(request, card.id, most)
    # Where a list was cut, nothing older than its last entry is shown: what lies between would look complete.
    known_since = max((found[-1]["at"] for found in (ordered, behaved) if len(found) > most), default=None)
    events = [*events, *_refunds(request, card.id), *ordered, *behaved]
    shown = [one for one in events if known_since is None or one["at"] > known_since]
    shown = sorted(shown, key=lambda event: event["at"], reverse=True)[:most]
    if len(shown) < len(events):
        shown.append(_older(shown, is_all=most == _MOST_ASKED))
    # Last, so that it stands under what happened in the same minute.
    return [*shown, _event(card.first_seen_at, "fish", "accent", _("Came into the pond"), card.store_name)]


def _older(shown: list[dict[str, Any]], *, is_all: bool) -> dict[str, Any]:
    """Return the entry that says that there is more, with the way to it."""
    text = _("Only the latest are shown. Orders have a list of their own.") if is_all else ""
    return {
        **_event(shown[-1]["at"], "clock", "plain", _("Older events"), text),
        "url": "" if is_all else "?timeline=all#timeline",
    }


def _behaviour(request: StaffRequest, customer_id: int, most: int) -> list[dict[str, Any]]:
    found = behaviour_of(access=request.actor, customer_id=customer_id, before_id=None, limit=most + 1)
    events = [
        _event(
            one.happened_at, "globe", "info", _(_BEHAVIOUR.get(one.kind, one.kind)), _told(one.properties, one.source)
        )
        for one in found
    ]
    return sorted(events, key=lambda event: event["at"], reverse=True)


def _told(properties: Mapping[str, Any], source: str) -> str:
    values = [str(value) for value in properties.values() if isinstance(value, str | int | float)]
    return formats.shortened(" · ".join([*values, source]), _GOODS_LENGTH)


def _orders(request: StaffRequest, customer_id: int, most: int) -> list[dict[str, Any]]:
    found = orders.orders_of(access=request.actor, customer_id=customer_id, limit=most + 1)
    events = []
    for one in found:
        if one.placed_at is None:
            continue
        goods = " · ".join(dict.fromkeys(line.product_name for line in one.lines if line.product_name)) or one.title
        title = _("Ordered for %(amount)s") if one.is_sale else _("Cancelled an order for %(amount)s")
        amount = formats.money(one.total_minor, one.currency)
        where = scope_label(one.platform)
        text = " · ".join(part for part in (where, formats.shortened(goods, _GOODS_LENGTH)) if part)
        drawn, tone = ("cart", "accent") if one.is_sale else ("close", "warn")
        events.append(_event(one.placed_at, drawn, tone, title % {"amount": amount}, text))
    return events


def _refunds(request: StaffRequest, customer_id: int) -> list[dict[str, Any]]:
    events = []
    for refund in orders.refunds_without_order_of(access=request.actor, customer_id=customer_id):
        if refund.refunded_at is not None:
            amount = formats.money(refund.amount_minor, refund.currency)
            title = _("Refund of %(amount)s") % {"amount": amount}
            events.append(_event(refund.refunded_at, "refund", "down", title, refund.product_name))
    return events


def _work(request: StaffRequest, customer_id: int) -> list[dict[str, Any]]:
    if not request.actor.can("worklist.view"):
        return []
    found = worklist.proposals_about(access=request.actor, customer_id=customer_id, now=request.now)
    return [
        _event(one.closed_at, "check", "accent" if one.status == "done" else "plain", _(one.kind.title), _outcome(one))
        for one in found
        if one.closed_at is not None and one.outcome
    ]


def _outcome(one: worklist.ProposalView) -> str:
    titles = {each.code: each.title for each in (*one.kind.outcomes, *one.kind.dismissals)}
    said = _(titles[one.outcome]) if one.outcome in titles else one.outcome
    return " · ".join(part for part in (said, one.outcome_note, one.owner_name) if part)


def _consent(one: views.ConsentView) -> dict[str, Any]:
    subject = f"{_(PURPOSES.get(one.purpose, one.purpose))} · {_(CHANNELS.get(one.channel, one.channel))}"
    title = _("Consent given: %(subject)s") if one.granted else _("Consent withdrawn: %(subject)s")
    return _event(
        one.occurred_at,
        "shield",
        "accent" if one.granted else "warn",
        title % {"subject": subject},
        evidence_words(one.evidence),
    )


def _event(at: datetime, drawn: str, tone: str, title: str, text: str) -> dict[str, Any]:
    return {"at": at, "icon": drawn, "tone": tone, "title": title, "text": text}
