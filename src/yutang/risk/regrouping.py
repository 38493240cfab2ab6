"""Communities of a part of many connected people made anew while all others keep theirs: weighted label propagation. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from yutang.risk.communities import propagated


def regrouped(
    region: Sequence[int], neighbours: Mapping[int, Mapping[int, float]], outside: Mapping[int, int]
) -> tuple[dict[int, int], list[list[int]]]:
    """Return who joins a community that has people outside the region, and the groups of those who make new ones.

    Everybody in the region begins alone and takes the community that weighs most among the neighbours, round by round; those
    outside keep theirs, and who outside has none says nothing. So a community that lies within the region whole can split,
    grow and merge, and one that only reaches into it can win people and lose them.

    Args:
        region: who is grouped anew.
        neighbours: by person, weights of those tied to them, within the region and outside.
        outside: community by person, of people outside the region.

    Returns:
        (community by person, groups of two and more by their keys). Whoever is in neither stands alone.

    Source: after Raghavan, Albert & Kumara (2007), as `communities` says; that only what lies around a change is labelled anew
    and the rest holds its labels, after Xie, Chen & Szymanski (2013), "LabelRankT: incremental community detection in dynamic
    networks via label propagation".
    """
    # A label is a number: those of communities outside stand below 0, where no person's key lies, and win where two weigh alike.
    names = sorted(set(outside.values()))
    numbers = {name: at - len(names) for at, name in enumerate(names)}
    members = sorted(region)
    fixed = {person: numbers[name] for person, name in outside.items()}
    labels = propagated(members, neighbours, fixed)
    joined: dict[int, int] = {}
    fresh: dict[int, list[int]] = defaultdict(list)
    for one in members:
        label = labels[one]
        if label < 0:
            joined[one] = names[label + len(names)]
        else:
            fresh[label].append(one)
    return joined, [group for group in fresh.values() if len(group) > 1]


def renamed(groups: Sequence[Sequence[int]], before: Mapping[int, int], emptied: set[int], unused: int) -> list[int]:
    """Return a name for each group: that of the community most of it came from where nobody else holds it, else a new one.

    Args:
        groups: people who stand together now.
        before: community by person, as it was.
        emptied: communities all of whose people were grouped anew, so that their names are free.
        unused: the first name of which nobody has heard; those after it go down by one.
    """
    free, names = set(emptied), [0] * len(groups)
    order = sorted(range(len(groups)), key=lambda at: (-len(groups[at]), groups[at][0]))
    for at in order:
        came_from: dict[int, int] = defaultdict(int)
        for one in groups[at]:
            if before.get(one) in free:
                came_from[before[one]] += 1
        if came_from:
            names[at] = min(came_from, key=lambda name: (-came_from[name], name))
            free.discard(names[at])
        else:
            names[at], unused = unused, unused - 1
    return names
