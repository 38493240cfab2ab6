"""Changes of background work and of the keys that seal."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.foundation import bulk, jobs
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


class NoSuchPeriodicWork(DomainError):
    """No periodic work has this name."""

    code: ClassVar[str] = "no_such_periodic_work"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("No periodic work is named “%(name)s”. There is: %(names)s.")


@transaction.atomic
def start_periodic(*, actor: Actor, name: str, now: datetime) -> int:
    """Ask for periodic work now, besides its time, and return its job: the open one where it waits or runs already.

    Raises:
        NotAllowed: the actor may not manage jobs.
        NoSuchPeriodicWork: none has this name.
    """
    actor.require("jobs.manage")
    schedules = jobs.all_schedules()
    if name not in schedules:
        raise NoSuchPeriodicWork(name=name, names=", ".join(sorted(one.name for one in schedules)))
    schedule = schedules[name]
    bulk.one_at_a_time("start_periodic")
    is_open = Job.objects.filter(status__in=(JobStatus.WAITING, JobStatus.RUNNING))
    alike = is_open.filter(task_path=schedule.task.module_path, arguments=dict(schedule.arguments))
    # A job whose time is still to come, as after a failure, is not what was asked for.
    job_id = alike.filter(run_after__lte=now).order_by("id").values_list("pk", flat=True).first()
    if job_id is None:
        job_id = jobs.enqueue(schedule.task, schedule.arguments, now=now)
    audit(actor=actor, action="job.asked_for", subject_type="job", subject_id=job_id, now=now)
    return job_id


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
