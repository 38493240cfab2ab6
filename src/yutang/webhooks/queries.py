"""What others may read of receivers and of what they were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from yutang.foundation.access import Actor
from yutang.foundation.announced import ANNOUNCED
from yutang.webhooks.announcing import TEST
from yutang.webhooks.models import Delivery, DeliveryStatus, Endpoint
from yutang.webhooks.standing import NoSuchEndpoint, covers, endpoint_within_reach
from yutang.webhooks.tries import MOST_ATTEMPTS

__all__ = [
    "MOST_ATTEMPTS",
    "TEST",
    "DeliveryView",
    "EndpointView",
    "EventChoice",
    "NoSuchEndpoint",
    "deliveries",
    "endpoint",
    "endpoints",
    "event_choices",
    "webhook_counts",
]


@dataclass(frozen=True)
class EventChoice:
    """An event that a receiver may be told.

    Attributes:
        title: marked with `N_`.
        about_people: whether it names people.
    """

    kind: str
    title: str
    permission: str
    about_people: bool


@dataclass(frozen=True)
class EndpointView:
    """A receiver as people see it; the secret is not among what is shown.

    Attributes:
        store_codes: None: all stores.
        health: ``new`` (nothing was sent yet), ``well``, ``failing`` or ``off``.
        off_because: ``person``, ``failing`` or ``gone``; empty while it is on.
        waiting, taken, dead: deliveries of the last 30 days. Counts.
    """

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    store_codes: tuple[str, ...] | None
    with_people: bool
    made_by: str
    made_at: datetime
    health: str
    off_because: str
    off_at: datetime | None
    failing_since: datetime | None
    taken_at: datetime | None
    waiting: int
    taken: int
    dead: int


@dataclass(frozen=True)
class DeliveryView:
    """One message to one receiver.

    Attributes:
        message_id: what the receiver knows it by (``webhook-id``).
        status: ``waiting``, ``taken`` or ``dead``.
        next_at: None unless it waits.
        fault: why the last attempt was not taken (see `connectors.webhook`); empty where it was, or none was made.
    """

    id: int
    endpoint_id: int
    message_id: str
    event: str
    status: str
    attempts: int
    occurred_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    answer_status: int | None
    fault: str
    took_ms: int | None


def event_choices(*, access: Actor) -> tuple[EventChoice, ...]:
    """Return the events that the actor may have a receiver told of."""
    return tuple(
        EventChoice(one.kind, one.title, one.permission, bool(one.people))
        for one in ANNOUNCED
        if not one.permission or access.can(one.permission)
    )


def endpoints(*, access: Actor) -> tuple[EndpointView, ...]:
    """Return the receivers that are told no more than the actor may see, in the order in which they were made."""
    access.require("webhooks.manage")
    rows = Endpoint.objects.select_related("made_by").prefetch_related("stores").order_by("id")
    counts = _counts()
    return tuple(_endpoint(row, counts.get(row.pk, {})) for row in rows if covers(access, row))


def endpoint(*, access: Actor, endpoint_id: int) -> EndpointView:
    """Return one receiver.

    Raises:
        NoSuchEndpoint: there is none within reach.
    """
    row = endpoint_within_reach(access=access, endpoint_id=endpoint_id)
    return _endpoint(row, _counts(endpoint_id).get(row.pk, {}))


def deliveries(
    *, access: Actor, endpoint_id: int, status: str = "", before_id: int | None = None, limit: int = 50
) -> tuple[DeliveryView, ...]:
    """Return what a receiver was told, newest first.

    Args:
        access: who looks.
        endpoint_id: the receiver.
        status: only ``waiting``, ``taken`` or ``dead``; empty: all.
        before_id: only deliveries with a smaller key.
        limit: how many at most.

    Raises:
        NoSuchEndpoint: there is none within reach.
    """
    endpoint_within_reach(access=access, endpoint_id=endpoint_id)
    rows = Delivery.objects.filter(endpoint_id=endpoint_id).select_related("message").order_by("-id")
    if status:
        rows = rows.filter(status=status)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return tuple(_delivery(row) for row in rows[:limit])


def webhook_counts() -> dict[str, int]:
    """Return how many receivers fail or were switched off by themselves, and how many deliveries were given up."""
    off_by_itself = Q(off_at__isnull=False) & ~Q(off_because="person")
    found = Endpoint.objects.aggregate(
        failing=Count("pk", filter=Q(off_at=None, failing_since__isnull=False)), off=Count("pk", filter=off_by_itself)
    )
    return {**found, "dead": Delivery.objects.filter(status=DeliveryStatus.DEAD).count()}


def _counts(endpoint_id: int | None = None) -> dict[int, dict[str, int]]:
    rows = Delivery.objects.order_by().values_list("endpoint_id", "status").annotate(Count("pk"))
    if endpoint_id is not None:
        rows = rows.filter(endpoint_id=endpoint_id)
    found: dict[int, dict[str, int]] = {}
    for key, status, count in rows:
        found.setdefault(key, {})[status] = count
    return found


def _endpoint(row: Endpoint, counts: dict[str, int]) -> EndpointView:
    health = "off" if row.off_at else "failing" if row.failing_since else "well" if row.taken_at else "new"
    return EndpointView(
        id=row.pk,
        name=row.name,
        url=row.url,
        events=tuple(row.events),
        store_codes=tuple(store.code for store in row.stores.all()) if row.is_scoped else None,
        with_people=row.with_people,
        made_by=row.made_by.display_name if row.made_by else "",
        made_at=row.made_at,
        health=health,
        off_because=row.off_because,
        off_at=row.off_at,
        failing_since=row.failing_since,
        taken_at=row.taken_at,
        waiting=counts.get(DeliveryStatus.WAITING, 0),
        taken=counts.get(DeliveryStatus.TAKEN, 0),
        dead=counts.get(DeliveryStatus.DEAD, 0),
    )


def _delivery(row: Delivery) -> DeliveryView:
    waits = row.status == DeliveryStatus.WAITING
    return DeliveryView(
        id=row.pk,
        endpoint_id=row.endpoint_id,
        message_id=row.message.token,
        event=row.message.kind,
        status=DeliveryStatus(row.status).value,
        attempts=row.attempts,
        occurred_at=row.message.occurred_at,
        tried_at=row.tried_at,
        next_at=row.next_at if waits else None,
        answer_status=row.answer_status,
        fault=row.fault,
        took_ms=row.took_ms,
    )
