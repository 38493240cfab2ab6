"""From an event of the outbox to deliveries: who is to be told, written in the transaction in which the event is delivered."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from yutang.customers.known_people import stores_of_people
from yutang.foundation import jobs
from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.foundation.models import Job, JobStatus
from yutang.foundation.outbox import kind_of
from yutang.webhooks.models import Delivery, Endpoint, Message
from yutang.webhooks.standing import reach_of

#: A message that a receiver may be sent at any time, to see whether it works.
TEST = "webhooks.Test"


def announce(event: Any, *, event_id: int, now: datetime) -> None:
    """Write a delivery for every receiver that is to be told of the event; a second time nothing.

    Receivers that are switched off get theirs too: it waits until they are on again, or is forgotten with its time.
    """
    told = ANNOUNCED[kind_of(type(event))]
    asking = [one for one in Endpoint.objects.prefetch_related("stores") if told.kind in one.events]
    if not asking:
        return
    facts = {field.name: written(getattr(event, field.name)) for field in dataclasses.fields(event)}
    people = [facts[name] for name in told.people]
    # Only a receiver that reaches some stores needs to know whose people they are.
    stores = stores_of_people(ids=people) if people and any(one.is_scoped for one in asking) else {}
    reached = [one for one in asking if _reaches(reach_of(one), told, facts, stores)]
    if not reached:
        return
    message, _ = Message.objects.get_or_create(
        event_id=event_id,
        defaults={"token": new_token(), "kind": told.kind, "facts": facts, "people": people, "occurred_at": now},
    )
    rows = [Delivery(endpoint=one, message=message, next_at=now) for one in reached]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    wake(now=now)


def wake(*, now: datetime, at: datetime | None = None) -> None:
    """Let a worker look at the deliveries, in the caller's transaction; at an instant, or now."""
    from yutang.webhooks.tasks import deliver_webhooks

    waiting = Job.objects.filter(task_path=deliver_webhooks.module_path, status=JobStatus.WAITING)
    if not waiting.filter(run_after__lte=at or now).exists():
        jobs.enqueue(deliver_webhooks, {}, now=now, run_after=at)


def new_token() -> str:
    """Return an id that no other message has, on no other installation either."""
    return f"msg_{secrets.token_hex(16)}"


def written(value: Any) -> Any:
    """Return a fact as JSON says it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return [written(one) for one in value] if isinstance(value, (tuple, list, frozenset)) else value


def _reaches(
    reach: frozenset[int] | None, told: AnnouncedEvent, facts: Mapping[str, Any], stores: Mapping[int, int | None]
) -> bool:
    """Return whether a receiver of these stores may be told; what belongs to no store is the whole chain's."""
    if reach is None or not (told.people or told.store):
        return True
    concerned = {stores.get(facts[name]) for name in told.people} | ({facts[told.store]} if told.store else set())
    return bool(reach & concerned)
