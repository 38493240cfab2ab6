"""Which messages and receivers of a campaign lie within somebody's reach: customers of their stores, and groups that staff there own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.wecom.keys_within import chat_ids_within


def rows_within(access: Actor, *, at: str = "") -> Q:
    """Return the condition on rows that name a person or a group; `at` leads to them, such as ``touch__``."""
    if access.store_ids is None:
        return Q()
    people = Customer.objects.filter(store_id__in=access.store_ids).order_by().values("pk")
    groups = chat_ids_within(store_ids=access.store_ids)
    return Q(**{f"{at}customer_id__in": people}) | Q(**{f"{at}customer_id": None, f"{at}group_key__in": groups})


def receivers_within(access: Actor, receivers: Sequence[int | str]) -> list[int | str]:
    """Return those of some people and groups who lie within reach, in their order."""
    if access.store_ids is None:
        return list(receivers)
    known: set[int | str] = set()
    if any(isinstance(one, int) for one in receivers):
        known |= set(Customer.objects.filter(store_id__in=access.store_ids).order_by().values_list("pk", flat=True))
    if any(isinstance(one, str) for one in receivers):
        known |= chat_ids_within(store_ids=access.store_ids)
    return [one for one in receivers if one in known]


def audience_within(access: Actor, audience: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
    """Return an audience without the people and groups out of reach, and how many these are."""
    told, left_out = dict(audience), 0
    for name in {"people", "groups"} & set(told):
        told[name] = receivers_within(access, told[name])
        left_out += len(audience[name]) - len(told[name])
    return told, left_out


def reaches_whole(access: Actor, stores: Sequence[int] | None) -> bool:
    """Return whether everybody of a campaign of these stores (None: of all) lies within reach."""
    return access.store_ids is None or (stores is not None and set(stores) <= access.store_ids)
