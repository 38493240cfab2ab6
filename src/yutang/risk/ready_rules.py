"""The rules that come with the product: version 0, in force until another is."""

from __future__ import annotations

from functools import cache
from typing import Any

from yutang.risk.rules import Rules, read_rules


def _rule(code: str, points: int, *when: tuple[str, str, int], verdict: str = "", kinds: tuple[str, ...] = ()) -> Any:
    conditions = [{"fact": fact, "is": comparison, "value": value} for fact, comparison, value in when]
    return {"code": code, "points": points, "when": conditions, "verdict": verdict, "kinds": list(kinds)}


#: What costs whoever takes it nothing.
_GIFTS = ("coupon", "referral")
#: Rules of single facts: how often, by how many, within which time.
VELOCITY = [
    _rule("person_hasty", 0, ("person_hour", ">=", 12), verdict="slow"),
    _rule("person_many", 60, ("person_day", ">=", 40)),
    _rule("device_hasty", 0, ("device_hour", ">=", 20), verdict="slow"),
    # A family of three or four shows one phone round within a day; nobody takes gifts for many within minutes but who collects them.
    _rule("device_row", 0, ("device_row", ">=", 3), verdict="slow", kinds=_GIFTS),
    _rule("device_row_hour", 0, ("device_row_hour", ">=", 4), verdict="review", kinds=_GIFTS),
    _rule("device_row_day", 0, ("device_row_day", ">=", 5), verdict="review", kinds=_GIFTS),
    _rule("payer_hasty", 0, ("payer_hour", ">=", 20), verdict="slow"),
    _rule("address_hasty", 0, ("address_hour", ">=", 100), verdict="slow"),
    _rule("device_shared", 20, ("device_people", ">=", 4), ("near_buyer_percent", "<=", 20)),
    _rule("device_crowded", 50, ("device_people", ">=", 6), ("near_buyer_percent", "<=", 20)),
    _rule("payer_shared", 10, ("payer_people", ">=", 4)),
    _rule("payer_crowded", 50, ("payer_people", ">=", 8)),
    _rule("own_left", 20, ("own_left", ">=", 2)),
    _rule("inviter_left", 30, ("inviter_left_percent", ">=", 70)),
    _rule("bought_before", -60, ("orders", ">=", 1)),
]
#: Rules of the web of ties: who stands with whom.
WEB = [
    _rule("self_invited_device", 70, ("self_device", ">=", 1)),
    _rule(
        "near_few_devices",
        45,
        ("near_per_device", ">=", 175),
        ("near_strangers", ">=", 7),
        ("near_buyer_percent", "<=", 20),
    ),
    _rule("place_one_hand", 65, ("place_strangers", ">=", 8), ("near_per_payer", ">=", 130)),
    _rule("near_many_few_payers", 30, ("near_strangers", ">=", 8), ("near_per_payer", ">=", 130)),
    _rule("ring", 40, ("ring", ">=", 3), ("joined_shared_percent", ">=", 50)),
    _rule(
        "joined_crowd",
        65,
        ("joined_people", ">=", 8),
        ("joined_shared_percent", ">=", 60),
        ("joined_strangers_percent", ">=", 80),
    ),
    _rule(
        "joined_large_crowd",
        40,
        ("joined_people", ">=", 14),
        ("joined_shared_percent", ">=", 60),
        ("joined_strangers_percent", ">=", 80),
    ),
    _rule(
        "joined_few_devices",
        40,
        ("joined_people", ">=", 8),
        ("joined_per_device", ">=", 150),
        ("joined_strangers_percent", ">=", 80),
    ),
    _rule(
        "joined_one_hand",
        60,
        ("joined_people", ">=", 6),
        ("joined_per_device", ">=", 250),
        ("joined_strangers_percent", ">=", 80),
    ),
    _rule("group_left", 30, ("group_left_percent", ">=", 60), ("joined_people", ">=", 5)),
    _rule("woke_together", 20, ("block_asleep", ">=", 5), ("joined_people", ">=", 6), ("orders", "<=", 0)),
    _rule("score_low", 20, ("score", "<=", 25)),
]
READY: dict[str, Any] = {
    "slow_from": 50,
    "review_from": 60,
    "refuse_from": 100,
    # As long as `facts.ROW`: who waited is not one after the other any more.
    "wait_seconds": 300,
    "rules": [*VELOCITY, *WEB],
}


@cache
def ready_rules() -> Rules:
    """Return the rules that come with the product."""
    return read_rules(READY)
