"""How a member of staff and a customer stand to each other, from the latest of each fact that is known. Pure.

Facts are merged by their latest, so that callbacks may come in any order, twice or late and lead to the same. The API
says what is: whether the relation is listed. It lists those whom the customer has deleted too, so that this comes from
callbacks alone. Instants are whole seconds, as WeCom writes them; of a friendship and its end in one second, the end counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

HALF, FRIENDS, LEFT, DELETED, HANDED, GONE = "half", "friends", "left", "deleted", "handed", "gone"
#: The customer is no friend any more, and nobody else of the corp has taken over.
LOST = frozenset({LEFT, DELETED, GONE})


@dataclass(frozen=True)
class Facts:
    """The latest of each that is known of one pair; None where it is not known.

    Attributes:
        half_at: the customer added the member of staff, who had not accepted yet.
        added_at: both had each other.
        left_at: the customer deleted the member of staff.
        deleted_at: the member of staff deleted the customer.
        handed_at: the customer went to somebody else of the corp.
        is_listed: whether the API showed the relation.
        read_at: when the API was asked.
    """

    half_at: datetime | None = None
    added_at: datetime | None = None
    left_at: datetime | None = None
    deleted_at: datetime | None = None
    handed_at: datetime | None = None
    is_listed: bool = False
    read_at: datetime | None = None


class Verdict(NamedTuple):
    """What follows: the standing, when the friendship ended, and how many whole days it had lasted."""

    standing: str
    ended_at: datetime | None = None
    kept_days: int | None = None


def standing_of(facts: Facts) -> Verdict:
    """Return how two stand to each other."""
    left = facts.left_at if _is_after(facts.left_at, facts.added_at) else None
    if facts.is_listed:
        return FRIENDS_NOW if left is None else _ended(LEFT, left, facts)
    ends = [(at, how) for at, how in ((facts.deleted_at, DELETED), (facts.handed_at, HANDED)) if at is not None]
    at, how = max(ends, default=(None, ""))
    if at is not None and _is_after(at, facts.added_at) and _is_after(at, facts.half_at):
        # Who deletes somebody that had left before ends nothing.
        return _ended(how, left or at, facts)
    if facts.half_at is not None and (facts.added_at is None or facts.half_at > facts.added_at):
        return Verdict(HALF)
    # A callback of the end is missing, or still on its way.
    return _ended(GONE, left or facts.read_at, facts)


def later(one: datetime | None, two: datetime | None) -> datetime | None:
    """Return the later of two instants, of which either may be unknown."""
    return max((each for each in (one, two) if each is not None), default=None)


FRIENDS_NOW = Verdict(FRIENDS)


def _is_after(at: datetime | None, before: datetime | None) -> bool:
    return at is not None and (before is None or at >= before)


def _ended(how: str, at: datetime | None, facts: Facts) -> Verdict:
    if at is None or facts.added_at is None:
        return Verdict(how, at)
    return Verdict(how, at, max(0, (at - facts.added_at).days))
