"""One attempt at one job: call the task, keep the lease alive meanwhile, write how it ended."""

from __future__ import annotations

import logging
import random
import threading
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string
from django_tasks.base import Task
from django_tasks.utils import get_module_path, normalize_json

from yutang.foundation.jobs import table
from yutang.foundation.jobs.backend import JobTask, result_of
from yutang.foundation.jobs.context import JobCancelled, JobContext, JobInterrupted, LeaseLost, Retry
from yutang.foundation.models import Job, JobStatus
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

FAILED = N_("The work failed (%(error)s). The log of the worker has the details.")
_LONGEST_PAUSE = timedelta(hours=1)


class Ending(Enum):
    """How one attempt ended."""

    DONE = "done"
    AGAIN = "again"
    DEAD = "dead"
    CANCELLED = "cancelled"
    GIVEN_BACK = "given back"
    LOST = "lost"


def attempt(
    lease: table.Lease,
    *,
    stopping: Callable[[], bool] = lambda: False,
    told: Callable[[int, int | None, Sentence | None], None] = lambda done, total, note: None,
) -> tuple[Ending, BaseException | None]:
    """Run the job once under the lease and write how it ended.

    Args:
        lease: as `table.claim` gave it.
        stopping: says whether the worker was asked to end.
        told: called after each progress.

    Returns:
        How it ended, and the exception that ended it.
    """
    job = Job.objects.get(pk=lease.job_id)
    if job.attempts > job.max_attempts:
        return _abandon(lease, job), None
    try:
        task: Task[Any, Any] = import_string(job.task_path)
        with renewed(lease):
            if task.takes_context:
                context = JobContext(
                    task_result=result_of(job), job_id=job.pk, lease=lease, stopping=stopping, told=told
                )
                result = task.func(context, **job.arguments)
            else:
                result = task.func(**job.arguments)
        ended = table.finish(lease, result=normalize_json(result), now=_now())
    except BaseException as error:
        return _end_with(error, lease, job), error
    return (Ending.DONE if ended else Ending.LOST), None


@contextmanager
def renewed(lease: table.Lease) -> Iterator[None]:
    """Renew the lease from a thread with a connection of its own while the job runs.

    Inside a transaction of the caller there is nothing to renew: nobody else can see the job yet.
    """
    if connection.in_atomic_block:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(lease, done), name=f"lease-{lease.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=30)


def pause_before(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 5 s doubled each time, at most an hour, and up to a fifth more."""
    seconds = min(5.0 * 2.0 ** min(attempts - 1, 20), _LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=seconds * (1 + random.random() / 5))  # noqa: S311 - spreads load, hides nothing.


def tell_abandoned(job: Job, *, status: JobStatus, now: datetime) -> None:
    """Tell the room whose task it was that the job ended unseen by the task."""
    try:
        task = import_string(job.task_path)
    except ImportError:
        # A task of an older release: nobody is left who would want to hear of it.
        return
    if isinstance(task, JobTask) and task.when_abandoned:
        import_string(task.when_abandoned)(**job.arguments, status=str(status), now=now)


def _renew_until(lease: table.Lease, done: threading.Event) -> None:
    try:
        while not done.wait(lease.length.total_seconds() / 4):
            try:
                if not table.renew(lease, now=_now()):
                    return
                note_alive(lease.token.partition(":")[0], now=_now())
            except DatabaseError:
                # A long transaction of the job may hold SQLite's write lock: nobody else can claim meanwhile either.
                logger.warning("the lease of job %s could not be renewed yet", lease.job_id, exc_info=True)
                connection.close()
    finally:
        connection.close()


def note_alive(worker: str, *, now: datetime) -> None:
    """Write that the worker lives; one that is not in the list (a command's) stays out of it."""
    from yutang.foundation.models import Worker

    Worker.objects.filter(name=worker).update(seen_at=now)


def _abandon(lease: table.Lease, job: Job) -> Ending:
    reason = Sentence(table.WORKER_DIED, {"attempts": job.attempts - 1})
    with transaction.atomic():
        tell_abandoned(job, status=JobStatus.DEAD, now=_now())
        buried = table.bury(lease, reason=reason, now=_now())
    return Ending.DEAD if buried else Ending.LOST


def _end_with(error: BaseException, lease: table.Lease, job: Job) -> Ending:
    """Write down an attempt that did not come to its end."""
    now = _now()
    if isinstance(error, LeaseLost):
        logger.warning("job %s was taken by another worker", job.pk)
        return Ending.LOST
    if isinstance(error, JobCancelled):
        return Ending.CANCELLED if table.cancel_running(lease, now=now) else Ending.LOST
    if isinstance(error, (JobInterrupted, KeyboardInterrupt, SystemExit)):
        return Ending.GIVEN_BACK if table.give_back(lease, now=now) else Ending.LOST
    details = {"error_class": get_module_path(type(error)), "trace": _frames(error)}
    if isinstance(error, DomainError):
        return Ending.DEAD if table.bury(lease, reason=error.sentence, now=now, **details) else Ending.LOST
    logger.error("job %s (%s) failed", job.pk, job.task_path, exc_info=error)
    reason = error.reason if isinstance(error, Retry) else Sentence(FAILED, {"error": type(error).__name__})
    if job.attempts >= job.max_attempts:
        return Ending.DEAD if table.bury(lease, reason=reason, now=now, **details) else Ending.LOST
    after = error.after if isinstance(error, Retry) else pause_before(job.attempts)
    kept = table.put_back(lease, run_after=now + after, reason=reason, **details)
    return Ending.AGAIN if kept else Ending.LOST


def _frames(error: BaseException) -> str:
    """Return where the error came from, without its message, which may quote a customer's data."""
    return "".join(traceback.format_list(traceback.extract_tb(error.__traceback__))) + type(error).__name__


def _now() -> datetime:
    return datetime.now(UTC)
