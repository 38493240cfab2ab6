"""The security score of a person, 0 to 100, and its parts: the higher, the safer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.kit.text import N_

BASE = 60
#: What the parts of a score are called.
PARTS = {
    "base": N_("Everybody begins with"),
    "age": N_("Known for long"),
    "orders": N_("Has bought"),
    "devices": N_("Shares devices"),
    "payers": N_("Shares payment accounts"),
    "group": N_("Community of strangers who share things"),
    "left": N_("Left at once"),
    "brought": N_("Brought people who left at once"),
    "ring": N_("Ring of invitations"),
    "stopped": N_("Was refused"),
}


@dataclass(frozen=True, slots=True)
class Life:
    """What a score is made of.

    Attributes:
        account_days: since when the person is known. Days.
        orders: paid orders, counted to 5.
        device_people, payer_people: most people on one of the person's devices or payment accounts; the person counts.
        is_in_crowd: whether the person's community is one of strangers who share things.
        own_left: times that the person left at once.
        invited_known, invited_left: of those whom the person brought, of how many it is known what became of them, and how
            many of these left at once.
        ring: people in the shortest ring of invitations; 0: none.
        stopped: times that the person was refused.
    """

    account_days: int = 0
    orders: int = 0
    device_people: int = 1
    payer_people: int = 1
    is_in_crowd: bool = False
    own_left: int = 0
    invited_known: int = 0
    invited_left: int = 0
    ring: int = 0
    stopped: int = 0


def score_of(life: Life) -> tuple[int, dict[str, int]]:
    """Return the score and its parts, those of 0 left out; their sum is the score where that lies between 0 and 100.

    A year of acquaintance and five orders lift it to the top. Two on a device and three on a payment account are a family
    and cost nothing; each further one does. What one brings counts from five people on whose fate is known.
    """
    share = life.invited_left / life.invited_known if life.invited_known >= 5 else 0.0
    parts = {
        "base": BASE,
        "age": min(15, life.account_days * 15 // 365),
        "orders": min(25, 5 * life.orders),
        "devices": -min(25, 5 * max(0, life.device_people - 2)),
        "payers": -min(25, 5 * max(0, life.payer_people - 3)),
        "group": -15 if life.is_in_crowd else 0,
        "left": -min(20, 10 * life.own_left),
        "brought": -round(30 * share),
        "ring": -10 if life.ring >= 3 else 0,
        "stopped": -min(30, 10 * life.stopped),
    }
    return max(0, min(100, sum(parts.values()))), {name: points for name, points in parts.items() if points}


def is_crowd(*, people: int, shared_percent: int, strangers: int) -> bool:
    """Return whether a community is one of strangers who share things: six and more, most of them sharing, few who bought."""
    return people >= 6 and shared_percent >= 60 and 100 * strangers >= 80 * people
