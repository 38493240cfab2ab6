"""By what members of a group resemble each other: tags of customers, group of tags by group of tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from yutang.customers.models import CustomerTag, Tag


@dataclass(frozen=True)
class Trait:
    """One group of tags by which members are alike.

    Attributes:
        name: of the group of tags.
        wanted: names of the tags that members are meant to carry; empty where none is.
        fitting: members who carry one of them; `known`: members who carry any tag of the group. Counts.
        spread: (name of a tag, members who carry it), the most first.
        alike: chance that two members of whom it is known carry the same tag; None with fewer than two. 0-1.
    """

    name: str
    wanted: tuple[str, ...]
    fitting: int
    known: int
    spread: tuple[tuple[str, int], ...]
    alike: float | None


def groups_of_tags(tag_ids: Collection[int]) -> dict[int, int]:
    """Return the group of each tag; tags that are gone are missing."""
    return dict(Tag.objects.filter(pk__in=list(tag_ids)).order_by().values_list("pk", "group_id"))


def tags_of_people(
    *, customer_ids: Collection[int], tag_group_ids: Collection[int], now: datetime
) -> dict[int, set[int]]:
    """Return which tags of some groups each person carries now."""
    found: dict[int, set[int]] = {}
    if not tag_group_ids:
        return found
    rows = CustomerTag.objects.filter(customer_id__in=list(customer_ids), tag__group_id__in=list(tag_group_ids))
    valid = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now)).order_by()
    for person, tag in valid.values_list("customer_id", "tag_id"):
        found.setdefault(person, set()).add(tag)
    return found


def fit(*, likeness: Sequence[int], groups: Mapping[int, int], carried: set[int]) -> int | None:
    """Return by how many groups of tags a person resembles a group's members; None where one speaks against it.

    A person of whom a group of tags is not known neither fits nor is turned away by it.

    Args:
        likeness: keys of tags that members are meant to carry.
        groups: group of each tag.
        carried: tags of the person.
    """
    wanted: dict[int, set[int]] = {}
    for tag in likeness:
        if tag in groups:
            wanted.setdefault(groups[tag], set()).add(tag)
    score = 0
    for group, tags in wanted.items():
        own = {tag for tag in carried if groups.get(tag) == group}
        if own & tags:
            score += 1
        elif own:
            return None
    return score


def traits(*, likeness: Sequence[int], members: Sequence[int], now: datetime) -> tuple[Trait, ...]:
    """Return how alike the members are: by the groups of tags that the group is meant to be alike in, then by others that most carry."""
    rows = CustomerTag.objects.filter(customer_id__in=list(members)).filter(Q(expires_at=None) | Q(expires_at__gt=now))
    carried = list(
        rows.order_by().values_list("customer_id", "tag_id", "tag__group_id", "tag__group__name", "tag__name")
    )
    wanted = {tag.pk: tag for tag in Tag.objects.filter(pk__in=list(likeness)).select_related("group")}
    names = {tag.group_id: tag.group.name for tag in wanted.values()}
    meant = list(names)
    by_group: dict[int, list[tuple[int, int, str]]] = {}
    for person, tag, group, group_name, tag_name in carried:
        names[group] = group_name
        by_group.setdefault(group, []).append((person, tag, tag_name))
    often = [
        key for key, held in by_group.items() if key not in meant and len({who for who, *_ in held}) * 2 > len(members)
    ]
    return tuple(
        _trait(names[key], by_group.get(key, []), [one for one in wanted.values() if one.group_id == key])
        for key in [*meant, *often]
    )


def _trait(name: str, held: Sequence[tuple[int, int, str]], wanted: Sequence[Tag]) -> Trait:
    keys = {one.pk for one in wanted}
    known = {person for person, _tag, _name in held}
    spread = Counter(tag_name for _person, _tag, tag_name in held)
    n = len(held)
    same = sum(count * (count - 1) for count in spread.values())
    return Trait(
        name=name,
        wanted=tuple(one.name for one in wanted),
        fitting=len({person for person, tag, _name in held if tag in keys}),
        known=len(known),
        spread=tuple(sorted(spread.items(), key=lambda pair: (-pair[1], pair[0]))),
        alike=same / (n * (n - 1)) if n > 1 else None,
    )
