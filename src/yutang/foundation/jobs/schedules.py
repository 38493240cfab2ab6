"""Work that comes round: declared once, enqueued once a slot however many workers there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.module_loading import autodiscover_modules
from django_tasks.base import Task

from yutang.foundation.jobs.declaring import enqueue
from yutang.kit.registry import Registry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Schedule:
    """A task that is enqueued once in each slot of time.

    Attributes:
        name: unique name, part of the idempotency key.
        task: what is run.
        period: length of a slot.
        offset: where slots begin after midnight UTC.
        arguments: arguments of the task.
        needed: asked first; a slot in which there is nothing to do leaves no job.
    """

    name: str
    task: Task[Any, Any]
    period: timedelta
    offset: timedelta = timedelta(0)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    needed: Callable[[], bool] = lambda: True

    def slot(self, now: datetime) -> int:
        """Return the number of the slot that the instant lies in."""
        return (now - _EPOCH - self.offset) // self.period

    def next_time(self, now: datetime) -> datetime:
        """Return when the slot after that of the instant begins. Aware UTC."""
        return _EPOCH + self.offset + (self.slot(now) + 1) * self.period


#: Rooms plug their periodic work in here, from their ``schedules`` module.
SCHEDULES: Registry[Schedule] = Registry(what="schedules", name_of=lambda schedule: schedule.name)


def load_work() -> None:
    """Load what every room declares of background work."""
    autodiscover_modules("tasks", "handlers", "schedules")


def all_schedules() -> Registry[Schedule]:
    """Return the periodic work of every room, also where nothing has loaded it yet."""
    load_work()
    return SCHEDULES


def every(
    period: timedelta, wanted: Task[Any, Any], *, name: str, needed: Callable[[], bool] = lambda: True, **arguments: Any
) -> Schedule:
    """Register a task to be run once a period."""
    return SCHEDULES.register(Schedule(name, wanted, period, arguments=arguments, needed=needed))


def daily(
    hour: int,
    wanted: Task[Any, Any],
    *,
    name: str,
    minute: int = 0,
    needed: Callable[[], bool] = lambda: True,
    **arguments: Any,
) -> Schedule:
    """Register a task to be run once a day, at an hour of Shanghai's clock (UTC+8 all the year)."""
    offset = timedelta(hours=(hour - 8) % 24, minutes=minute)
    return SCHEDULES.register(Schedule(name, wanted, timedelta(days=1), offset, arguments, needed))


class Timetable:
    """Remembers which slots this worker has looked at, so that a slot is tried once."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def enqueue_due(self, *, now: datetime) -> int:
        """Enqueue what came round since the last call and return how many schedules that were."""
        enqueued = 0
        for schedule in SCHEDULES:
            slot = schedule.slot(now)
            if self._seen.get(schedule.name) == slot:
                continue
            self._seen[schedule.name] = slot
            if schedule.needed():
                enqueue(schedule.task, schedule.arguments, now=now, idempotency_key=f"schedule:{schedule.name}:{slot}")
                enqueued += 1
        return enqueued
