"""What happened with one customer, newest first, out of what the rooms know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.sentences import spoken
from yutang.console.words import CHANNELS, PURPOSES, scope_label
from yutang.customers import views
from yutang.orders import queries as orders
from yutang.worklist import queries as worklist

_MOST = 40
_MOST_ORDERS = 20

#: So much of the goods of an order is shown. Characters.
_GOODS_LENGTH = 80


def timeline_of(
    request: StaffRequest,
    card: views.CustomerCard,
    consents: Iterable[views.ConsentView],
    merges: Iterable[views.MergeView],
) -> list[dict[str, Any]]:
    """Return the latest events of a person."""
    events = [_event(tag.given_at, "tag", "info", _("Tag given: %(tag)s") % {"tag": tag.name}, "") for tag in card.tags]
    events += [_consent(one) for one in consents]
    events += [
        _event(one.merged_at, "merge", "info", _("Merged with another record"), spoken(one.reason)) for one in merges
    ]
    events += [
        _event(one.undone_at, "undo", "warn", _("Merge undone"), "") for one in merges if one.undone_at is not None
    ]
    events += _orders(request, card.id)
    events += _work(request, card.id)
    # Last, so that it stands under what happened in the same minute.
    events.append(_event(card.first_seen_at, "fish", "accent", _("Came into the pond"), card.store_name))
    return sorted(events, key=lambda event: event["at"], reverse=True)[:_MOST]


def _orders(request: StaffRequest, customer_id: int) -> list[dict[str, Any]]:
    found = orders.orders_of(access=request.actor, customer_id=customer_id, limit=_MOST_ORDERS)
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
        one.occurred_at, "shield", "accent" if one.granted else "warn", title % {"subject": subject}, one.evidence
    )


def _event(at: datetime, drawn: str, tone: str, title: str, text: str) -> dict[str, Any]:
    return {"at": at, "icon": drawn, "tone": tone, "title": title, "text": text}
