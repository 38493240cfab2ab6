"""What to do about a group: one thing, by how it stands, how full it is, and what was done of late. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from yutang.communities.methods.judging import DEAD, DYING, FORMING, QUIET
from yutang.kit.text import N_

#: What may be advised: title, and how to do it.
ADVICE: Mapping[str, tuple[str, str]] = {
    "probe": (
        N_("Ask for a sign of life"),
        N_("Lay out a few red packets, ask a simple question or call the roll, and write down how many came."),
    ),
    "revive": (
        N_("Revive it"),
        N_(
            "Post what woke similar groups, let the owner talk with two or three members first, and ask something everybody can answer."
        ),
    ),
    "rest": (
        N_("Let it rest"),
        N_(
            "People leave while much is posted. Post nothing for two weeks; the contact policy holds planned posts back meanwhile."
        ),
    ),
    "merge": (
        N_("Merge it with a similar group"),
        N_("Invite those who still pay attention into the similar group with room, then close this one."),
    ),
    "split": (
        N_("Split it"),
        N_("Its members differ. Open a second group for the larger of the other parts, and invite these over."),
    ),
    "open": (
        N_("Open the next one"),
        N_("It is full. Make the next customer group in WeCom under the name that is proposed."),
    ),
    "close": (
        N_("Close it"),
        N_(
            "Nobody pays attention and no similar group has room. Say good-bye, point to where one finds you, and dismiss it."
        ),
    ),
}
#: What one standard post does for all groups that stand so, by advice and life: nobody opens these one by one.
BY_ONE_POST: tuple[tuple[str, str], ...] = (("probe", FORMING), ("revive", QUIET))
#: How many people a group must still hold for merging to be worth it.
_WORTH_MERGING = 2.0
_SMALL = 20
_MUCH_POSTED, _MANY_LEFT = 4, 3
#: What was done within so many days is given time.
GIVEN_TIME_DAYS = 10


@dataclass(frozen=True)
class Situation:
    """What advice needs to know of one group.

    Attributes:
        life: how it stands.
        members: customers in it. Count.
        share: of them, who pay attention; `before` the same four weeks ago, None where it was not looked at. 0-1.
        width: of the 90 % interval. 0-1.
        free: places that are left; negative where it is too full. Count.
        has_opening: whether the next group is asked for already, or made.
        is_awaited: whether it is asked for and not made yet.
        joined: who came within two weeks. Count.
        has_room_beside: whether a similar living group has places left.
        posts, left: posts and leavers of two weeks. Count.
        lately: deeds of the last ten days.
        probed_days: days since it was last asked for a sign of life; None: never.
        neighbour: key of a similar living group with room for those who pay attention; None: none.
        content: what woke similar groups best; empty where nothing is known.
        parts: keys of tags by which the members part, where they differ; empty where they do not.
    """

    life: str
    members: int
    share: float
    width: float
    free: int
    before: float | None = None
    has_opening: bool = False
    is_awaited: bool = False
    joined: int = 0
    has_room_beside: bool = False
    posts: int = 0
    left: int = 0
    lately: Collection[str] = ()
    probed_days: int | None = None
    neighbour: int | None = None
    content: str = ""
    parts: Collection[int] = ()


@dataclass(frozen=True)
class Advice:
    """One thing to do.

    Attributes:
        code: of `ADVICE`; empty: nothing.
        detail: with what.
        urgency: the larger, the sooner; about the people who could be kept. 0: it can wait.
    """

    code: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    urgency: float = 0.0


def advice_for(one: Situation) -> Advice:
    """Return what to do about a group."""
    if one.lately and not (one.life == DEAD and set(one.lately) == {"probe"}):
        return Advice()
    at_stake = one.members * max(one.share, 0.05)
    if one.life == DEAD:
        return _for_dead(one, at_stake)
    if one.life == DYING:
        return _for_dying(one, at_stake)
    if one.life == QUIET:
        return _for_quiet(one, at_stake)
    if one.life == FORMING:
        asks = one.width >= 0.6 and one.members >= 5 and (one.probed_days is None or one.probed_days > 21)
        return Advice("probe", {}, 0.2 * one.members) if asks else Advice()
    return _for_alive(one)


def _for_dead(one: Situation, at_stake: float) -> Advice:
    # The last word before a group is given up is a probe: what one sees may be the silence of the sources.
    if one.probed_days is None or one.probed_days > 28:
        return Advice("probe", {}, 0.3 * one.members)
    if one.neighbour is not None and at_stake >= _WORTH_MERGING:
        return Advice("merge", {"with": one.neighbour}, at_stake)
    return Advice("close", {}, 1.0)


def _for_dying(one: Situation, at_stake: float) -> Advice:
    if one.posts >= _MUCH_POSTED and one.left >= _MANY_LEFT:
        return Advice("rest", {}, 1.5 * at_stake)
    if one.members <= _SMALL and one.neighbour is not None:
        return Advice("merge", {"with": one.neighbour}, 1.5 * at_stake)
    return Advice("revive", _with_content(one), 2 * at_stake)


def _for_quiet(one: Situation, at_stake: float) -> Advice:
    if one.posts >= _MUCH_POSTED and one.left >= _MANY_LEFT:
        return Advice("rest", {}, at_stake)
    if one.before is not None and one.share < one.before - 0.08:
        return Advice("revive", _with_content(one), at_stake)
    return Advice("revive", _with_content(one), 0.3 * at_stake)


def _for_alive(one: Situation) -> Advice:
    # Another one is needed where people still come, and nowhere else is room for them; what is asked for stays to be done until it is made.
    is_needed = one.free <= 0 and one.joined and not one.has_opening and not one.has_room_beside
    if is_needed or one.is_awaited:
        return Advice("open", {}, 0.5 * one.members)
    if one.parts and one.members >= _SMALL:
        return Advice("split", {"tags": list(one.parts)}, 0.1 * one.members)
    return Advice()


def _with_content(one: Situation) -> dict[str, Any]:
    return {"content": one.content} if one.content else {}
