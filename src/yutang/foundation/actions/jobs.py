"""Changes of background work and of the keys that seal."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.jobs.running import tell_abandoned
from yutang.foundation.keyring import add_sealing_key
from yutang.foundation.models import Job, JobStatus
from yutang.foundation.queries import NoSuchJob
from yutang.foundation.sealed_records import ensure_keys, keep_fingerprint
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class JobCannotBeRetried(DomainError):
    """Only a job that failed or was cancelled is retried."""

    code: ClassVar[str] = "job_cannot_be_retried"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Job %(job_id)s is %(status)s: only a failed or cancelled job can be retried.")


class JobHasEnded(DomainError):
    """A job that ended cannot be cancelled."""

    code: ClassVar[str] = "job_has_ended"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Job %(job_id)s has ended already.")


@transaction.atomic
def cancel_job(*, actor: Actor, job_id: int, now: datetime) -> str:
    """Cancel a job at once while it waits, at its next check while it runs; return its status afterwards.

    Raises:
        NotAllowed: the actor may not manage jobs.
        NoSuchJob: there is none of that id.
        JobHasEnded: it is done, failed or cancelled already.
    """
    actor.require("jobs.manage")
    waiting = Job.objects.filter(pk=job_id, status=JobStatus.WAITING)
    if waiting.update(status=JobStatus.CANCELLED, cancel_requested=True, finished_at=now):
        tell_abandoned(Job.objects.get(pk=job_id), status=JobStatus.CANCELLED, now=now)
    elif not Job.objects.filter(pk=job_id, status=JobStatus.RUNNING).update(cancel_requested=True):
        _job(job_id)
        raise JobHasEnded(job_id=job_id)
    audit(actor=actor, action="job.cancelled", subject_type="job", subject_id=job_id, now=now)
    return _job(job_id).status


@transaction.atomic
def retry_job(*, actor: Actor, job_id: int, now: datetime) -> None:
    """Let a failed or cancelled job wait for a worker again, with all its attempts.

    Raises:
        NotAllowed: the actor may not manage jobs.
        NoSuchJob: there is none of that id.
        JobCannotBeRetried: it waits, runs or is done.
    """
    actor.require("jobs.manage")
    ended = Job.objects.filter(pk=job_id, status__in=(JobStatus.DEAD, JobStatus.CANCELLED))
    again = {
        "status": JobStatus.WAITING,
        "attempts": 0,
        "cancel_requested": False,
        "run_after": now,
        "finished_at": None,
    }
    if not ended.update(**again, reason=None, error_class="", trace=""):
        raise JobCannotBeRetried(job_id=job_id, status=_job(job_id).status)
    audit(actor=actor, action="job.retried", subject_type="job", subject_id=job_id, now=now)


def rotate_keys(*, actor: Actor, now: datetime) -> int:
    """Add a sealing key and make it current; what older keys sealed is resealed by the job that is returned.

    Older records open with the older keys until then, and copies of the store do for ever: no key is thrown away.

    Raises:
        NotAllowed: the actor may not rotate keys.
        KeysAreSetOutside: the keys come from the environment.
        NoMoreKeys: the ids of keys are used up.
    """
    from yutang.foundation.tasks import reseal_records

    actor.require("keys.rotate")
    ensure_keys()
    # The file first: a store that knows no more than the ring holds is in order, the other way round it is not.
    ring = add_sealing_key()
    with transaction.atomic():
        keep_fingerprint(ring)
        audit(actor=actor, action="keys.rotated", subject_type="key", subject_id=ring.current, now=now)
        return jobs.enqueue(reseal_records, {}, now=now)


def _job(job_id: int) -> Job:
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise NoSuchJob(job_id=job_id)
    return job
