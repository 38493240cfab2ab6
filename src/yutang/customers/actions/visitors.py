"""Visitors of pages who say by WeChat who they are."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
from django.db import transaction

from yutang.customers.identity import Origin, resolve
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
