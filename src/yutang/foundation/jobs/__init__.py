"""Jobs in one table of the database, behind the Tasks interface.

Declare with `task`, ask for work with `enqueue` inside the transaction of the change that needs it, and let
`run_worker` or `run_inline` do it. See docs/jobs.md.
"""

from yutang.foundation.jobs.backend import JobTask
from yutang.foundation.jobs.context import JobCancelled, JobContext, JobInterrupted, LeaseLost, Retry, WorkerStopping
from yutang.foundation.jobs.declaring import enqueue, is_waiting, task
from yutang.foundation.jobs.inline import JobFailed, run_inline
from yutang.foundation.jobs.schedules import SCHEDULES, Schedule, all_schedules, daily, every
from yutang.foundation.jobs.worker import run_worker

__all__ = [
    "SCHEDULES",
    "JobCancelled",
    "JobContext",
    "JobFailed",
    "JobInterrupted",
    "JobTask",
    "LeaseLost",
    "Retry",
    "Schedule",
    "WorkerStopping",
    "all_schedules",
    "daily",
    "enqueue",
    "every",
    "is_waiting",
    "run_inline",
    "run_worker",
    "task",
]
