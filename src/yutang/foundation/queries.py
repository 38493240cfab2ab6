"""Every read of the ground that others may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count

from yutang.foundation.access import Actor
from yutang.foundation.audit_trail import AuditFilter, AuditPage, AuditView, actions_in_use, audit_entries, audit_page
from yutang.foundation.models import MOST_ATTEMPTS, Job, JobStatus, OutboxEvent, Region, Store, Worker
from yutang.foundation.people import (
    InvitationIsOver,
    NoSuchStaff,
    SecondFactorView,
    SessionView,
    StaffCard,
    StaffView,
    has_owner,
    has_second_factor,
    invited_by,
    needs_second_factor,
    own_sessions,
    second_factor_of,
    staff_card,
    staff_cards,
    staff_for,
    staff_members,
    staff_names,
)
from yutang.foundation.places import RegionCard, StoreCard, place_of, region_cards, store_card, store_cards
from yutang.foundation.roles import MoreThanYouHave, NoSuchRole, RoleView, actor_for, role_by_key, roles
from yutang.foundation.sessions import SEEN_EVERY
from yutang.foundation.settings_kept import SettingView, kept_setting, kept_settings, setting_views
from yutang.foundation.store_lists import LARGEST_LIST, PlacesAreUnreadable, StorePlace, places_in
from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.kit.text import N_, Sentence

__all__ = [
    "LARGEST_LIST",
    "SEEN_EVERY",
    "AuditFilter",
    "AuditPage",
    "AuditView",
    "InvitationIsOver",
    "JobView",
    "MoreThanYouHave",
    "NoSuchJob",
    "NoSuchJobStatus",
    "NoSuchRole",
    "NoSuchStaff",
    "PlacesAreUnreadable",
    "RegionCard",
    "RegionView",
    "RoleView",
    "SecondFactorView",
    "SessionView",
    "SettingView",
    "StaffCard",
    "StaffView",
    "StoreCard",
    "StorePlace",
    "StoreView",
    "WorkerView",
    "actions_in_use",
    "actor_for",
    "audit_entries",
    "audit_page",
    "has_owner",
    "has_second_factor",
    "invited_by",
    "job",
    "job_counts",
    "live_workers",
    "needs_second_factor",
    "organisation_setting",
    "organisation_settings",
    "own_sessions",
    "places_in",
    "recent_jobs",
    "region_cards",
    "regions",
    "role_by_key",
    "roles",
    "second_factor_of",
    "setting_views",
    "staff_card",
    "staff_cards",
    "staff_for",
    "staff_members",
    "staff_names",
    "store_card",
    "store_cards",
    "stores",
    "stuck_events",
    "workers",
]

_SILENT_AFTER = timedelta(seconds=90)


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
    """A store as others see it; `place` is None where nobody has written where it stands."""

    id: int
    code: str
    name: str
    city: str
    time_zone: str
    region: RegionView | None
    opened_on: date | None
    closed_on: date | None
    place: Place | None = None


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
    return kept_setting(key)


def organisation_settings(*, room: str) -> dict[str, Any]:
    """Return the values of all settings that a room declares, by key; defaults where they were never changed."""
    return kept_settings(room=room)


def job(job_id: int) -> JobView:
    """Return one job.

    Raises:
        NoSuchJob: there is none of that id.
    """
    row = Job.objects.filter(pk=job_id).first()
    if row is None:
        raise NoSuchJob(job_id=job_id)
    return _job_view(row)


def recent_jobs(
    *,
    statuses: Iterable[str] = (),
    before_id: int | None = None,
    without_done: Iterable[str] = (),
    limit: int = 50,
) -> tuple[JobView, ...]:
    """Return jobs, newest first.

    Args:
        statuses: only these; all when empty.
        before_id: only older ones, for the next page.
        without_done: paths of tasks of which those that are done are left out.
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
    if left_out := tuple(without_done):
        rows = rows.exclude(status=JobStatus.DONE, task_path__in=left_out)
    return tuple(_job_view(row) for row in rows[:limit])


def job_counts(*, without_done: Iterable[str] = ()) -> dict[str, int]:
    """Return how many jobs there are in each status; statuses without a job are 0.

    Args:
        without_done: paths of tasks of which those that are done are left out.
    """
    rows = Job.objects.exclude(status=JobStatus.DONE, task_path__in=list(without_done))
    found = dict(rows.order_by().values_list("status").annotate(Count("pk")))
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
        place=place_of(store),
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
