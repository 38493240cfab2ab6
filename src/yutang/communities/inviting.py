"""The tree of invitations of one group: the seed, whom it brought, and whom those brought."""

from __future__ import annotations

from django.db.models import QuerySet

from yutang.communities.models import Community, Place, PlaceState
from yutang.communities.views import TreeNode
from yutang.wecom.models import GroupMember

#: People whom a tree draws at most; of larger ones the branches that brought most.
_MOST = 60


def tree_of(row: Community, *, told: QuerySet[Community]) -> tuple[TreeNode, int]:
    """Return the tree of a group, and of how many members it is known who brought them.

    Members of whom it is not known stand under nobody, and are not drawn. Who brought each other in a ring is cut where the ring
    closes; a tree has no rings.

    Args:
        row: the group.
        told: groups of which it may be told that a member seeds them.
    """
    places = Place.objects.filter(community=row, state=PlaceState.TAKEN, inviter__isnull=False).order_by(
        "came_at", "pk"
    )
    parent: dict[int, int] = {}
    for person, inviter in places.values_list("customer_id", "inviter_id"):
        if inviter is not None and person != inviter:
            parent.setdefault(person, inviter)
    seed = row.seed_customer_id
    if seed is not None:
        parent.pop(seed, None)
    children: dict[int | None, list[int]] = {}
    for person, inviter in parent.items():
        if not _leads_back(person, inviter, parent):
            children.setdefault(inviter, []).append(person)
    everybody = set(parent) | set(parent.values()) | ({seed} if seed is not None else set())
    tops = [seed] if seed is not None else []
    tops += sorted(one for one in everybody if one not in parent and one != seed)
    here = set(
        GroupMember.objects.filter(group_id=row.group_id, left_at=None, contact__customer_id__in=everybody).values_list(
            "contact__customer_id", flat=True
        )
    )
    seeded = told.filter(seed_customer_id__in=everybody).exclude(pk=row.pk).select_related("group")
    seeds = {one.seed_customer_id: (one.pk, one.group.name) for one in seeded.order_by("-pk")}
    grown = [_node(one, children, here, seeds, set()) for one in tops]
    if seed is not None and grown:
        first, rest = grown[0], grown[1:]
        kept = sorted([*first.children, *rest], key=lambda one: -one.brought)
        root = TreeNode(seed, first.is_here, first.seeds, sum(one.brought + 1 for one in kept), tuple(kept))
    else:
        kept = sorted(grown, key=lambda one: -one.brought)
        root = TreeNode(None, False, None, sum(one.brought + 1 for one in kept), tuple(kept))
    return _pruned(root, _MOST)[0], len(parent)


def _leads_back(person: int, inviter: int, parent: dict[int, int]) -> bool:
    """Return whether the way up from an inviter comes back to the person."""
    seen: set[int] = set()
    at: int | None = inviter
    while at is not None and at not in seen:
        if at == person:
            return True
        seen.add(at)
        at = parent.get(at)
    return False


def _node(
    person: int,
    children: dict[int | None, list[int]],
    here: set[int],
    seeds: dict[int | None, tuple[int, str]],
    above: set[int],
) -> TreeNode:
    below = [
        _node(one, children, here, seeds, above | {person}) for one in children.get(person, ()) if one not in above
    ]
    below.sort(key=lambda one: -one.brought)
    brought = sum(one.brought + 1 for one in below)
    return TreeNode(person, person in here, seeds.get(person), brought, tuple(below))


def _pruned(node: TreeNode, most: int) -> tuple[TreeNode, int]:
    """Return a tree of at most so many people, and how many it has."""
    left, kept = most - 1, []
    for child in node.children:
        if left <= 0:
            break
        small, size = _pruned(child, left)
        kept.append(small)
        left -= size
    whole = TreeNode(node.customer_id, node.is_here, node.seeds, node.brought, tuple(kept))
    return whole, most - left
