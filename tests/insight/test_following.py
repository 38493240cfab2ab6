"""When the derived figures follow new orders: at once in a small shop, with rests where it takes long."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from yutang.foundation.models import Job, JobStatus
from yutang.ingest.events import ImportFinished
from yutang.insight.handlers import follow_a_finished_import
from yutang.insight.tasks import follow_orders

pytestmark = pytest.mark.django_db


def followed(*, took: timedelta, until: datetime) -> None:
    """Following took so long the last time."""
    Job.objects.create(
        task_path=follow_orders.module_path, status=JobStatus.DONE, run_after=until - took, enqueued_at=until - took,
        started_at=until - took, finished_at=until,
    )  # fmt: skip


def due_after(*, now: datetime, event_id: int = 1) -> timedelta:
    follow_a_finished_import(ImportFinished(1, "orders", changed=True), event_id=event_id, now=now)
    return Job.objects.get(status=JobStatus.WAITING).run_after - now


class TestFollowing:
    def test_is_at_once_the_first_time(self, now: datetime) -> None:
        assert due_after(now=now) == timedelta(0)

    def test_is_at_once_where_it_is_quick(self, now: datetime) -> None:
        followed(took=timedelta(seconds=15), until=now - timedelta(seconds=1))

        assert due_after(now=now) == timedelta(0)

    def test_rests_three_times_as_long_as_it_took(self, now: datetime) -> None:
        followed(took=timedelta(seconds=60), until=now - timedelta(seconds=50))

        assert due_after(now=now) == timedelta(seconds=130)

    def test_rests_no_longer_than_half_an_hour(self, now: datetime) -> None:
        followed(took=timedelta(hours=1), until=now)

        assert due_after(now=now) == timedelta(minutes=30)

    def test_is_asked_for_once_while_it_waits(self, now: datetime) -> None:
        followed(took=timedelta(seconds=60), until=now)
        due_after(now=now)

        assert due_after(now=now + timedelta(seconds=5), event_id=2) == timedelta(seconds=175)
