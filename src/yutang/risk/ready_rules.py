"""The rules that come with the product: version 0, in force until another is."""

from __future__ import annotations

from functools import cache
from typing import Any

from yutang.risk.rules import Rules, read_rules


def _rule(code: str, points: int, *when: tuple[str, str, int], verdict: str = "", kinds: tuple[str, ...] = ()) -> Any:
    conditions = [{"fact": fact, "is": comparison, "value": value} for fact, comparison, value in when]
    return {"code": code, "points": points, "when": conditions, "verdict": verdict, "kinds": list(kinds)}


#: Rules of single facts: how often, by how many, within which time.
VELOCITY = [
    _rule("person_hasty", 0, ("person_hour", ">=", 12), verdict="slow"),
    _rule("person_many", 60, ("person_day", ">=", 40)),
    _rule("device_hasty", 0, ("device_hour", ">=", 20), verdict="slow"),
    _rule("payer_hasty", 0, ("payer_hour", ">=", 20), verdict="slow"),
    _rule("address_hasty", 0, ("address_hour", ">=", 150), verdict="slow"),
    _rule("device_shared", 30, ("device_people", ">=", 3)),
    _rule("device_crowded", 40, ("device_people", ">=", 4), ("near_buyer_percent", "<=", 25)),
    _rule("payer_shared", 25, ("payer_people", ">=", 4)),
    _rule("payer_crowded", 40, ("payer_people", ">=", 6), ("near_buyer_percent", "<=", 25)),
    _rule("place_crowded", 30, ("place_strangers", ">=", 6)),
    _rule("own_left", 30, ("own_left", ">=", 2)),
    _rule("inviter_left", 45, ("inviter_left_percent", ">=", 70)),
    _rule("bought_before", -40, ("orders", ">=", 1)),
]
#: Rules of the web of ties: who stands with whom.
WEB = [
    _rule("self_invited", 70, ("self_ways", ">=", 1), ("orders", "<=", 0)),
    _rule("near_few_devices", 45, ("near_per_device", ">=", 200), ("near_strangers", ">=", 3)),
    _rule("near_few_payers", 35, ("near_strangers", ">=", 4), ("near_per_payer", ">=", 250)),
    _rule("ring", 30, ("ring", ">=", 3), ("group_shared_percent", ">=", 50)),
    _rule("group_shared", 40, ("group_shared_percent", ">=", 60), ("group_people", ">=", 8), ("group_strangers_percent", ">=", 80)),
    _rule("group_left", 50, ("group_left_percent", ">=", 60), ("group_people", ">=", 4)),
    _rule("group_stopped", 40, ("group_stopped_percent", ">=", 40), ("group_people", ">=", 4)),
    _rule("woke_together", 35, ("block_asleep", ">=", 5), ("group_people", ">=", 4), ("orders", "<=", 0)),
    _rule("score_low", 30, ("score", "<=", 25)),
]  # fmt: skip
READY: dict[str, Any] = {
    "slow_from": 50,
    "review_from": 60,
    "refuse_from": 100,
    "wait_seconds": 120,
    "rules": [*VELOCITY, *WEB],
}


@cache
def ready_rules() -> Rules:
    """Return the rules that come with the product."""
    return read_rules(READY)
