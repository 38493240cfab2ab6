"""Visitors: of pages, who say by WeChat who they are; and of stores, where somebody of no store belongs from then on."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
from django.db import transaction

from yutang.customers.identity import Origin, resolve
from yutang.customers.models import Customer
from yutang.customers.touching import touch_people
from yutang.customers.visitors import scope_of
from yutang.foundation.access import Actor


@transaction.atomic
def meet_by_wechat(*, actor: Actor, app_id: str, openid: str, unionid: str = "", now: datetime) -> int:
    """Return whose WeChat account it is, made where nobody is known by it; by the same rules as the rows of a file.

    Only for who does something: somebody who merely looks at a page is looked up by `queries.person_of_wechat`, and nobody is made.

    Args:
        actor: needs ``events.record``.
        app_id: of the official account.
        openid: within it.
        unionid: over all accounts of one owner; empty: not told.
        now: when. Aware UTC.
    """
    actor.require("events.record")
    columns = {
        "openid": pa.array([openid], pa.string()),
        "unionid": pa.array([unionid or None], pa.string()),
        "seen_at": pa.array([now.replace(tzinfo=None)], pa.timestamp("us")),
    }
    origin = Origin(None, scope_of(app_id))
    (person,) = resolve(observed=pa.table(columns), origin=origin, now=now).customer_ids.to_pylist()
    return int(person)


@transaction.atomic
def welcome_in_store(*, actor: Actor, customer_id: int, store_id: int, now: datetime) -> bool:
    """Let somebody who belongs to no store belong to the one to which they come, and return whether they do so from now on.

    Who came by a shared page belongs to none; without this nobody at the counter could expect, call or serve them.

    Args:
        actor: needs ``visits.book``; the store within reach.
        customer_id: who came, booked a visit, or paid for a place that is used there.
        store_id: where.
        now: when. Aware UTC.
    """
    actor.require("visits.book")
    is_new = Customer.objects.filter(pk=customer_id, store=None, merged_into=None).update(store_id=store_id) > 0
    if is_new:
        touch_people(now=now)
    return is_new
