"""Events told upwards: written with the change that they tell of, delivered at least once by the worker.

An event is a frozen dataclass in the past tense, of strings, numbers, booleans, instants, dates and tuples or lists of them,
with keys instead of personal data. A handler is idempotent by the event's id.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import types
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from django.db import transaction
from django.db.models import F
from django.utils.module_loading import autodiscover_modules

from yutang.foundation import bulk, jobs
from yutang.foundation.models import MOST_ATTEMPTS, Job, JobStatus, OutboxEvent

logger = logging.getLogger(__name__)

Event = TypeVar("Event")


class Handler(Protocol):
    """What hears an event; does nothing the second time it sees the same id."""

    def __call__(self, event: Any, *, event_id: int, now: datetime) -> None:
        """Act on the event in the transaction in which it is marked as delivered."""


_handlers: dict[str, list[Handler]] = {}
_types: dict[str, type[Any]] = {}


def kind_of(event_type: type[Any]) -> str:
    """Return the stable name of an event: ``room.ClassName``."""
    return f"{event_type.__module__.split('.')[1]}.{event_type.__name__}"


def record(event: Any, *, now: datetime) -> int:
    """Write the event in the caller's transaction, wake its delivery, and return the event's id.

    Args:
        event: an instance of a frozen dataclass.
        now: when it happened. Aware UTC.
    """
    return _record([event], now)[0]


def record_all(events: Sequence[Any], *, now: datetime) -> None:
    """Write many events in the caller's transaction, in their order, and wake their delivery.

    Args:
        events: instances of frozen dataclasses.
        now: when they happened. Aware UTC.
    """
    for start in range(0, len(events), _AT_ONCE):
        _record(events[start : start + _AT_ONCE], now)


def handles(event_type: type[Event]) -> Callable[[Handler], Handler]:
    """Register the function below as a handler of the event; lives in the room's ``handlers`` module."""

    def register(handler: Handler) -> Handler:
        kind = kind_of(event_type)
        _types[kind] = event_type
        heard = _handlers.setdefault(kind, [])
        if handler not in heard:
            heard.append(handler)
        return handler

    return register


@jobs.task(priority=20)
def deliver_events(context: jobs.JobContext) -> dict[str, int]:
    """Deliver what was recorded, oldest first; each event with all its handlers in one transaction."""
    autodiscover_modules("handlers")
    delivered = failed = 0
    due = OutboxEvent.objects.filter(delivered_at=None, attempts__lt=MOST_ATTEMPTS).order_by("id")
    for event_id in list(due.values_list("pk", flat=True)[:5000]):
        context.check_cancelled()
        try:
            delivered += _deliver(event_id, now=context.now())
        except jobs.JobInterrupted:
            raise
        except Exception:
            logger.exception("event %s could not be delivered", event_id)
            failed += 1
            OutboxEvent.objects.filter(pk=event_id).update(attempts=F("attempts") + 1)
    return {"delivered": delivered, "failed": failed}


@jobs.task()
def forget_finished(context: jobs.JobContext, keep_days: int = 30) -> dict[str, int]:
    """Delete jobs and delivered events that ended more than so many days ago; those of schedules after a day."""
    before = context.now() - timedelta(days=keep_days)
    ended = Job.objects.filter(status__in=(JobStatus.DONE, JobStatus.CANCELLED))
    count, _ = ended.filter(finished_at__lt=before).delete()
    of_schedules = ended.filter(
        idempotency_key__startswith="schedule:", finished_at__lt=context.now() - timedelta(days=1)
    )
    # A slot's key must outlive the slot, so the latest day stays.
    more, _ = of_schedules.delete()
    events, _ = OutboxEvent.objects.filter(delivered_at__lt=before).delete()
    return {"jobs": count + more, "events": events}


def _record(events: Sequence[Any], now: datetime) -> list[int]:
    """Write events in one statement that also asks whether their delivery is awake, wake it, and return their ids.

    The statement stands as it is: an event is written with most changes of the house, and making it took longer than running it.
    """
    at = bulk.db_instant(now)
    places = ", ".join([_PLACE] * len(events))
    values = [*chain.from_iterable((*_written(event), at) for event in events)]
    told = bulk.fetch(f"{_INSERT} {places} {_AWAKE}", (*values, deliver_events.module_path, JobStatus.WAITING.value))
    if not told[0][1]:
        jobs.enqueue(deliver_events, {}, now=now)
    # Ids are given out in the order of the events; the order in which they are told is not promised.
    return sorted(int(event_id) for event_id, _is_awake in told)


_AT_ONCE = 500
_INSERT = "INSERT INTO foundation_outboxevent (kind, payload, occurred_at, delivered_at, attempts) VALUES"
_PLACE = "(%s, %s, %s, NULL, 0)"
_AWAKE = "RETURNING id, EXISTS (SELECT 1 FROM foundation_job AS j WHERE j.task_path = %s AND j.status = %s)"


def _written(event: Any) -> tuple[str, str]:
    """Return an event's name, and what it tells as JSON."""
    if not dataclasses.is_dataclass(event) or isinstance(event, type):
        raise TypeError(f"an event is a dataclass, not {type(event).__name__}")
    payload = {field.name: _encoded(getattr(event, field.name)) for field in dataclasses.fields(event)}
    return kind_of(type(event)), json.dumps(payload)


def is_undelivered() -> bool:
    """Return whether an event waits for delivery."""
    return OutboxEvent.objects.filter(delivered_at=None, attempts__lt=MOST_ATTEMPTS).exists()


def _deliver(event_id: int, *, now: datetime) -> int:
    with transaction.atomic():
        row = OutboxEvent.objects.get(pk=event_id)
        # The conditional UPDATE first: a second worker delivering the same event waits here and then finds it done.
        if not OutboxEvent.objects.filter(pk=event_id, delivered_at=None).update(delivered_at=now):
            return 0
        heard = _handlers.get(row.kind, [])
        if heard:
            event = _decoded_event(_types[row.kind], row.payload)
            for handler in heard:
                handler(event, event_id=event_id, now=now)
    return 1


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list, frozenset)):
        return [_encoded(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"an event cannot carry {type(value).__name__}")


def _decoded_event(event_type: type[Any], payload: dict[str, Any]) -> Any:
    """Return the event; fields that it no longer has are dropped, new ones need defaults."""
    hints = get_type_hints(event_type)
    names = {field.name for field in dataclasses.fields(event_type)}
    return event_type(**{name: _decoded(value, hints[name]) for name, value in payload.items() if name in names})


def _decoded(value: Any, hint: Any) -> Any:
    if value is None:
        return None
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _decoded(value, next(kind for kind in inner if kind is not type(None)))
    if origin in {tuple, list, frozenset}:
        return origin(_decoded(item, inner[0] if inner else Any) for item in value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is date:
        return date.fromisoformat(value)
    return value
