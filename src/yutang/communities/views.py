"""What the room shows of itself to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yutang.communities.likeness import Trait
from yutang.kit.text import Sentence

LIVES = ("forming", "alive", "quiet", "dying", "dead")


@dataclass(frozen=True)
class Filters:
    """Which groups are meant.

    Attributes:
        life: how alive; empty: any.
        store_id: of this store; None: any.
        owner_id: of this owner; None: any.
        purpose: of this purpose; empty: any.
        advice: of which this is advised; empty: any.
        text: whose name holds it; empty: any.
        is_closed: closed ones instead of living ones.
        is_needing: only those that somebody must look at one by one.
    """

    life: str = ""
    store_id: int | None = None
    owner_id: int | None = None
    purpose: str = ""
    advice: str = ""
    text: str = ""
    is_closed: bool = False
    is_needing: bool = False


@dataclass(frozen=True)
class CommunityView:
    """A group in a list.

    Attributes:
        group_id: key of the group in the room of WeCom.
        chat_id: of the group, as WeCom and the contact policy know it.
        members: customers in it as of the last night; `capacity` up to which newcomers are led into it. Counts.
        share: of the members who pay attention; `low` and `high` its 90 % interval, `ahead` in two weeks, `trend` the change over four
            weeks, `chance_dead` that it lies below the dead share. 0-1; None where it was not looked at.
        reasons: why it is said to be so.
        advice: code of `advice.ADVICE`; empty: nothing is to be done.
        urgency: the larger, the sooner; 0: it can wait.
    """

    id: int
    group_id: int
    chat_id: str
    name: str
    store_id: int | None
    store: str
    owner_id: int | None
    owner: str
    purpose: str
    members: int
    capacity: int
    life: str
    life_since: date | None
    share: float | None
    low: float | None
    high: float | None
    ahead: float | None
    trend: float | None
    chance_dead: float | None
    reasons: tuple[Sentence, ...]
    advice: str
    advice_detail: Mapping[str, Any]
    urgency: float
    not_before: date | None
    judged_on: date | None
    made_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Dot:
    """A group on the wall: key, how alive as a place in `LIVES`, share in hundredths (-1: not looked at), members."""

    id: int
    life: int
    share: int
    members: int


@dataclass(frozen=True)
class OnePost:
    """Groups for which one standard post does what is to be done.

    Attributes:
        advice: code of `advice.ADVICE`.
        life: how alive they are.
        groups: how many they are. Count.
        benefit: about how many people it could keep, over all of them.
    """

    advice: str
    life: str
    groups: int
    benefit: float


@dataclass(frozen=True)
class Fleet:
    """All groups within reach at a glance.

    Attributes:
        counts: groups by how alive they are.
        members: customers in them; `attentive` of them, who pay attention. Counts.
        needing: groups that somebody must look at one by one. Count.
        judged_on: the last day that was looked at.
        dots: every group, owner by owner, then by how alive.
        by_one_post: what one standard post does for many groups, that which could keep most people first.
    """

    counts: Mapping[str, int]
    members: int
    attentive: float
    needing: int
    judged_on: date | None
    dots: tuple[Dot, ...]
    by_one_post: tuple[OnePost, ...] = ()


@dataclass(frozen=True)
class FleetDay:
    """How the groups within reach were at the end of one day: attentive share of all members, and groups by state."""

    day: date
    groups: int
    members: int
    share: float | None
    counts: Mapping[str, int]


@dataclass(frozen=True)
class OwnerView:
    """The groups of one owner.

    Attributes:
        owner_id: 0 where groups have no owner among the staff.
        share: of all their members who pay attention; `before` four weeks ago, None where it is not known. 0-1.
        course: share at the end of each week, oldest first. 0-1.
    """

    owner_id: int
    owner: str
    groups: int
    members: int
    counts: Mapping[str, int]
    needing: int
    share: float | None
    before: float | None
    course: tuple[float, ...] = ()


@dataclass(frozen=True)
class VitalityDay:
    """One day of one group. Counts and shares 0-1; signs are None where nobody told of them."""

    day: date
    members: int
    joined: int
    left: int
    ordered: int
    wrote: int | None
    reacted: int | None
    clicked: int | None
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class ProbeView:
    """A probe and what came of it."""

    id: int
    kind: str
    at: datetime
    members: int
    packets: int | None
    takers: int | None
    were_all_taken: bool | None
    minutes: int
    by: str


@dataclass(frozen=True)
class DeedView:
    """What was done about a group.

    Attributes:
        before, after: share before and two weeks after; None where it is not known yet. 0-1.
        others_change: by how much that of similar groups left alone changed meanwhile; None where too few were alike.
        others: how many those were. Count.
        is_past_telling: whether nothing can come of the comparison any more: too little was known of the group.
        came_over: of those who were asked over into another group, who came. Count.
    """

    id: int
    kind: str
    at: datetime
    by: str
    note: str
    detail: Mapping[str, Any]
    life: str
    before: float | None
    after: float | None
    others_change: float | None
    others: int
    came_over: int = 0
    is_past_telling: bool = False


@dataclass(frozen=True)
class TreeNode:
    """A member in the tree of invitations.

    Attributes:
        customer_id: who; None at the root where nobody seeded the group.
        is_here: whether they are in the group now.
        seeds: key and name of the group that they seed themselves; None where they seed none.
        brought: how many they brought, and all whom those brought. Count.
        children: whom they brought, most bringing first.
    """

    customer_id: int | None
    is_here: bool
    seeds: tuple[int, str] | None
    brought: int
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True)
class CommunityPage:
    """One group in full; `filled_up_to` are people up to which it is filled by whoever asked for the next one; None: it is full."""

    view: CommunityView
    likeness: tuple[int, ...]
    seed_customer_id: int | None
    playbook_id: int | None
    own_capacity: int | None
    follows: tuple[int, str] | None
    followed_by: tuple[int, str] | None
    wanted_next: str
    filled_up_to: int | None
    merged_into: tuple[int, str] | None
    days: tuple[VitalityDay, ...]
    probes: tuple[ProbeView, ...]
    deeds: tuple[DeedView, ...]
    traits: tuple[Trait, ...]
    tree: TreeNode
    known_inviters: int
    held: int
    neighbour: tuple[int, str] | None = None
    tags: Mapping[int, str] = field(default_factory=dict)
