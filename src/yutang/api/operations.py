"""The door with all its operations."""

from __future__ import annotations

from yutang.api.door import door
from yutang.api.rooms import (
    about,
    bulk,
    campaigns,
    codes,
    communities,
    contents,
    coupons,
    customers,
    events,
    groupbuy,
    growth,
    guard,
    imports,
    insight,
    jobs,
    orders,
    playbooks,
    reviews,
    segments,
    today,
    visits,
    webhooks,
)

__all__ = ["door"]

for _room in (
    about,
    bulk,
    events,
    customers,
    orders,
    insight,
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
    guard,
    communities,
    growth,
    groupbuy,
    visits,
):
    door.add_router("", _room.router)
