"""Asking WeCom at once what became of its tasks, because somebody looks: no more than the schedule would, only sooner."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from yutang.channels.actions.campaigns import NoSuchCampaign
from yutang.channels.models import Campaign, MassTask, TaskState
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.models import Job, JobStatus

#: What was asked within this time is not asked again, however many look.
FRESH_FOR = timedelta(minutes=2)
#: Tasks of one look; each takes two calls of WeCom and more, and it takes 10,000 of each a minute.
_MOST = 200
_AT_WORK = (JobStatus.WAITING, JobStatus.RUNNING)
_LIVE = (TaskState.HANDING, TaskState.OPEN, TaskState.ENDING)


@transaction.atomic
def ask_wecom_again(*, actor: Actor, campaign_id: int | None = None, now: datetime) -> int:
    """Let a worker ask WeCom now about tasks of which it was not asked for two minutes, and return how many those are.

    Whoever looks at the same time asks nothing more: while a worker asks nobody else does, and the tasks are brought forward by one
    conditional update.

    Args:
        actor: who looks; needs ``channels.view``.
        campaign_id: only tasks of this campaign; None: of all.
        now: aware UTC.

    Raises:
        NoSuchCampaign: there is none.
    """
    actor.require("channels.view")
    tasks = MassTask.objects.filter(state__in=_LIVE, next_at__gt=now)
    if campaign_id is not None:
        row = Campaign.objects.filter(pk=campaign_id).first()
        if row is None:
            raise NoSuchCampaign(campaign=campaign_id)
        tasks = tasks.filter(campaign=row.key)
    # Imported here: the task calls the actions.
    from yutang.channels.tasks import follow_deliveries

    at_work = Job.objects.filter(task_path=follow_deliveries.module_path, status__in=_AT_WORK)
    if at_work.exists():
        # Whoever works on it has claimed its tasks for some minutes.
        return 0
    old = tasks.annotate(known_at=Coalesce(F("asked_at"), F("handed_at"))).filter(known_at__lte=now - FRESH_FOR)
    keys = list(old.order_by("known_at", "id").values_list("pk", flat=True)[:_MOST])
    brought = MassTask.objects.filter(pk__in=keys, next_at__gt=now).update(next_at=now)
    if brought:
        jobs.enqueue(follow_deliveries, {}, now=now, idempotency_key=f"ask_wecom_again:{now:%Y%m%d%H%M%S}")
    return brought
