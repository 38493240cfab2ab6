"""What the store knows of one person or group, as the facts of `rules.py`: read fresh, for one decision."""

from __future__ import annotations

from collections.abc import Sequence

from yutang.channels.crowds import WHEN_CLAIMED, WHEN_PLANNED, crowd_of
from yutang.channels.models import GroupStanding
from yutang.channels.policy import Policy
from yutang.channels.rules import Facts, Request
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor

__all__ = ["WHEN_CLAIMED", "WHEN_PLANNED", "facts_of_group", "facts_of_person", "person_within_reach"]


def person_within_reach(access: Actor, customer_id: int) -> Customer:
    """Return a person; one who was merged into another is that other.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    rows = Customer.objects.select_related("store")
    customer = rows.filter(pk=customer_id).first()
    if customer is not None and customer.merged_into_id is not None:
        customer = rows.get(pk=customer.merged_into_id)
    if customer is None or not access.reaches(customer.store_id):
        raise NoSuchCustomer(customer_id=customer_id)
    return customer


def facts_of_person(
    customer: Customer, *, request: Request, policy: Policy, counted: Sequence[str] = WHEN_PLANNED
) -> Facts:
    """Return what is known of a person for a decision.

    Args:
        customer: who, with the store.
        request: what somebody wants to send.
        policy: by which it is decided.
        counted: states of messages that count.
    """
    crowd = crowd_of(people=[customer], policy=policy, counted=counted, moments=[request.moment])
    return crowd.facts_of(customer.pk, request=request)


def facts_of_group(
    group: GroupStanding, *, request: Request, policy: Policy, counted: Sequence[str] = WHEN_PLANNED
) -> Facts:
    """Return what is known of a group for a decision; arguments as for `facts_of_person`."""
    crowd = crowd_of(groups=[group], policy=policy, counted=counted, moments=[request.moment])
    return crowd.facts_of(group.group_key, request=request)
