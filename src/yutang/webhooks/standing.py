"""Who a receiver is, as an actor: what it is told is what somebody with its permissions and stores may see."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from yutang.foundation.access import Actor
from yutang.foundation.announced import ANNOUNCED
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.webhooks.models import Endpoint

ROLE = "webhook"
SEE_PEOPLE = "customers.view"


class NoSuchEndpoint(DomainError):
    """There is no such receiver, or it is told more than the actor may see."""

    code: ClassVar[str] = "no_such_endpoint"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no webhook %(endpoint_id)s within your reach.")


def permissions_for(*, kinds: Collection[str], with_people: bool) -> frozenset[str]:
    """Return what somebody must hold who has a receiver told of these events."""
    needed = {ANNOUNCED[kind].permission for kind in kinds if kind in ANNOUNCED} - {""}
    return frozenset(needed | ({SEE_PEOPLE} if with_people else set()))


def reach_of(endpoint: Endpoint) -> frozenset[int] | None:
    """Return the stores of which a receiver is told; None: all."""
    return frozenset(store.pk for store in endpoint.stores.all()) if endpoint.is_scoped else None


def actor_of(endpoint: Endpoint) -> Actor:
    """Return the receiver as an actor; its stores must have been read."""
    granted = permissions_for(kinds=endpoint.events, with_people=endpoint.with_people)
    return Actor(None, ROLE, reach_of(endpoint), endpoint.name, granted=granted, via=f"webhook:{endpoint.pk}")


def covers(actor: Actor, endpoint: Endpoint) -> bool:
    """Return whether an actor may see all that a receiver is told; its stores must have been read."""
    told = permissions_for(kinds=endpoint.events, with_people=endpoint.with_people)
    return actor.covers(permissions=told, store_ids=reach_of(endpoint))


def endpoint_within_reach(*, access: Actor, endpoint_id: int) -> Endpoint:
    """Return a receiver that is told no more than the actor may see.

    Raises:
        NotAllowed: the actor does not manage webhooks.
        NoSuchEndpoint: there is none within reach.
    """
    access.require("webhooks.manage")
    endpoint = Endpoint.objects.select_related("made_by").prefetch_related("stores").filter(pk=endpoint_id).first()
    if endpoint is None or not covers(access, endpoint):
        raise NoSuchEndpoint(endpoint_id=endpoint_id)
    return endpoint
