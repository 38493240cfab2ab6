"""What the demo shop does when it has figures and people: it shows playbooks and groups of the last weeks, and gives its coupons."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from yutang.demo.coupons import give_demo_coupons, waits_for_coupons
from yutang.demo.tasks import play_demo_groups_once, play_demo_shop
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored
from yutang.journeys.queries import playbooks
from yutang.wecom.events import GroupsFound

_BOTH = 2


@handles(CustomersScored)
@handles(GroupsFound)
def show_playbooks(event: Any, *, event_id: int, now: datetime) -> None:
    """Ask for the playbooks of the demo shop, until both are there; in any other house do nothing."""
    is_demo = (Path(settings.YUTANG_HOME) / "demo" / "chain.json").exists()
    if is_demo and len(playbooks(access=Actor.system())) < _BOTH:
        jobs.enqueue(play_demo_shop, {}, now=now, idempotency_key=f"play_demo_shop:{event_id}")


@handles(CustomersScored)
def give_coupons_of_the_demo_shop(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Give the demo shop's coupons; in any other house, and the second time, there is nothing to give."""
    if waits_for_coupons(now=now):
        give_demo_coupons(now=now)


@handles(GroupsFound)
def show_groups_of_the_demo_shop(event: GroupsFound, *, event_id: int, now: datetime) -> None:
    """Ask for what the members of the demo shop's groups did; in any other house do nothing."""
    if (Path(settings.YUTANG_HOME) / "demo" / "chain.json").exists():
        jobs.enqueue(play_demo_groups_once, {}, now=now, idempotency_key=f"play_demo_groups:{event_id}")
