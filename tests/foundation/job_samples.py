"""Tasks for the tests of jobs; at module level, because a task is found by its path."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, ClassVar

from django.db import transaction

from yutang.foundation.jobs import JobContext, Retry, task
from yutang.foundation.models import Setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence


class PondIsFrozen(DomainError):
    code: ClassVar[str] = "pond_is_frozen"
    message: ClassVar[str] = N_("The pond is frozen.")


@task()
def add(context: JobContext, a: int, b: int) -> int:
    context.progress(1, 2, Sentence("half"))
    return a + b


@task(max_attempts=2)
def crash(context: JobContext, secret: str) -> None:
    raise ValueError(f"cannot read {secret}")


@task()
def refuse(context: JobContext) -> None:
    raise PondIsFrozen


@task()
def come_back_later(context: JobContext) -> None:
    raise Retry(Sentence("The other side is asleep."), after=timedelta(minutes=7))


@task(when_abandoned="tests.foundation.job_samples.note_abandoned")
def checked(context: JobContext, label: str = "") -> str:
    context.check_cancelled()
    return "done"


def note_abandoned(*, label: str, status: str, now: Any) -> None:
    Setting.objects.create(key=f"abandoned.{label}", value=status)


@task(max_attempts=2)
def count_slowly(context: JobContext, total: int, pause: float) -> int:
    """Count up in the database from where an earlier attempt stopped, and tell each count together with it."""
    row, _ = Setting.objects.get_or_create(key="counted", defaults={"value": 0})
    while row.value < total:
        time.sleep(pause)
        row.value += 1
        # Killed between the two, an attempt would have counted without getting further, and twice is once too often.
        with transaction.atomic():
            row.save(update_fields=["value"])
            context.progress(row.value, total)
        context.check_cancelled()
    return row.value


@task(max_attempts=2)
def hang(context: JobContext, seconds: float) -> None:
    time.sleep(seconds)
