"""What the room does when it hears of new scores."""

from __future__ import annotations

from datetime import datetime

from yutang.foundation import jobs
from yutang.foundation.models import Job, JobStatus
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored
from yutang.segments.models import Segment
from yutang.segments.tasks import refresh_segments


@handles(CustomersScored)
def follow_new_scores(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """Ask for snapshots unless that waits already, or nobody has saved a segment."""
    waiting = Job.objects.filter(task_path=refresh_segments.module_path, status=JobStatus.WAITING)
    if Segment.objects.exists() and not waiting.exists():
        jobs.enqueue(refresh_segments, {}, now=now, idempotency_key=f"refresh_segments:{event_id}")
