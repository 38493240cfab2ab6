"""How a group stands by what is believed of it, and why: the rules in one place, pure."""

from __future__ import annotations

from dataclasses import dataclass

FORMING, ALIVE, QUIET, DYING, DEAD = "forming", "alive", "quiet", "dying", "dead"


@dataclass(frozen=True)
class Marks:
    """Where the states lie.

    Attributes:
        alive: from this share on a group is alive. 0-1.
        dead: below this share it is dead; the rule that merchants gave is one third (100 packets among 300 members). 0-1.
        sure: so sure one must be to call it dead. 0-1.
        young_days: so long a group is only forming. Days.
        few_members: with fewer it is only forming. Count.
        wide: an interval as wide as this says nothing. 0-1.
    """

    alive: float = 0.5
    dead: float = 1 / 3
    sure: float = 0.9
    young_days: int = 14
    few_members: int = 5
    wide: float = 0.62


@dataclass(frozen=True)
class Found:
    """What is known of one group.

    Attributes:
        members: customers in it. Count.
        age_days: since it was made; None where that is not known. Days.
        share: mean share of members who pay attention; `low` and `high` the ends of its 90 % interval. 0-1.
        chance_dead: that less than the dead share do. 0-1.
        chance_dead_ahead: the same in two weeks. 0-1.
        ahead: mean share in two weeks. 0-1.
        before: mean share four weeks ago; None where it was not looked at. 0-1.
        was: how it stood yesterday; empty for the first time.
    """

    members: int
    age_days: int | None
    share: float
    low: float
    high: float
    chance_dead: float
    chance_dead_ahead: float
    ahead: float
    before: float | None = None
    was: str = ""


#: A group that was alive stays so down to so much below the mark, so that it does not flicker.
_HYSTERESIS = 0.04


def life_of(found: Found, marks: Marks) -> str:
    """Return how a group stands.

    Dead is who is surely below the dead share. Forming is who is young, small, or of whom nothing is known. Dying is who is
    more likely dead than not, or will be in two weeks as it goes on falling. Alive is from the alive share on; the rest is quiet.
    """
    if found.members > 0 and found.chance_dead >= marks.sure:
        return DEAD
    is_young = found.age_days is not None and found.age_days < marks.young_days
    if is_young or found.members < marks.few_members or found.high - found.low >= marks.wide:
        return FORMING
    falls = found.ahead < found.share - 0.03
    if found.chance_dead >= 0.5 or (falls and found.chance_dead_ahead >= 0.6):
        return DYING
    mark = marks.alive - (_HYSTERESIS if found.was == ALIVE else 0)
    return ALIVE if found.share >= mark else QUIET


def why_forming(found: Found, marks: Marks) -> str:
    """Return why a group is only forming: ``young``, ``few`` or ``unknown``."""
    if found.age_days is not None and found.age_days < marks.young_days:
        return "young"
    return "few" if found.members < marks.few_members else "unknown"
