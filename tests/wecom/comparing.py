"""What the simulated corp holds, and what is known of it here, in one shape."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.world import World
from yutang.foundation.sealing import unseal
from yutang.wecom.models import Friendship, FriendTag, Group, GroupMember

#: How the simulated corp's ties are called here; other ties are not told of.
STANDINGS = {
    "half": "half",
    "both": "friends",
    "left_by_customer": "left",
    "deleted_by_staff": "deleted",
    "handed_over": "handed",
}


def friendships_there(world: World) -> dict[tuple[str, str], tuple[str, frozenset[str], str]]:
    """Return standing, tags and remark of each pair that ever added each other; who only asked is not told of."""
    found = {}
    for relations in world.relations.values():
        for one in relations.values():
            if one.tie.value in STANDINGS:
                is_shown = one.tie.value in {"both", "left_by_customer"}
                tags = (
                    frozenset(world.tags[tag].name for tag in one.tags if tag in world.tags)
                    if is_shown
                    else frozenset()
                )
                remark = one.remark if is_shown else ""
                found[one.userid, one.external_userid] = (STANDINGS[one.tie.value], tags, remark)
    return found


def friendships_here() -> dict[tuple[str, str], tuple[str, frozenset[str], str]]:
    """Return the same as this installation knows it."""
    tags: dict[int, set[str]] = {}
    for friend, name in FriendTag.objects.values_list("friendship_id", "tag__name"):
        tags.setdefault(friend, set()).add(name)
    found = {}
    for row in Friendship.objects.select_related("account", "contact"):
        external = unseal(row.contact.sealed_card)["external_userid"]
        note = unseal(row.sealed_note) if row.sealed_note else {}
        is_shown = row.standing in {"friends", "left"}
        remark = note.get("remark", "") if is_shown else ""
        worn = frozenset(tags.get(row.pk, ())) if is_shown else frozenset()
        found[row.account.userid, external] = (row.standing, worn, remark)
    return found


def groups_there(world: World) -> dict[str, tuple[Any, ...]]:
    """Return name, owner, notice and members of the living groups, and that the others are gone."""
    return {
        chat.chat_id: (chat.name, chat.owner, chat.notice, frozenset(chat.members))
        if chat.dismissed_at is None
        else ("gone",)
        for chat in world.chats.values()
    }


def groups_here() -> dict[str, tuple[Any, ...]]:
    """Return the same as this installation knows it."""
    members: dict[int, set[str]] = {}
    for row in GroupMember.objects.filter(left_at=None).select_related("contact", "account"):
        who = row.account.userid if row.account else unseal(row.contact.sealed_card)["external_userid"]
        members.setdefault(row.group_id, set()).add(who)
    return {
        one.chat_id: (one.name, one.owner.userid if one.owner else "", one.notice, frozenset(members.get(one.pk, ())))
        if one.dismissed_at is None
        else ("gone",)
        for one in Group.objects.select_related("owner")
    }
