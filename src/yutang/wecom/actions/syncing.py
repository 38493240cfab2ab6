"""Asking for a full look at WeCom."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Job, JobStatus
from yutang.wecom.connecting import present_app
from yutang.wecom.inbox import NothingIsConnected
from yutang.wecom.models import SyncRun
from yutang.wecom.syncing import PHASES

#: One that stands still goes on where it stood, unless it began longer ago.
_GOES_ON_FOR = timedelta(hours=20)
_ALIVE = (JobStatus.WAITING, JobStatus.RUNNING)


@transaction.atomic
def ask_for_sync(*, actor: Actor, now: datetime) -> int:
    """Let a worker look at everything that WeCom shows, and return the job; one that is on its way is the same one.

    Raises:
        NothingIsConnected: no app is connected.
    """
    from yutang.wecom.tasks import sync_wecom

    actor.require("channels.send")
    if present_app() is None:
        raise NothingIsConnected
    last = SyncRun.objects.filter(ended_at=None).order_by("-pk").first()
    if last is not None and Job.objects.filter(pk=last.job_id or 0, status__in=_ALIVE).exists():
        return last.job_id or 0
    if last is None or last.began_at < now - _GOES_ON_FOR:
        last = SyncRun.objects.create(began_at=now, phase=PHASES[0], asked_by_id=actor.staff_id)
    last.job_id = jobs.enqueue(sync_wecom, {"run_id": last.pk}, now=now)
    last.save(update_fields=["job_id"])
    audit(actor=actor, action="wecom.ask_for_sync", subject_type="job", subject_id=last.job_id, now=now)
    return last.job_id
