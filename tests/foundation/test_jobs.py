"""Jobs: enqueue, claim, run, retry, cancel, schedules."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django_tasks import TaskResultStatus

from tests.foundation import job_samples
from yutang.foundation import actions, queries
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.jobs import (
    SCHEDULES,
    JobCancelled,
    JobContext,
    LeaseLost,
    Schedule,
    WorkerStopping,
    enqueue,
    run_inline,
    run_worker,
    table,
)
from yutang.foundation.jobs.inline import JobFailed
from yutang.foundation.jobs.running import Ending, attempt, pause_before
from yutang.foundation.jobs.schedules import Timetable
from yutang.foundation.models import Job, Setting

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system()
QUEUES = frozenset({"default"})


def claimed(now: datetime, worker: str = "w1") -> table.Lease:
    lease = table.claim(worker=worker, queues=QUEUES, now=now)
    assert lease is not None
    return lease


class TestEnqueue:
    def test_belongs_to_the_callers_transaction(self, now: datetime) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            enqueue(job_samples.add, {"a": 1, "b": 2}, now=now)
            raise RuntimeError

        assert not Job.objects.exists()

    def test_returns_the_first_job_for_a_taken_key(self, now: datetime) -> None:
        first = enqueue(job_samples.add, {"a": 1, "b": 2}, now=now, idempotency_key="k")

        second = enqueue(job_samples.add, {"a": 5, "b": 5}, now=now, idempotency_key="k")

        assert second == first
        assert Job.objects.get().arguments == {"a": 1, "b": 2}

    def test_works_through_the_tasks_interface(self) -> None:
        result = job_samples.add.enqueue(a=2, b=3)
        run_inline(int(result.id))

        result.refresh()

        assert result.status == TaskResultStatus.SUCCESSFUL
        assert result.return_value == 5

    def test_shows_a_failure_through_the_tasks_interface(self) -> None:
        result = job_samples.refuse.enqueue()
        with pytest.raises(job_samples.PondIsFrozen):
            run_inline(int(result.id))

        result.refresh()

        assert result.status == TaskResultStatus.FAILED
        assert result.errors[0].exception_class is job_samples.PondIsFrozen


class TestClaim:
    def test_takes_the_highest_priority_then_the_earliest(self, now: datetime) -> None:
        late = enqueue(job_samples.add, {}, now=now)
        early = enqueue(job_samples.add, {}, now=now, run_after=now - timedelta(minutes=1))
        urgent = enqueue(job_samples.add, {}, now=now, priority=10)

        order = [claimed(now).job_id for _ in range(3)]

        assert order == [urgent, early, late]

    def test_leaves_what_is_not_due(self, now: datetime) -> None:
        enqueue(job_samples.add, {}, now=now, run_after=now + timedelta(seconds=1))

        assert table.claim(worker="w", queues=QUEUES, now=now) is None

    def test_takes_a_silent_workers_job_after_its_lease(self, now: datetime) -> None:
        job_id = enqueue(job_samples.add, {"a": 1, "b": 1}, now=now)
        old = claimed(now)
        assert table.claim(worker="w2", queues=QUEUES, now=now + timedelta(seconds=59)) is None

        new = claimed(now + timedelta(seconds=61), "w2")

        assert new.job_id == job_id
        assert not table.renew(old, now=now)
        assert not table.finish(old, result=1, now=now)
        assert table.finish(new, result=2, now=now)
        assert Job.objects.get().result == 2

    def test_does_not_hold_a_killed_attempt_that_got_further_against_the_job(self, now: datetime) -> None:
        enqueue(job_samples.add, {}, now=now)
        for step in range(1, 8):
            lease = claimed(now + timedelta(minutes=2 * step))
            table.note_progress(lease, done=step, total=None, note=None, now=now + timedelta(minutes=2 * step))

        assert Job.objects.get().attempts == 1

    def test_frees_the_leases_of_a_worker_known_to_be_dead(self, now: datetime) -> None:
        enqueue(job_samples.add, {}, now=now)
        claimed(now, "w1")

        assert table.release_leases(worker="w1", now=now) == 1
        assert table.claim(worker="w2", queues=QUEUES, now=now) is not None


class TestAttempt:
    def test_writes_result_and_progress(self, now: datetime) -> None:
        job_id = enqueue(job_samples.add, {"a": 1, "b": 2}, now=now)

        assert attempt(claimed(now))[0] is Ending.DONE

        view = queries.job(job_id)
        assert (view.status, view.result, view.progress_done, view.progress_total) == ("done", 3, 1, 2)

    def test_waits_longer_each_time_and_then_is_a_dead_letter_with_a_reason(self, now: datetime) -> None:
        job_id = enqueue(job_samples.crash, {"secret": "13800138000"}, now=now)

        assert attempt(claimed(now))[0] is Ending.AGAIN
        assert queries.job(job_id).run_after > datetime.now(UTC) + timedelta(seconds=4)
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert attempt(claimed(later))[0] is Ending.DEAD

        view = queries.job(job_id)
        assert view.status == "dead"
        assert view.reason is not None
        assert view.error_class == "builtins.ValueError"
        assert "job_samples.py" in view.trace

    def test_keeps_no_message_that_may_quote_a_customer(self, now: datetime) -> None:
        job_id = enqueue(job_samples.crash, {"secret": "13800138000"}, now=now)

        attempt(claimed(now))

        view = queries.job(job_id)
        assert "13800138000" not in view.trace + str(view.reason)

    def test_does_not_repeat_a_refusal(self, now: datetime) -> None:
        job_id = enqueue(job_samples.refuse, {}, now=now)

        assert attempt(claimed(now))[0] is Ending.DEAD
        assert str(queries.job(job_id).reason) == "The pond is frozen."

    def test_comes_back_when_the_task_says_so(self, now: datetime) -> None:
        job_id = enqueue(job_samples.come_back_later, {}, now=now)

        assert attempt(claimed(now))[0] is Ending.AGAIN
        assert queries.job(job_id).run_after > datetime.now(UTC) + timedelta(minutes=6)

    def test_is_a_dead_letter_when_workers_keep_dying_and_tells_the_room(self, now: datetime) -> None:
        job_id = enqueue(job_samples.checked, {"label": "x"}, now=now)
        Job.objects.update(max_attempts=2)
        for minute in (0, 2):
            claimed(now + timedelta(minutes=minute))

        assert attempt(claimed(now + timedelta(minutes=4)))[0] is Ending.DEAD

        assert "died 2 times" in str(queries.job(job_id).reason)
        assert Setting.objects.get(key="abandoned.x").value == "dead"

    def test_goes_back_uncounted_when_the_worker_ends(self, now: datetime) -> None:
        job_id = enqueue(job_samples.checked, {}, now=now)

        ending, error = attempt(claimed(now), stopping=lambda: True)

        assert ending is Ending.GIVEN_BACK
        assert isinstance(error, WorkerStopping)
        assert (queries.job(job_id).status, queries.job(job_id).attempts) == ("waiting", 0)

    def test_stops_writing_once_the_lease_is_lost(self, now: datetime) -> None:
        enqueue(job_samples.add, {}, now=now)
        old = claimed(now)
        claimed(now + timedelta(minutes=2), "w2")
        result = job_samples.add.get_backend().get_result(str(old.job_id))
        context = JobContext(task_result=result, job_id=old.job_id, lease=old)

        with pytest.raises(LeaseLost), transaction.atomic():
            Setting.objects.create(key="batch", value=1)
            context.progress(5)

        assert not Setting.objects.filter(key="batch").exists()

    def test_pauses_grow_to_an_hour_and_stop_there(self) -> None:
        assert timedelta(seconds=5) <= pause_before(1) <= timedelta(seconds=6)
        assert timedelta(seconds=20) <= pause_before(3) <= timedelta(seconds=24)
        assert timedelta(hours=1) <= pause_before(40) <= timedelta(hours=1, minutes=12)


class TestCancelAndRetry:
    def test_cancels_a_waiting_job_at_once_and_tells_the_room(self, now: datetime, owner: Actor) -> None:
        job_id = enqueue(job_samples.checked, {"label": "y"}, now=now)

        assert actions.cancel_job(actor=owner, job_id=job_id, now=now) == "cancelled"
        assert Setting.objects.get(key="abandoned.y").value == "cancelled"
        with pytest.raises(actions.JobHasEnded):
            actions.cancel_job(actor=owner, job_id=job_id, now=now)

    def test_cancels_a_job_of_a_task_that_an_older_release_had(self, now: datetime) -> None:
        job = Job.objects.create(task_path="yutang.gone.tasks.of_old", run_after=now, enqueued_at=now)

        assert actions.cancel_job(actor=SYSTEM, job_id=job.pk, now=now) == "cancelled"

    def test_cancels_a_running_job_at_its_next_check(self, now: datetime, owner: Actor) -> None:
        job_id = enqueue(job_samples.checked, {}, now=now)
        lease = claimed(now)
        assert actions.cancel_job(actor=owner, job_id=job_id, now=now) == "running"

        ending, error = attempt(lease)

        assert ending is Ending.CANCELLED
        assert isinstance(error, JobCancelled)
        assert queries.job(job_id).status == "cancelled"

    def test_retries_a_dead_letter_with_all_its_attempts(self, now: datetime, owner: Actor) -> None:
        job_id = enqueue(job_samples.refuse, {}, now=now)
        attempt(claimed(now))

        actions.retry_job(actor=owner, job_id=job_id, now=now)

        view = queries.job(job_id)
        assert (view.status, view.attempts, view.reason) == ("waiting", 0, None)
        with pytest.raises(actions.JobCannotBeRetried):
            actions.retry_job(actor=owner, job_id=job_id, now=now)

    def test_refuses_who_may_not_manage_jobs(self, now: datetime, manager: Actor) -> None:
        job_id = enqueue(job_samples.add, {}, now=now)

        with pytest.raises(NotAllowed):
            actions.cancel_job(actor=manager, job_id=job_id, now=now)

    def test_refuses_a_job_that_is_not_there(self, now: datetime, owner: Actor) -> None:
        with pytest.raises(queries.NoSuchJob):
            actions.cancel_job(actor=owner, job_id=404, now=now)
        with pytest.raises(queries.NoSuchJob):
            actions.retry_job(actor=owner, job_id=404, now=now)


class TestRunInline:
    def test_returns_the_result_and_tells_progress(self, now: datetime) -> None:
        told: list[tuple[int, int | None]] = []
        job_id = enqueue(job_samples.add, {"a": 20, "b": 22}, now=now)

        assert run_inline(job_id, told=lambda done, total, note: told.append((done, total))) == 42
        assert told == [(1, 2)]

    def test_raises_what_the_task_raised(self, now: datetime) -> None:
        job_id = enqueue(job_samples.crash, {"secret": "s"}, now=now)

        with pytest.raises(ValueError, match="cannot read"):
            run_inline(job_id)

    def test_returns_what_another_process_did(self, now: datetime) -> None:
        job_id = enqueue(job_samples.add, {"a": 1, "b": 2}, now=now)
        attempt(claimed(now))

        assert run_inline(job_id) == 3

    def test_says_why_another_process_failed(self, now: datetime) -> None:
        job_id = enqueue(job_samples.refuse, {}, now=now)
        attempt(claimed(now))

        with pytest.raises(JobFailed, match="frozen"):
            run_inline(job_id)


class TestSchedules:
    def test_enqueues_once_a_slot_however_many_workers(self, now: datetime) -> None:
        hourly = Schedule("t", job_samples.add, timedelta(hours=1), arguments={"a": 1, "b": 1})

        assert hourly.slot(now) == hourly.slot(now + timedelta(minutes=59))
        assert hourly.slot(now) + 1 == hourly.slot(now + timedelta(minutes=60))
        for _worker in range(2):
            Timetable().enqueue_due(now=now)
            Timetable().enqueue_due(now=now + timedelta(seconds=5))

        keys = Job.objects.values_list("idempotency_key", flat=True)
        assert len(keys) == len(set(keys)) == sum(1 for schedule in SCHEDULES if schedule.needed())


@pytest.mark.django_db(transaction=True)
class TestRunWorker:
    def test_drains_what_is_due(self, now: datetime) -> None:
        for number in range(5):
            enqueue(job_samples.add, {"a": number, "b": 1}, now=now)

        assert run_worker(until_idle=True, schedules=False) == 5
        assert sorted(Job.objects.values_list("result", flat=True)) == [1, 2, 3, 4, 5]
        assert queries.workers() == ()

    def test_does_each_job_once_with_several_workers(self, now: datetime) -> None:
        for number in range(40):
            enqueue(job_samples.add, {"a": number, "b": 0}, now=now)
        done: list[int] = []

        def work() -> None:
            try:
                run_worker(until_idle=True, schedules=False, told=lambda job_id, ending: done.append(job_id))
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=300)

        assert sorted(done) == sorted(Job.objects.values_list("pk", flat=True))
        assert set(Job.objects.values_list("status", "attempts")) == {("done", 1)}

    def test_renews_the_lease_of_a_long_job(self, now: datetime) -> None:
        job_id = enqueue(job_samples.hang, {"seconds": 1.5}, now=now)
        lengths: list[bool] = []

        def rob() -> None:
            try:
                # The first worker of a process still loads what it needs; the job is its to claim.
                while queries.job(job_id).status != "running":
                    time.sleep(0.02)
                for _ in range(12):
                    time.sleep(0.1)
                    lengths.append(table.claim(worker="robber", queues=QUEUES, now=datetime.now(UTC)) is None)
            finally:
                connection.close()

        robber = threading.Thread(target=rob)
        robber.start()
        run_worker(until_idle=True, schedules=False, lease=timedelta(seconds=0.8))
        robber.join()

        assert queries.job(job_id).status == "done"
        assert queries.job(job_id).attempts == 1
        assert all(lengths)
