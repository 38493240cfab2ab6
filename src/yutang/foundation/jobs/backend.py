"""Task back-end over the table of jobs."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json

from yutang.foundation.jobs import table
from yutang.foundation.models import Job, JobStatus
from yutang.kit.text import Sentence

P = ParamSpec("P")
T = TypeVar("T")

_STATUSES = {
    JobStatus.WAITING: TaskResultStatus.READY,
    JobStatus.RUNNING: TaskResultStatus.RUNNING,
    JobStatus.DONE: TaskResultStatus.SUCCESSFUL,
    JobStatus.DEAD: TaskResultStatus.FAILED,
    JobStatus.CANCELLED: TaskResultStatus.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(Task[P, T]):
    """A task with what the table of jobs adds.

    Attributes:
        max_attempts: attempts without progress before the job is a dead letter.
        when_abandoned: path ``package.module.function`` of what is told, with the job's arguments, the status and ``now``, when the job
            ends without the task itself having seen the end (its worker died too often, or it was cancelled while it waited).
    """

    max_attempts: int = 5
    when_abandoned: str = ""


class JobTableBackend(BaseTaskBackend):
    """Keeps tasks as rows of the table of jobs."""

    task_class = JobTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task[P, T], args: Any, kwargs: Any) -> TaskResult[T]:
        """Write the task as a job in the caller's transaction."""
        self.validate_task(task)
        job_id = table.add(
            task_path=task.module_path,
            arguments=normalize_json(_named(task, args, kwargs)),
            queue=task.queue_name,
            priority=task.priority,
            max_attempts=task.max_attempts if isinstance(task, JobTask) else 5,
            idempotency_key=None,
            run_after=task.run_after,
            now=timezone.now(),
        )
        return self.get_result(str(job_id))

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """Return what is known of a job."""
        job = Job.objects.filter(pk=int(result_id)).first() if result_id.isdecimal() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return result_of(job)


def result_of(job: Job) -> TaskResult[Any]:
    """Return the job as the Tasks interface shows it."""
    task: Task[Any, Any] = import_string(job.task_path)
    failed = job.status in {JobStatus.DEAD, JobStatus.CANCELLED}
    reason = str(Sentence.from_json(job.reason)) if job.reason else ""
    result: TaskResult[Any] = TaskResult(
        task=task,
        id=str(job.pk),
        status=_STATUSES[JobStatus(job.status)],
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.started_at,
        args=[],
        kwargs=job.arguments,
        backend=task.backend,
        errors=[TaskError(exception_class_path=job.error_class, traceback=job.trace or reason)] if failed else [],
        worker_ids=[job.lease_token.partition(":")[0]] * job.attempts,
    )
    object.__setattr__(result, "_return_value", job.result)
    return result


def _named(task: Task[P, T], args: Any, kwargs: Any) -> dict[str, Any]:
    """Return positional arguments by their names, so that a job can be read in the table."""
    if not args:
        return dict(kwargs)
    names = list(inspect.signature(task.func).parameters)
    if task.takes_context:
        names = names[1:]
    return {**dict(zip(names, args, strict=False)), **kwargs}
