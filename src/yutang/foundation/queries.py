"""Every read of the ground that others may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count

from yutang.foundation.access import CHAIN_WIDE_ROLES, Actor
from yutang.foundation.models import MOST_ATTEMPTS, Job, JobStatus, OutboxEvent, Region, Setting, Staff, Store, Worker
from yutang.foundation.organisation import SETTINGS
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

_SILENT_AFTER = timedelta(seconds=90)


class NoSuchStaff(DomainError):
    """No member of staff logs in with this name."""

    code: ClassVar[str] = "no_such_staff"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no member of staff with the log-in name %(username)s.")


class NoSuchJob(DomainError):
    """The job does not exist, or its record was deleted after it had ended."""

    code: ClassVar[str] = "no_such_job"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no job %(job_id)s.")


class NoSuchJobStatus(DomainError):
    """No job can have this status."""

    code: ClassVar[str] = "no_such_job_status"
    message: ClassVar[str] = N_("Jobs have no status “%(status)s”. There are: %(statuses)s.")


@dataclass(frozen=True)
class RegionView:
    """A region as others see it."""

    id: int
    name: str


@dataclass(frozen=True)
class StoreView:
    """A store as others see it."""

    id: int
    code: str
    name: str
    city: str
    time_zone: str
    region: RegionView | None
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True)
class StaffView:
    """A member of staff as others see them."""

    id: int
    username: str
    display_name: str
    role: str
    store_ids: frozenset[int]
    language: str
    theme: str
    is_active: bool


@dataclass(frozen=True)
class JobView:
    """A job as others see it."""

    id: int
    task: str
    arguments: dict[str, Any]
    status: str
    attempts: int
    max_attempts: int
    progress_done: int
    progress_total: int | None
    progress_note: Sentence | None
    cancel_requested: bool
    reason: Sentence | None
    error_class: str
    trace: str
    result: Any
    enqueued_at: datetime
    run_after: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class WorkerView:
    """A worker as others see it."""

    name: str
    started_at: datetime
    seen_at: datetime


def actor_for(staff: Staff) -> Actor:
    """Return the member of staff as an actor, with the scope that the role and the stores give."""
    everywhere = staff.role in CHAIN_WIDE_ROLES
    store_ids = None if everywhere else frozenset(staff.stores.values_list("pk", flat=True))
    return Actor(staff_id=staff.pk, role=staff.role, store_ids=store_ids, label=staff.display_name)


def staff_members() -> tuple[StaffView, ...]:
    """Return everybody who works or worked here, in the order in which they came."""
    return tuple(_staff_view(staff) for staff in Staff.objects.prefetch_related("stores").order_by("id"))


def staff_for(*, username: str) -> StaffView:
    """Return the member of staff who logs in with this name.

    Raises:
        NoSuchStaff: nobody does.
    """
    staff = Staff.objects.prefetch_related("stores").filter(username=username).first()
    if staff is None:
        raise NoSuchStaff(username=username)
    return _staff_view(staff)


def has_owner() -> bool:
    """Return whether an active owner of the account exists."""
    return Staff.objects.filter(role="owner", is_active=True).exists()


def stores(*, access: Actor) -> tuple[StoreView, ...]:
    """Return the stores within the actor's reach, by code."""
    rows = Store.objects.select_related("region").order_by("code")
    if access.store_ids is not None:
        rows = rows.filter(pk__in=access.store_ids)
    return tuple(_store_view(store) for store in rows)


def regions() -> tuple[RegionView, ...]:
    """Return the regions in their order."""
    return tuple(RegionView(region.pk, region.name) for region in Region.objects.order_by("ordinal", "id"))


def organisation_setting(key: str) -> Any:
    """Return the value of a declared setting of the organisation; its default when it was never changed."""
    declared = SETTINGS[key]
    row = Setting.objects.filter(pk=key).first()
    return declared.default if row is None else row.value


def job(job_id: int) -> JobView:
    """Return one job.

    Raises:
        NoSuchJob: there is none of that id.
    """
    row = Job.objects.filter(pk=job_id).first()
    if row is None:
        raise NoSuchJob(job_id=job_id)
    return _job_view(row)


def recent_jobs(*, statuses: Iterable[str] = (), before_id: int | None = None, limit: int = 50) -> tuple[JobView, ...]:
    """Return jobs, newest first.

    Args:
        statuses: only these; all when empty.
        before_id: only older ones, for the next page.
        limit: how many at most.

    Raises:
        NoSuchJobStatus: no job can have one of the statuses.
    """
    rows = Job.objects.order_by("-id")
    wanted = tuple(statuses)
    for status in wanted:
        if status not in JobStatus.values:
            raise NoSuchJobStatus(status=status, statuses=", ".join(JobStatus.values))
    if wanted:
        rows = rows.filter(status__in=wanted)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return tuple(_job_view(row) for row in rows[:limit])


def job_counts() -> dict[str, int]:
    """Return how many jobs there are in each status; statuses without a job are 0."""
    found = dict(Job.objects.order_by().values_list("status").annotate(Count("pk")))
    return {status: found.get(status, 0) for status in JobStatus.values}


def workers() -> tuple[WorkerView, ...]:
    """Return the workers that did not leave in order, the ones seen last first."""
    return tuple(WorkerView(row.name, row.started_at, row.seen_at) for row in Worker.objects.order_by("-seen_at", "id"))


def live_workers(*, now: datetime) -> tuple[WorkerView, ...]:
    """Return the workers that showed within the last 90 seconds that they live; a killed one is not among them."""
    return tuple(worker for worker in workers() if now - worker.seen_at < _SILENT_AFTER)


def stuck_events() -> int:
    """Return how many events are not tried again because their delivery failed too often."""
    return OutboxEvent.objects.filter(delivered_at=None, attempts__gte=MOST_ATTEMPTS).count()


def _staff_view(staff: Staff) -> StaffView:
    return StaffView(
        id=staff.pk,
        username=staff.username,
        display_name=staff.display_name,
        role=staff.role,
        store_ids=frozenset(store.pk for store in staff.stores.all()),
        language=staff.language,
        theme=staff.theme,
        is_active=staff.is_active,
    )


def _store_view(store: Store) -> StoreView:
    return StoreView(
        id=store.pk,
        code=store.code,
        name=store.name,
        city=store.city,
        time_zone=store.time_zone,
        region=RegionView(store.region.pk, store.region.name) if store.region else None,
        opened_on=store.opened_on,
        closed_on=store.closed_on,
    )


def _job_view(row: Job) -> JobView:
    return JobView(
        id=row.pk,
        task=row.task_path,
        arguments=row.arguments,
        status=row.status,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        progress_done=row.progress_done,
        progress_total=row.progress_total,
        progress_note=Sentence.from_json(row.progress_note) if row.progress_note else None,
        cancel_requested=row.cancel_requested,
        reason=Sentence.from_json(row.reason) if row.reason else None,
        error_class=row.error_class,
        trace=row.trace,
        result=row.result,
        enqueued_at=row.enqueued_at,
        run_after=row.run_after,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
