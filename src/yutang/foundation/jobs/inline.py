"""Do one job in this process, for a command that waits for it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from yutang.foundation.jobs import table
from yutang.foundation.jobs.context import JobCancelled
from yutang.foundation.jobs.running import Ending, attempt
from yutang.foundation.models import Job, JobStatus
from yutang.kit.text import Sentence

_ENDED = (JobStatus.DONE, JobStatus.DEAD, JobStatus.CANCELLED)


class JobFailed(Exception):
    """The job that a command waited for, done by another process, became a dead letter.

    Attributes:
        reason: why, for a person.
    """

    def __init__(self, reason: Sentence) -> None:
        self.reason = reason
        super().__init__(str(reason))


def run_inline(
    job_id: int,
    *,
    told: Callable[[int, int | None, Sentence | None], None] = lambda done, total, note: None,
) -> Any:
    """Do the job here, or follow the worker that took it first, and return its result.

    The first Ctrl-C cancels the job at its next check; the second leaves it in the table for a worker.

    Args:
        job_id: as `enqueue` returned it, committed or in the caller's transaction.
        told: called after each progress.

    Raises:
        JobCancelled: somebody cancelled it.
        JobFailed: another process did it and failed.
        Exception: what the task itself raised; the job then is a dead letter or waits for another attempt.
    """
    lease = table.claim_one(job_id, worker=f"command-{os.getpid()}", now=datetime.now(UTC))
    if lease is None:
        return _follow(job_id, told)
    restore = _cancel_on_interrupt(job_id)
    try:
        ending, error = attempt(lease, told=told)
    finally:
        restore()
    if ending is Ending.LOST:
        return _follow(job_id, told)
    if error is not None:
        raise error
    return _result_of(job_id)


def _follow(job_id: int, told: Callable[[int, int | None, Sentence | None], None]) -> Any:
    while True:
        job = Job.objects.get(pk=job_id)
        if job.status in _ENDED:
            return _result_of(job_id)
        told(
            job.progress_done, job.progress_total, Sentence.from_json(job.progress_note) if job.progress_note else None
        )
        time.sleep(0.3)


def _result_of(job_id: int) -> Any:
    job = Job.objects.get(pk=job_id)
    if job.status == JobStatus.CANCELLED:
        raise JobCancelled
    if job.status == JobStatus.DEAD:
        raise JobFailed(Sentence.from_json(job.reason))
    return job.result


def _cancel_on_interrupt(job_id: int) -> Callable[[], None]:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    asked = threading.Event()

    def answer(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        threading.Thread(target=_ask, args=(job_id,), daemon=True).start()

    before = signal.signal(signal.SIGINT, answer)

    def restore() -> None:
        signal.signal(signal.SIGINT, before)

    return restore


def _ask(job_id: int) -> None:
    """Write the wish to cancel, over a connection of the thread's own."""
    from django.db import connection

    try:
        Job.objects.filter(pk=job_id).update(cancel_requested=True)
    finally:
        connection.close()
