"""Groups as those know them who write to them: which there are within reach, who is in them, and who asks whom to send."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from yutang.foundation.access import Actor
from yutang.wecom.models import Account, Group, GroupMember


@dataclass(frozen=True)
class GroupChoice:
    """A living group that a post can be meant for; `owner` is what its owner is called here, `members` counts customers."""

    chat_id: str
    name: str
    owner: str
    members: int


def group_choices(*, access: Actor, most: int, text: str = "") -> tuple[GroupChoice, ...]:
    """Return living groups within reach, the largest first.

    Args:
        access: whose reach bounds them.
        most: groups at most.
        text: only those whose name holds it; empty: all.
    """
    access.require("channels.view")
    rows = _within(access).filter(name__icontains=text) if text else _within(access)
    counted = rows.select_related("owner__staff").annotate(
        now_in=Count("members", filter=Q(members__left_at=None, members__contact__isnull=False))
    )
    return tuple(
        GroupChoice(row.chat_id, row.name, _name(row.owner) if row.owner else "", row.now_in)
        for row in counted.order_by("-now_in", "pk")[:most]
    )


def groups_within(*, access: Actor) -> set[str]:
    """Return the chat ids of living groups within reach."""
    return set(_within(access).order_by().values_list("chat_id", flat=True))


def people_in_groups(*, chat_ids: Collection[str]) -> Mapping[str, list[int]]:
    """Return the customers who are in each of these groups now, by chat id; a group without any has an empty list."""
    found: dict[str, list[int]] = {one: [] for one in chat_ids}
    rows = GroupMember.objects.filter(group__chat_id__in=list(chat_ids), left_at=None, contact__customer__isnull=False)
    for chat_id, customer_id in rows.order_by().values_list("group__chat_id", "contact__customer_id").distinct():
        found[chat_id].append(customer_id)
    return found


def sender_names(*, access: Actor, userids: Collection[str]) -> Mapping[str, str]:
    """Return what members of the corp are called here, by userid; of others than those here only the userid is known."""
    access.require("channels.view")
    rows = Account.objects.filter(userid__in=list(userids)).select_related("staff")
    return {one: one for one in userids} | {row.userid: _name(row) for row in rows}


def _within(access: Actor) -> QuerySet[Group]:
    rows = Group.objects.filter(dismissed_at=None)
    if access.store_ids is None:
        return rows
    return rows.filter(owner__in=Account.objects.filter(staff__stores__in=access.store_ids))


def _name(account: Account) -> str:
    return account.staff.display_name if account.staff else account.userid
