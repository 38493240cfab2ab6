"""What the room does when it hears of new scores."""

from __future__ import annotations

from datetime import datetime

from yutang.experiments.models import Experiment
from yutang.experiments.tasks import read_experiments
from yutang.foundation import jobs
from yutang.foundation.models import Job, JobStatus
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored


@handles(CustomersScored)
def follow_new_orders(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Ask for a reading of the experiments unless that waits already, or there is none."""
    waiting = Job.objects.filter(task_path=read_experiments.module_path, status=JobStatus.WAITING)
    if Experiment.objects.exists() and not waiting.exists():
        jobs.enqueue(read_experiments, {}, now=now, idempotency_key=f"read_experiments:{event_id}")
