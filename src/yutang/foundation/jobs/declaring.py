"""How a room declares a task and asks for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from django_tasks.base import Task
from django_tasks.utils import normalize_json

from yutang.foundation.jobs import table
from yutang.foundation.jobs.backend import JobTask
from yutang.foundation.jobs.context import JobContext

P = ParamSpec("P")
T = TypeVar("T")


def task(
    *, max_attempts: int = 5, priority: int = 0, queue: str = "default", when_abandoned: str = ""
) -> Callable[[Callable[Concatenate[JobContext, P], T]], JobTask[P, T]]:
    """Declare a module-level function, whose first argument is ``context``, as a task.

    Args:
        max_attempts: attempts without progress before the job is a dead letter.
        priority: higher is sooner, -100 to 100.
        queue: which workers take it.
        when_abandoned: path of what is told when the job ends unseen by the task (see `JobTask`).
    """

    def declare(function: Callable[Concatenate[JobContext, P], T]) -> JobTask[P, T]:
        if next(iter(inspect.signature(function).parameters), None) != "context":
            raise TypeError(f"the first argument of the task {function.__qualname__} must be named context")
        return JobTask(
            func=cast("Callable[P, T]", function),
            priority=priority,
            queue_name=queue,
            takes_context=True,
            max_attempts=max_attempts,
            when_abandoned=when_abandoned,
        )

    return declare


def is_waiting(wanted: Task[Any, Any], *, by: datetime) -> bool:
    """Return whether a task waits already and may begin by an instant, so that nobody needs to ask for it again.

    Args:
        wanted: a declared task.
        by: aware UTC.
    """
    return table.is_waiting(wanted.module_path, by=by)


def enqueue(
    wanted: Task[Any, Any],
    arguments: Mapping[str, Any],
    *,
    now: datetime,
    idempotency_key: str | None = None,
    run_after: datetime | None = None,
    priority: int | None = None,
) -> int:
    """Ask for a task in the caller's transaction and return the job's id.

    Args:
        wanted: a declared task.
        arguments: keyword arguments of the task; JSON-able, no clear personal data.
        now: aware UTC.
        idempotency_key: asking again under the same key returns the first job, whatever became of it, while it is kept (30 days).
        run_after: not before this instant. Aware UTC.
        priority: higher is sooner; the task's own when None.
    """
    if wanted.backend != DEFAULT_TASK_BACKEND_ALIAS or not isinstance(wanted, JobTask):
        return int(task_backends[wanted.backend].enqueue(wanted, (), dict(arguments)).id)
    return table.add(
        task_path=wanted.module_path,
        arguments=normalize_json(arguments),
        queue=wanted.queue_name,
        priority=wanted.priority if priority is None else priority,
        max_attempts=wanted.max_attempts,
        idempotency_key=idempotency_key,
        run_after=run_after,
        now=now,
    )
