"""The visits, the balance and what was paid beside orders of one customer: on their page, and in their timeline."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms.programmes_named import programme_names
from yutang.console.rooms.visits import rows_of
from yutang.groupbuy import queries as groupbuy
from yutang.membership import queries as membership
from yutang.visits import queries

#: Visits that are shown.
_MOST = 5


def paid_beside_orders(request: StaffRequest, customer_id: int) -> list[tuple[str, str]]:
    """Return what a person paid that stands in no order: places in groups, and top-ups; as facts with their words."""
    actor, found = request.actor, []
    if actor.can("groupbuy.view"):
        places, minor = groupbuy.paid_by_person(access=actor, customer_id=customer_id)
        if places:
            words = _("%(n)s for %(amount)s") % {"n": formats.number(places), "amount": formats.money(minor, "CNY")}
            found.append((_("Paid places in groups, beside orders"), words))
    if actor.can("membership.view"):
        minor = membership.topped_up_by(access=actor, customer_id=customer_id)
        if minor:
            found.append((_("Topped up, beside orders"), formats.money(minor, "CNY")))
    return found


def visits_shown(request: StaffRequest, customer_id: int) -> dict[str, Any]:
    """Return what the card of visits shows; nothing for who may not see visits."""
    actor = request.actor
    if not actor.can("visits.view"):
        return {}
    found = queries.bookings_of(access=actor, customer_id=customer_id, limit=_MOST)
    own = actor.store_ids
    return {
        "sees_visits": True,
        "visits": rows_of(request, found),
        "may_book": actor.can("visits.book"),
        # Who works in one store notes that somebody is there by one tap.
        "visit_store": next(iter(own)) if own is not None and len(own) == 1 else None,
        "visit_key": secrets.token_hex(8),
    }


def visit_events(request: StaffRequest, customer_id: int) -> Iterator[dict[str, Any]]:
    """Yield what happened on the way into a store, for the timeline."""
    if not request.actor.can("visits.view"):
        return
    hooks = queries.hooks_of(access=request.actor, customer_id=customer_id)
    names = programme_names(request.actor, (hook.source for hook in hooks))
    for hook in hooks:
        name, price = names[hook.source], formats.money(hook.hook_minor, hook.currency)
        yield _event(hook.hooked_at, "cart", "info", _("Took up an offer"), f"{name} · {price}")
        if hook.paid_at:
            yield _event(hook.paid_at, "cart", "accent", _("Paid the offer"), name)
    for one in queries.bookings_of(access=request.actor, customer_id=customer_id, limit=50):
        if one.has_slot:
            yield _event(
                one.made_at, "clock", "info", _("Booked a visit"), f"{formats.moment(one.starts_at)} · {one.store_name}"
            )
        if one.came_at:
            yield _event(one.came_at, "store", "accent", _("Came to the store"), one.store_name)
        if one.state == "missed":
            yield _event(one.starts_at, "store", "warn", _("Had booked and did not come"), one.store_name)


def balance_events(request: StaffRequest, customer_id: int) -> Iterator[dict[str, Any]]:
    """Yield what happened to a balance, for the timeline."""
    if not request.actor.can("membership.view"):
        return
    for one in membership.statement_of(access=request.actor, customer_id=customer_id).rows:
        amount = formats.money(one.total_minor, one.currency)
        text = " · ".join(part for part in (amount, one.store_name, one.order_number) if part)
        yield _event(
            one.at, "key", "accent" if one.total_minor > 0 else "info", _(membership.KIND_TITLES[one.kind]), text
        )


def _event(at: Any, icon: str, tone: str, title: str, text: str) -> dict[str, Any]:
    return {"at": at, "icon": icon, "tone": tone, "title": title, "text": text}
