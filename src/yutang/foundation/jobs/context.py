"""What a running job can say and ask: progress, cancellation, and whether its lease still holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django_tasks.base import TaskContext

from yutang.foundation.jobs import table
from yutang.kit.text import Sentence


class JobInterrupted(Exception):
    """The job must stop here. A task lets it pass: what it committed stays, and says where to go on."""


class JobCancelled(JobInterrupted):
    """Somebody cancelled the job."""


class WorkerStopping(JobInterrupted):
    """The worker was asked to end; the job goes back to the table and is taken up again."""


class LeaseLost(JobInterrupted):
    """Another worker has taken the job, because its lease ran out here; nothing more may be written."""


class Retry(Exception):
    """Raised by a task to be run again later, for example when somebody else's service is down.

    Attributes:
        after: how long to wait.
        reason: why, for a person.
    """

    def __init__(self, reason: Sentence, *, after: timedelta) -> None:
        self.reason = reason
        self.after = after
        super().__init__(str(reason))


@dataclass(frozen=True, kw_only=True)
class JobContext(TaskContext):
    """The first argument, named ``context``, of a task.

    Attributes:
        job_id: key of the job.
        lease: the lease under which it runs.
        stopping: says whether the worker was asked to end.
        told: called after each progress, for a progress bar.
    """

    job_id: int
    lease: table.Lease
    stopping: Callable[[], bool] = lambda: False
    told: Callable[[int, int | None, Sentence | None], None] = lambda done, total, note: None

    @staticmethod
    def now() -> datetime:
        """Return the present instant; a task is where the clock is read."""
        return datetime.now(UTC)

    def progress(self, done: int, total: int | None = None, note: Sentence | None = None) -> None:
        """Say how far the job is, and renew its lease.

        Called inside the transaction of a batch, it is a fence: when the job has been taken by another worker the batch
        is rolled back with the exception, so that nothing is written twice.

        Args:
            done: units done so far, never less than before in one run.
            total: units in all; None when not known yet.
            note: what is being done, for a person.

        Raises:
            LeaseLost: another worker has the job.
        """
        if not table.note_progress(self.lease, done=done, total=total, note=note, now=self.now()):
            raise LeaseLost
        self.told(done, total, note)

    def check_cancelled(self) -> None:
        """Stop here when somebody cancelled the job, the worker is ending, or the lease was lost.

        Raises:
            JobCancelled: somebody cancelled the job.
            WorkerStopping: the worker was asked to end.
            LeaseLost: another worker has the job.
        """
        cancelled = table.is_cancelled(self.lease)
        if cancelled is None:
            raise LeaseLost
        if cancelled:
            raise JobCancelled
        if self.stopping():
            raise WorkerStopping
