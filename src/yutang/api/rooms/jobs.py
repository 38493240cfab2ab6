"""Operations on background work: what waits, runs, is done and failed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router

from yutang.api.answers import Key, OneAsked, PageAsked, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.speech import spoken
from yutang.foundation import queries

router = Router(tags=["jobs"])


class JobsAsked(PageAsked):
    """Filters of the list of jobs."""

    status: Literal["waiting", "running", "done", "dead", "cancelled"] | None = None


class JobShape(Shape):
    """A job; `status` dead means that it failed for good, `reason` says why."""

    id: int
    task: str
    status: str
    attempts: int
    max_attempts: int
    progress_done: int
    progress_total: int | None
    progress_note: str
    reason: str
    enqueued_at: datetime
    run_after: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobsPage(Shape):
    """A page of jobs, newest first."""

    items: list[JobShape]
    next: str | None


@operation(router, "GET", "/jobs", permission="jobs.manage", answers={200: JobsPage}, title="List jobs")
def list_jobs(request: ApiRequest, asked: Query[JobsAsked]) -> HttpResponse:
    """Return jobs, newest first."""
    refuse_unknown_parameters(request, JobsAsked)
    found = queries.recent_jobs(
        statuses=(asked.status,) if asked.status else (), before_id=key_of(asked.cursor), limit=asked.limit + 1
    )
    following = str(found[asked.limit - 1].id) if len(found) > asked.limit else None
    shown = [_job(view) for view in found[: asked.limit]]
    return page(request, shown, kind=JobShape, following=following, fields=asked.fields)


@operation(router, "GET", "/jobs/{job_id}", permission="jobs.manage", answers={200: JobShape}, title="One job")
def get_job(request: ApiRequest, job_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one job."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _job(queries.job(job_id)), fields=asked.fields)


def _job(view: queries.JobView) -> JobShape:
    return JobShape(
        id=view.id,
        task=view.task.rpartition(".")[2],
        status=view.status,
        attempts=view.attempts,
        max_attempts=view.max_attempts,
        progress_done=view.progress_done,
        progress_total=view.progress_total,
        progress_note=spoken(view.progress_note),
        reason=spoken(view.reason),
        enqueued_at=view.enqueued_at,
        run_after=view.run_after,
        started_at=view.started_at,
        finished_at=view.finished_at,
    )
