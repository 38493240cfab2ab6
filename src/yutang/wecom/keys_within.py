"""Keys of groups and friendships, for rooms that narrow or note their own facts by them; nobody is shown by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from yutang.wecom.models import Friendship, Group

_AT_ONCE = 5_000


def chat_ids_within(*, store_ids: Collection[int]) -> frozenset[str]:
    """Return the chat ids of the groups that staff of these stores own, also of those that are gone."""
    rows = Group.objects.filter(owner__staff__stores__in=list(store_ids)).order_by()
    return frozenset(rows.values_list("chat_id", flat=True))


def friendships_between(*, userid: str, customer_ids: Collection[int]) -> Mapping[int, int]:
    """Return the friendship of a member of staff with each of these customers, by customer; the latest where there are two."""
    found: dict[int, int] = {}
    keys = sorted(customer_ids)
    for start in range(0, len(keys), _AT_ONCE):
        rows = Friendship.objects.filter(
            account__userid=userid, contact__customer_id__in=keys[start : start + _AT_ONCE]
        ).order_by("pk")
        found.update((customer, key) for customer, key in rows.values_list("contact__customer_id", "pk") if customer)
    return found
