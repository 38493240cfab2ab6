"""What the room tells of groups, newcomers and people who join, for whoever decides by it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count

from yutang.customers.models import Customer
from yutang.foundation.models import Staff
from yutang.wecom.models import Friendship, Group, GroupMember
from yutang.wecom.views import Fact, KnownGroup


def known_groups() -> tuple[KnownGroup, ...]:
    """Return every living group with how many customers are in it, for whoever decides about groups; by key."""
    rows = list(Group.objects.filter(dismissed_at=None).select_related("owner").order_by("pk"))
    inside = GroupMember.objects.filter(group__dismissed_at=None, account=None, left_at=None).order_by()
    counts = dict(inside.values_list("group").annotate(Count("pk")))
    stores = _stores_of({row.owner.staff_id for row in rows if row.owner and row.owner.staff_id})
    return tuple(
        KnownGroup(
            chat_id=row.chat_id,
            name=row.name,
            members=counts.get(row.pk, 0),
            made_at=row.made_at,
            staff_id=row.owner.staff_id if row.owner else None,
            stores=stores.get(row.owner.staff_id or 0, ()) if row.owner else (),
        )
        for row in rows
    )


def facts_of_friendships(*, friendship_ids: Collection[int]) -> tuple[Fact, ...]:
    """Return what is told of friendships: ``way``, ``state``, ``add_way``, ``staff``, ``store``; of whom is nobody here, nothing."""
    rows = Friendship.objects.filter(pk__in=list(friendship_ids), contact__customer__isnull=False)
    found = list(rows.select_related("account__staff", "contact__customer__store", "way").order_by("pk"))
    stores = _stores_of({row.account.staff_id for row in found if row.account.staff_id})
    return tuple(
        Fact(
            customer_id=row.contact.customer_id or 0,
            facts={
                "way": row.way.name if row.way else "",
                "state": row.state_text,
                "add_way": row.add_way,
                "staff": row.account.staff.username if row.account.staff else row.account.userid,
                "store": _store_codes(row.contact.customer, stores.get(row.account.staff_id or 0, ())),
            },
        )
        for row in found
    )


def friendships_added(*, since: datetime, until: datetime) -> tuple[tuple[int, int, datetime], ...]:
    """Return (key of the friendship, customer, instant) of who became a friend in a time, by key; of whom is nobody here, nothing.

    Args:
        since: from when. Aware UTC.
        until: before when. Aware UTC.
    """
    rows = Friendship.objects.filter(added_at__gte=since, added_at__lt=until, contact__customer__isnull=False)
    found = rows.order_by("pk").values_list("pk", "contact__customer_id", "added_at")
    return tuple((key, person, at) for key, person, at in found if person is not None and at is not None)


def facts_of_joining(*, group_ids: Collection[int], customer_ids: Collection[int]) -> tuple[Fact, ...]:
    """Return what is told of people who came into groups, aligned by position: ``group``, ``store``."""
    groups = {row.pk: row for row in Group.objects.filter(pk__in=set(group_ids)).select_related("owner")}
    stores = _stores_of({row.owner.staff_id for row in groups.values() if row.owner and row.owner.staff_id})
    told = []
    for group_id, person in zip(group_ids, customer_ids, strict=True):
        row = groups.get(group_id)
        owner = row.owner.staff_id if row and row.owner else None
        codes = tuple(code for _key, code in stores.get(owner or 0, ()))
        told.append(Fact(person, {"group": row.name if row else "", "store": codes}))
    return tuple(told)


def _stores_of(staff_ids: Collection[int]) -> dict[int, tuple[tuple[int, str], ...]]:
    """Return key and code of the stores of each of these members of staff."""
    found: dict[int, list[tuple[int, str]]] = {}
    rows = Staff.objects.filter(pk__in=list(staff_ids), stores__isnull=False).order_by("pk", "stores__code")
    for staff_id, key, code in rows.values_list("pk", "stores__pk", "stores__code"):
        found.setdefault(staff_id, []).append((key, code))
    return {staff_id: tuple(stores) for staff_id, stores in found.items()}


def _store_codes(customer: Customer | None, stores: Collection[tuple[int, str]]) -> tuple[str, ...]:
    """Return the code of the customer's store; of somebody without one, those of the member of staff."""
    if customer is not None and customer.store is not None:
        return (customer.store.code,)
    return tuple(code for _key, code in stores)
