"""Who stands with whom: connected people by union-find, and communities in them by weighted label propagation. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

DEVICE, PAYER, PLACE = 1, 2, 3
#: What more people than this share ties nobody: it is a till, a school, a post box. By kind of thing.
MOST_ON = {DEVICE: 40, PAYER: 40, PLACE: 12}
#: How much a shared thing says, divided among those who share it.
_WEIGHTS = {DEVICE: 3.0, PAYER: 3.0, PLACE: 1.0}
_INVITED_WEIGHT = 0.5
_MOST_ROUNDS = 20
LONGEST_RING = 6


class Forest:
    """Union-find over whole numbers: by size, with path halving.

    Source: Tarjan & van Leeuwen (1984), "Worst-case Analysis of Set Union Algorithms".
    """

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        self._size: dict[int, int] = {}

    def add(self, one: int, *, size: int = 1) -> None:
        """Let a number stand for itself, with the weight that it brings, unless it is there."""
        self._parent.setdefault(one, one)
        self._size.setdefault(one, size)

    def find(self, one: int) -> int:
        """Return the number that stands for all that are connected with this one."""
        self.add(one)
        parent = self._parent
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def join(self, one: int, other: int) -> int:
        """Connect two, and return who stands for both: the one of the larger."""
        a, b = self.find(one), self.find(other)
        if a == b:
            return a
        if (self._size[a], -a) < (self._size[b], -b):
            a, b = b, a
        self._parent[b] = a
        self._size[a] += self._size[b]
        return a

    def members(self) -> Iterable[int]:
        """Return every number that was added."""
        return self._parent.keys()


@dataclass(frozen=True, slots=True)
class Person:
    """What a community is told of one of its people. `past` as in `models.Past`."""

    past: int = 1
    is_known: bool = False
    has_left: bool = False
    was_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Portrait:
    """A community: its people and what they are like together. Counts; a share 0 to 100; `id` is its smallest key."""

    id: int
    members: tuple[int, ...]
    devices: int
    payers: int
    shared_percent: int
    strangers: int
    known: int
    left: int
    stopped: int


def communities(
    members: Sequence[int],
    ties: Iterable[tuple[int, int, int]],
    invitations: Iterable[tuple[int, int]],
    people: Mapping[int, Person],
) -> tuple[list[Portrait], Portrait | None]:
    """Return the communities of two and more among people, and what all of them are like together; None for one alone.

    Args:
        members: who; connected people belong together into one call.
        ties: (thing, kind, person); things that tie nobody left out.
        invitations: (inviter, invitee); those with others than the members do not count.
        people: what is known of each; who is not in it is a newcomer.
    """
    by_thing: dict[int, list[int]] = defaultdict(list)
    kinds: dict[int, int] = {}
    inside = set(members)
    for thing, kind, person in ties:
        if person in inside:
            by_thing[thing].append(person)
            kinds[thing] = kind
    labels = _labels(sorted(inside), by_thing, kinds, [one for one in invitations if inside.issuperset(one)])
    grouped: dict[int, list[int]] = defaultdict(list)
    for person, label in labels.items():
        grouped[label].append(person)
    found = [portrait_of(group, by_thing, kinds, people) for group in grouped.values() if len(group) > 1]
    return found, portrait_of(sorted(inside), by_thing, kinds, people) if len(inside) > 1 else None


def rings(invitations: Iterable[tuple[int, int]], invited_by: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """Return how many people the shortest ring has that each new invitation closes, by each of its people.

    Args:
        invitations: (inviter, invitee), the new ones.
        invited_by: inviters by invitee, at least those within `LONGEST_RING` steps up from the inviters.
    """
    found: dict[int, int] = {}
    for inviter, invitee in invitations:
        way = _way_up(inviter, invitee, invited_by)
        for person in way:
            found[person] = min(found.get(person, LONGEST_RING), len(way))
    return found


def _way_up(start: int, wanted: int, invited_by: Mapping[int, Iterable[int]]) -> list[int]:
    """Return the people from the inviter up to the invited one; empty where no way leads there."""
    ways, seen = [[start]], {start}
    while ways and len(ways[0]) <= LONGEST_RING:
        way = ways.pop(0)
        if way[-1] == wanted:
            return way
        for above in invited_by.get(way[-1], ()):
            if above not in seen:
                seen.add(above)
                ways.append([*way, above])
    return []


def _labels(
    members: Sequence[int],
    by_thing: Mapping[int, Sequence[int]],
    kinds: Mapping[int, int],
    invitations: Iterable[tuple[int, int]],
) -> dict[int, int]:
    """Return the community of each person, by the smallest key in it."""
    label = propagated(members, neighbours_of(by_thing, kinds, invitations), {})
    smallest: dict[int, int] = {}
    for one in members:
        smallest.setdefault(label[one], one)
    return {one: smallest[label[one]] for one in members}


def propagated(
    members: Sequence[int], neighbours: Mapping[int, Mapping[int, float]], fixed: Mapping[int, int]
) -> dict[int, int]:
    """Return the label of each person once everybody has that which weighs most around them, or after 20 rounds.

    Args:
        members: who takes labels, in ascending order; each begins with their own key.
        neighbours: by person, weights of those tied to them; who has no label says nothing.
        fixed: labels that stay, of people who are no members.

    Source: Raghavan, Albert & Kumara (2007), "Near linear time algorithm to detect community structures in large-scale
    networks", with weights; in the order of the keys, so that the same ties give the same communities.
    """
    label = {**fixed, **{one: one for one in members}}
    for _round in range(_MOST_ROUNDS):
        changed = False
        for one in members:
            around: dict[int, float] = defaultdict(float)
            for other, weight in neighbours.get(one, {}).items():
                if other in label:
                    around[label[other]] += weight
            if not around:
                continue
            heaviest = max(around.values())
            best = min(name for name, weight in around.items() if weight >= heaviest - 1e-9)
            if around.get(label[one], 0.0) < heaviest - 1e-9:
                label[one], changed = best, True
        if not changed:
            break
    return {one: label[one] for one in members}


def neighbours_of(
    by_thing: Mapping[int, Sequence[int]], kinds: Mapping[int, int], invitations: Iterable[tuple[int, int]]
) -> dict[int, dict[int, float]]:
    """Return by person how much ties them to each other one: shared things divided among who shares them, and invitations.

    Args:
        by_thing: everybody who uses each thing.
        kinds: kind by thing.
        invitations: (inviter, invitee).
    """
    found: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for thing, sharers in by_thing.items():
        weight = _WEIGHTS[kinds[thing]] / max(1, len(sharers) - 1)
        for one in sharers:
            for other in sharers:
                if one != other:
                    found[one][other] += weight
    for inviter, invitee in invitations:
        if inviter != invitee:
            found[inviter][invitee] += _INVITED_WEIGHT
            found[invitee][inviter] += _INVITED_WEIGHT
    return found


def portrait_of(
    group: Sequence[int], by_thing: Mapping[int, Sequence[int]], kinds: Mapping[int, int], people: Mapping[int, Person]
) -> Portrait:
    """Return what a group of people are like together.

    Args:
        group: who.
        by_thing: users of each thing, of the group and others; things that tie nobody left out.
        kinds: kind by thing.
        people: what is known of each; who is not in it is a newcomer.
    """
    inside = set(group)
    devices = payers = 0
    sharing: set[int] = set()
    for thing, sharers in by_thing.items():
        own = inside.intersection(sharers)
        if not own or kinds[thing] == PLACE:
            continue
        devices += kinds[thing] == DEVICE
        payers += kinds[thing] == PAYER
        if len(own) > 1:
            sharing |= own
    known = [people.get(one, Person()) for one in group]
    return Portrait(
        id=min(group),
        members=tuple(sorted(group)),
        devices=devices,
        payers=payers,
        shared_percent=100 * len(sharing) // len(group),
        strangers=sum(one.past != 0 for one in known),
        known=sum(one.is_known for one in known),
        left=sum(one.has_left for one in known),
        stopped=sum(one.was_stopped for one in known),
    )
