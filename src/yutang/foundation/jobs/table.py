"""Every statement on the table of jobs: enqueue, claim, renew, end. One conditional UPDATE each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, When

from yutang.foundation import bulk
from yutang.foundation.models import Job, JobStatus
from yutang.kit.text import N_, Sentence

#: How long a worker may be silent before its job is taken by another.
LEASE = timedelta(seconds=60)

WORKER_DIED = N_("The worker died %(attempts)s times while it did this.")


@dataclass(frozen=True)
class Lease:
    """The right to do one job, until it is lost.

    Attributes:
        job_id: key of the job.
        token: what the row must carry for the right to hold; begins with the worker's name.
        length: for how long each renewal holds.
    """

    job_id: int
    token: str
    length: timedelta

    def row(self) -> QuerySet[Job]:
        """Return the job, as long as this lease holds it."""
        return Job.objects.filter(pk=self.job_id, status=JobStatus.RUNNING, lease_token=self.token)


def add(
    *,
    task_path: str,
    arguments: Mapping[str, Any],
    queue: str,
    priority: int,
    max_attempts: int,
    idempotency_key: str | None,
    run_after: datetime | None,
    now: datetime,
) -> int:
    """Write a job in the caller's transaction and return its id; the id of the earlier job where the key is taken."""
    job = Job(
        task_path=task_path,
        arguments=dict(arguments),
        queue=queue,
        priority=priority,
        max_attempts=max_attempts,
        idempotency_key=idempotency_key,
        run_after=run_after or now,
        enqueued_at=now,
    )
    if idempotency_key is None:
        job.save(force_insert=True)
        return job.pk
    Job.objects.bulk_create([job], ignore_conflicts=True)
    return Job.objects.values_list("pk", flat=True).get(idempotency_key=idempotency_key)


def is_waiting(task_path: str, *, by: datetime) -> bool:
    """Return whether a job of a task waits that may begin by an instant.

    Asked for each callback that comes in: the statement stands as it is, since making it took longer than running it.
    """
    found = bulk.fetch(
        "SELECT 1 FROM foundation_job WHERE task_path = %s AND status = %s AND run_after <= %s LIMIT 1",
        [task_path, JobStatus.WAITING.value, bulk.db_instant(by)],
    )
    return bool(found)


def claim(*, worker: str, queues: frozenset[str], length: timedelta = LEASE, now: datetime) -> Lease | None:
    """Take the next job that is due, or one whose worker went silent; None when there is none.

    Args:
        worker: name of the worker; no two live processes share one.
        queues: queues that it serves.
        length: how long the lease holds without renewal.
        now: aware UTC.
    """
    served = Job.objects.filter(queue__in=queues)
    silent = served.filter(status=JobStatus.RUNNING, lease_until__lt=now).order_by("lease_until", "id")
    due = served.filter(status=JobStatus.WAITING, run_after__lte=now).order_by("-priority", "run_after", "id")
    for ready in (silent, due):
        # Reading first keeps an idle worker from taking SQLite's write lock several times a second.
        if not ready.exists():
            continue
        lease = _take(ready, worker=worker, length=length, now=now)
        if lease is not None:
            return lease
    return None


def claim_one(job_id: int, *, worker: str, length: timedelta = LEASE, now: datetime) -> Lease | None:
    """Take this very job when it waits or its worker went silent; None when it cannot be had."""
    silent = Q(status=JobStatus.RUNNING, lease_until__lt=now)
    return _take(
        Job.objects.filter(Q(status=JobStatus.WAITING) | silent, pk=job_id), worker=worker, length=length, now=now
    )


def _take(ready: QuerySet[Job], *, worker: str, length: timedelta, now: datetime) -> Lease | None:
    """Claim the first of the jobs by one conditional UPDATE; PostgreSQL skips rows that others are claiming."""
    token = f"{worker}:{secrets.token_hex(8)}"
    with transaction.atomic():
        first = ready.values("pk")
        if connection.vendor == "postgresql":
            first = first.select_for_update(skip_locked=True)
        # A killed worker's attempt that got further than the one before is not held against the job.
        got_further = Q(status=JobStatus.RUNNING, progress_done__gt=F("progress_at_claim"))
        taken = (
            ready.order_by()
            .filter(pk=first[:1])
            .update(
                status=JobStatus.RUNNING,
                lease_token=token,
                lease_until=now + length,
                attempts=Case(When(got_further, then=F("attempts")), default=F("attempts") + 1),
                progress_at_claim=F("progress_done"),
                started_at=Case(When(started_at=None, then=now), default=F("started_at")),
            )
        )
    if not taken:
        return None
    return Lease(Job.objects.values_list("pk", flat=True).get(lease_token=token), token, length)


def renew(lease: Lease, *, now: datetime) -> bool:
    """Hold the job for another lease; False when it is lost."""
    return bool(lease.row().update(lease_until=now + lease.length))


def note_progress(lease: Lease, *, done: int, total: int | None, note: Sentence | None, now: datetime) -> bool:
    """Write how far the job is and renew its lease; False when it is lost."""
    return bool(
        lease.row().update(
            progress_done=done,
            progress_total=total,
            progress_note=note.as_json() if note else None,
            lease_until=now + lease.length,
        )
    )


def is_cancelled(lease: Lease) -> bool | None:
    """Return whether somebody cancelled the job; None when the lease is lost."""
    return lease.row().values_list("cancel_requested", flat=True).first()


def finish(lease: Lease, *, result: Any, now: datetime) -> bool:
    """Write the result of a job that is done; False when the lease was lost."""
    return _end(lease, status=JobStatus.DONE, now=now, result=result, reason=None, error_class="", trace="")


def bury(lease: Lease, *, reason: Sentence, error_class: str = "", trace: str = "", now: datetime) -> bool:
    """Put the job among the dead letters with its reason; False when the lease was lost."""
    return _end(
        lease, status=JobStatus.DEAD, now=now, reason=reason.as_json(), error_class=error_class[:200], trace=trace
    )


def cancel_running(lease: Lease, *, now: datetime) -> bool:
    """Write that the job stopped because it was cancelled; False when the lease was lost."""
    return _end(lease, status=JobStatus.CANCELLED, now=now)


def put_back(
    lease: Lease, *, run_after: datetime, reason: Sentence | None = None, error_class: str = "", trace: str = ""
) -> bool:
    """Let the job wait for another attempt; False when the lease was lost."""
    return bool(
        lease.row().update(
            status=JobStatus.WAITING,
            run_after=run_after,
            lease_token="",
            lease_until=None,
            reason=reason.as_json() if reason else None,
            error_class=error_class[:200],
            trace=trace,
        )
    )


def give_back(lease: Lease, *, now: datetime) -> bool:
    """Let the job wait because its worker ends; the attempt is not counted."""
    return bool(
        lease.row().update(
            status=JobStatus.WAITING, run_after=now, attempts=F("attempts") - 1, lease_token="", lease_until=None
        )
    )


def release_leases(*, worker: str, now: datetime) -> int:
    """Let the leases of a worker that is known to be dead run out at once, and return how many there were."""
    return Job.objects.filter(status=JobStatus.RUNNING, lease_token__startswith=f"{worker}:").update(
        lease_until=now - timedelta(microseconds=1)
    )


def _end(lease: Lease, *, status: JobStatus, now: datetime, **values: Any) -> bool:
    return bool(lease.row().update(status=status, finished_at=now, lease_token="", lease_until=None, **values))
