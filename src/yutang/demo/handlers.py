"""What the demo shop does when it has figures and people: it shows playbooks, groups and codes of past weeks, gives coupons."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from yutang.demo.behaviour import waits_for_behaviour
from yutang.demo.codes import make_demo_codes, waits_for_codes
from yutang.demo.coupons import give_demo_coupons, waits_for_coupons
from yutang.demo.groupbuy import waits_for_groups
from yutang.demo.guard import ask_demo_seats, waits_for_asks
from yutang.demo.referral import waits_for_referral
from yutang.demo.tasks import (
    play_demo_behaviour,
    play_demo_group_buying,
    play_demo_groups_once,
    play_demo_referral,
    play_demo_shop,
)
from yutang.demo.visits import waits_for_visits
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored
from yutang.insight.queries import latest_run
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
@handles(GroupsFound)
def show_codes(event: Any, *, event_id: int, now: datetime) -> None:
    """Show channel codes that have run for weeks, once there are people and staff in WeCom; in any other house do nothing."""
    is_demo = (Path(settings.YUTANG_HOME) / "demo" / "chain.json").exists()
    if is_demo and latest_run() is not None and waits_for_codes(now=now):
        make_demo_codes(now=now)


@handles(CustomersScored)
def give_coupons_of_the_demo_shop(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Give the demo shop's coupons; in any other house, and the second time, there is nothing to give."""
    if waits_for_coupons(now=now):
        give_demo_coupons(now=now)
        if waits_for_asks():
            ask_demo_seats(now=now)


@handles(GroupsFound)
def show_groups_of_the_demo_shop(event: GroupsFound, *, event_id: int, now: datetime) -> None:
    """Ask for what the members of the demo shop's groups did; in any other house do nothing."""
    if (Path(settings.YUTANG_HOME) / "demo" / "chain.json").exists():
        jobs.enqueue(play_demo_groups_once, {}, now=now, idempotency_key=f"play_demo_groups:{event_id}")


@handles(CustomersScored)
def play_what_people_did_in_the_demo_shop(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Ask for what people did before they bought, once; in any other house do nothing."""
    is_demo = (Path(settings.YUTANG_HOME) / "demo" / "chain.json").exists()
    if is_demo and waits_for_behaviour():
        jobs.enqueue(play_demo_behaviour, {}, now=now, idempotency_key="play_demo_behaviour")


@handles(CustomersScored)
def play_the_referral_of_the_demo_shop(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Ask for the referral of the demo shop to be played, once; in any other house do nothing."""
    is_demo = (Path(settings.YUTANG_HOME) / "demo" / "chain.json").exists()
    if is_demo and waits_for_referral():
        jobs.enqueue(play_demo_referral, {}, now=now, idempotency_key="play_demo_referral")


@handles(CustomersScored)
def play_group_buying_of_the_demo_shop(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Ask for the group-buying of the demo shop, and the visits that came of it, once; in any other house do nothing."""
    is_demo = (Path(settings.YUTANG_HOME) / "demo" / "chain.json").exists()
    if is_demo and (waits_for_groups() or waits_for_visits()):
        jobs.enqueue(play_demo_group_buying, {}, now=now, idempotency_key="play_demo_group_buying")
