"""Periodic work as an operator lists and starts it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli.main import build
from yutang.foundation.access import Actor
from yutang.foundation.actions import start_periodic
from yutang.foundation.models import AuditEntry, Job, JobStatus, Worker
from yutang.kit.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


def answer(*arguments: object, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["jobs", *map(str, arguments), "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


class TestPeriodic:
    def test_is_listed_by_when_it_comes_next(self) -> None:
        listed = answer("periodic")["periodic"]

        at = [datetime.fromisoformat(one["next_at"]) for one in listed]
        named = {one["name"]: one for one in listed}
        assert at == sorted(at)
        assert datetime.now(UTC) - timedelta(minutes=1) < at[0] <= datetime.now(UTC) + timedelta(minutes=1)
        assert named["forget_sessions"]["every_seconds"] == 86_400
        assert datetime.fromisoformat(named["forget_sessions"]["next_at"]).astimezone(UTC).hour == 20
        assert not named["give_back"]["needed"]

    def test_is_shown_to_people(self) -> None:
        shown = CliRunner().invoke(build(), ["jobs", "periodic"], env={"YUTANG_LANG": "en", "COLUMNS": "120"})

        assert "forget_sessions" in shown.stdout
        assert "1,440" in shown.stdout


class TestStart:
    def test_is_done_here_where_no_worker_lives(self) -> None:
        told = answer("start", "forget_sessions")

        job = Job.objects.get()
        assert told == {"id": job.pk, "status": "done"}
        assert job.task_path.endswith("forget_sessions")
        assert AuditEntry.objects.filter(action="job.asked_for", subject_id=str(job.pk)).exists()

    def test_waits_for_a_worker_that_lives_and_is_not_started_twice(self) -> None:
        now = datetime.now(UTC)
        Worker.objects.create(name="one", started_at=now, seen_at=now)

        first, second = answer("start", "forget_sessions"), answer("start", "forget_sessions")

        assert first == second == {"id": Job.objects.get().pk, "status": "waiting"}

    def test_is_started_anew_when_the_last_one_ended_or_waits_for_later(self) -> None:
        now = datetime.now(UTC)
        keys = []
        for change in ({"status": JobStatus.DONE}, {"run_after": now + timedelta(hours=1)}, {}):
            keys.append(start_periodic(actor=Actor.system(), name="forget_sessions", now=now))
            Job.objects.filter(pk=keys[-1]).update(**change)

        assert len(set(keys)) == 3

    def test_refuses_a_name_that_there_is_not_and_says_which_there_are(self) -> None:
        error = answer("start", "forget_everything", exit_code=2)["error"]

        assert error["code"] == "no_such_periodic_work"
        assert "forget_sessions" in error["message"]

    def test_needs_the_right(self) -> None:
        with pytest.raises(DomainError) as refused:
            start_periodic(
                actor=Actor(staff_id=1, role="clerk", store_ids=frozenset({1}), label="x"),
                name="forget_sessions",
                now=datetime.now(UTC),
            )

        assert refused.value.code == "not_allowed"
