"""The worker: takes jobs one after the other until it is asked to end."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from yutang.foundation.jobs import table
from yutang.foundation.jobs.running import Ending, attempt, note_alive
from yutang.foundation.jobs.schedules import Timetable, load_work
from yutang.foundation.models import Worker

logger = logging.getLogger(__name__)

_SEEN_EVERY = timedelta(seconds=10)


def run_worker(
    *,
    name: str | None = None,
    queues: Iterable[str] = ("default",),
    lease: timedelta = table.LEASE,
    poll_seconds: float = 0.5,
    schedules: bool = True,
    until_idle: bool = False,
    stopping: threading.Event | None = None,
    told: Callable[[int, Ending], None] = lambda job_id, ending: None,
) -> int:
    """Take jobs until SIGTERM or SIGINT, and return how many attempts were made.

    On the first signal the running job is told at its next check and goes back to the table; the second ends the process.

    Args:
        name: name of the worker; a new worker of the same name frees the leases that the old one left behind.
        queues: queues that it serves.
        lease: how long it may be silent before its job is taken by another.
        poll_seconds: pause between two looks at an empty table.
        schedules: whether it also enqueues periodic work.
        until_idle: return when nothing is due.
        stopping: set by somebody else to end the worker.
        told: called after each attempt.
    """
    load_work()
    worker = _Worker(name or _own_name(), frozenset(queues), lease, Timetable() if schedules else None)
    stop = stopping or threading.Event()
    restore = _end_on_signals(stop)
    attempts = 0
    worker.arrive()
    try:
        while not stop.is_set():
            ending = worker.step(stop, told)
            attempts += ending is not None
            if ending is None:
                if until_idle:
                    break
                stop.wait(poll_seconds)
    finally:
        restore()
        worker.leave()
    return attempts


class _Worker:
    """What one worker keeps between two jobs."""

    def __init__(self, name: str, queues: frozenset[str], lease: timedelta, timetable: Timetable | None) -> None:
        self.name = name
        self.queues = queues
        self.lease = lease
        self.timetable = timetable
        self.seen_at = datetime.min.replace(tzinfo=UTC)

    def arrive(self) -> None:
        now = datetime.now(UTC)
        table.release_leases(worker=self.name, now=now)
        Worker.objects.update_or_create(name=self.name, defaults={"started_at": now, "seen_at": now})

    def leave(self) -> None:
        Worker.objects.filter(name=self.name).delete()

    def step(self, stop: threading.Event, told: Callable[[int, Ending], None]) -> Ending | None:
        """Do one job; None when there was none."""
        now = datetime.now(UTC)
        if not connection.in_atomic_block:
            close_old_connections()
        try:
            if now - self.seen_at > _SEEN_EVERY:
                self.seen_at = now
                note_alive(self.name, now=now)
                if self.timetable:
                    self.timetable.enqueue_due(now=now)
            lease = table.claim(worker=self.name, queues=self.queues, length=self.lease, now=now)
        except DatabaseError:
            logger.exception("the table of jobs cannot be reached; trying again")
            stop.wait(2)
            return None
        if lease is None:
            return None
        ending, _error = attempt(lease, stopping=stop.is_set)
        told(lease.job_id, ending)
        return ending


def _own_name() -> str:
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


def _end_on_signals(stop: threading.Event) -> Callable[[], None]:
    """Set the event on the first signal and end at once on the second; return what puts the old answers back."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None

    def answer(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before: dict[int, Any] = {number: signal.signal(number, answer) for number in (signal.SIGTERM, signal.SIGINT)}

    def restore() -> None:
        for number, old in before.items():
            signal.signal(number, old)

    return restore
