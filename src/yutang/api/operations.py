"""The door with all its operations."""

from __future__ import annotations

from yutang.api.door import door
from yutang.api.rooms import (
    about,
    bulk,
    campaigns,
    codes,
    contents,
    coupons,
    customers,
    events,
    groupbuy,
    growth,
    imports,
    jobs,
    orders,
    playbooks,
    reviews,
    segments,
    today,
    webhooks,
)

__all__ = ["door"]

for _room in (
    about,
    bulk,
    events,
    customers,
    orders,
    segments,
    today,
    reviews,
    imports,
    jobs,
    webhooks,
    contents,
    campaigns,
    playbooks,
    codes,
    coupons,
    growth,
    groupbuy,
):
    door.add_router("", _room.router)
