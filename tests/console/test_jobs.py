"""The room of background jobs: what each one is called, and what it says of itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from yutang.foundation.models import Job
from yutang.kit.text import Sentence

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def job(status: str) -> Job:
    return Job.objects.create(
        task_path="yutang.insight.tasks.follow_orders",
        arguments={},
        status=status,
        enqueued_at=NOW,
        run_after=NOW,
        finished_at=NOW if status in {"done", "cancelled"} else None,
        progress_note=Sentence("Writing rows").as_json(),
    )


@pytest.mark.django_db
class TestJobs:
    def test_are_named_in_the_readers_language(self, owner_client: Client) -> None:
        job("done")

        page = owner_client.get("/jobs/").content.decode()

        assert "刷新数据、评分与今日任务" in page
        assert "follow orders" not in page

    @pytest.mark.parametrize(("status", "says"), [("running", True), ("done", False), ("cancelled", False)])
    def test_say_what_they_are_at_only_while_they_are(self, owner_client: Client, status: str, says: bool) -> None:
        job(status)

        assert ("正在写入" in owner_client.get("/jobs/").content.decode()) is says

    def test_what_is_pressed_leads_back_to_the_same_list(self, owner_client: Client) -> None:
        dead, waiting = job("dead"), job("waiting")
        page = owner_client.get("/jobs/?status=dead&all=1").content.decode()

        retried = owner_client.post(f"/jobs/{dead.pk}/retry/?status=dead&all=1&next=//elsewhere.example")
        cancelled = owner_client.post(f"/jobs/{waiting.pk}/cancel/")

        assert f'action="/jobs/{dead.pk}/retry/?status=dead&amp;all=1"' in page
        assert retried["Location"] == "/jobs/?status=dead&all=1"
        assert cancelled["Location"] == "/jobs/"

    def test_are_counted_as_the_page_lists_them(self, owner_client: Client) -> None:
        job("done")
        Job.objects.update(task_path="yutang.foundation.outbox.deliver_events")
        job("done")

        for more in ("", "?all=1"):
            context = owner_client.get(f"/jobs/{more}").context
            assert context["total"] == len(context["jobs"]) == (2 if more else 1)

    def test_leave_as_a_table_of_what_the_page_shows(self, owner_client: Client) -> None:
        job("done")
        job("cancelled")
        Job.objects.update(task_path="yutang.foundation.outbox.deliver_events")

        shown, everything = (owner_client.get(f"/jobs/?as=csv{more}") for more in ("", "&all=1"))

        lines = [sum(bool(row.strip()) for row in b"".join(one).splitlines()) for one in (shown, everything)]
        assert lines == [2, 3]
