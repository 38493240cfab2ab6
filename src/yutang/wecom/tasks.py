"""Tasks of the room."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import transaction

from yutang.connectors.wecom.errors import RateLimited, Remedy, WeComError
from yutang.foundation import jobs
from yutang.kit.text import N_, Sentence
from yutang.wecom import claims, way_making
from yutang.wecom.connecting import client_of, note_fault, present_app
from yutang.wecom.greeting import greet_round
from yutang.wecom.handing import ask_wecom, look_at_results
from yutang.wecom.hearing import hear_round
from yutang.wecom.inbox import wake
from yutang.wecom.models import Callback, CallbackState, SyncRun
from yutang.wecom.syncing import PHASES, do_step
from yutang.wecom.tag_mirror import make_marks, marks_to_make
from yutang.wecom.way_making import delete_way, make_way

#: The queue that a worker of its own serves: who comes is greeted also while a large file is imported.
QUEUE = "wecom"
#: One job goes on for so long, then other work has its turn.
_SECONDS = 30.0
#: What comes due within this time is looked at by a job of its own, what is later by the schedule.
_SOON = timedelta(seconds=60)
#: Settled callbacks are kept so long.
KEPT = timedelta(days=30)
_MARKS_AT_ONCE = 50
_PHASE_WORDS = {
    "staff": N_("Reading who has customers"),
    "tags": N_("Reading tags"),
    "customers": N_("Reading customers"),
    "missing": N_("Asking about customers who were not shown"),
    "groups": N_("Reading groups"),
    "done": N_("Everything was read"),
}


@jobs.task(queue=QUEUE, priority=50)
def hear_wecom(context: jobs.JobContext) -> dict[str, int]:
    """Greet who came and settle what was told, newcomers first in each round."""
    app = present_app()
    greeted = heard = 0
    if app is None:
        return {"greeted": 0, "heard": 0}
    client, until = client_of(app), time.monotonic() + _SECONDS
    while time.monotonic() < until:
        context.check_cancelled()
        now_greeted = greet_round(client, clock=context.now)
        now_heard = hear_round(client, clock=context.now)
        if not now_greeted and not now_heard:
            break
        greeted, heard = greeted + now_greeted, heard + now_heard
        context.progress(greeted + heard)
    _go_on(now=context.now())
    return {"greeted": greeted, "heard": heard}


@jobs.task(max_attempts=10)
def sync_wecom(context: jobs.JobContext, run_id: int) -> dict[str, int]:
    """Look at everything that WeCom shows, from where an earlier attempt stood; tags that are to go out follow."""
    app = present_app()
    run = SyncRun.objects.get(pk=run_id)
    if app is None or run.ended_at is not None:
        return dict(run.counts)
    client = client_of(app)
    try:
        while True:
            context.check_cancelled()
            if not do_step(run, client, clock=context.now, fence=lambda at: _tell_progress(context, at)):
                break
    except WeComError as error:
        _give_back(error, now=context.now())
    with transaction.atomic():
        jobs.enqueue(push_wecom_tags, {}, now=context.now())
    return dict(run.counts)


@jobs.task()
def push_wecom_tags(context: jobs.JobContext) -> dict[str, int]:
    """Put the tags on customers in WeCom that they were given here, and take off those that were taken."""
    app = present_app()
    if app is None:
        return {"told": 0, "refused": 0}
    client, told, refused = client_of(app), 0, 0
    marks = marks_to_make()
    try:
        for start in range(0, len(marks), _MARKS_AT_ONCE):
            context.check_cancelled()
            some = marks[start : start + _MARKS_AT_ONCE]
            refused += make_marks(client, some)
            told += len(some)
            context.progress(told, len(marks))
    except WeComError as error:
        _give_back(error, now=context.now())
    return {"told": told - refused, "refused": refused}


@jobs.task(queue=QUEUE, priority=20)
def make_contact_way(context: jobs.JobContext, way_id: int) -> dict[str, bool]:
    """Have a contact way made by WeCom."""
    app = present_app()
    if app is None:
        return {"made": False}
    try:
        return {"made": make_way(client_of(app), way_id=way_id, now=context.now())}
    except WeComError as error:
        _give_back(error, now=context.now())
        raise


@jobs.task(queue=QUEUE, priority=20)
def make_join_way(context: jobs.JobContext, way_id: int) -> dict[str, bool]:
    """Have the code of a group made by WeCom."""
    app = present_app()
    if app is None:
        return {"made": False}
    try:
        return {"made": way_making.make_join_way(client_of(app), way_id=way_id)}
    except WeComError as error:
        _give_back(error, now=context.now())
        raise


@jobs.task(max_attempts=10)
def move_handovers(context: jobs.JobContext) -> dict[str, int]:
    """Ask WeCom for the hand-overs that staff want, and write down what became of those it began."""
    app = present_app()
    if app is None:
        return {"begun": 0, "ended": 0}
    client = client_of(app)
    try:
        ended = look_at_results(client, now=context.now())
        begun = ask_wecom(client, now=context.now())
    except WeComError as error:
        _give_back(error, now=context.now())
        raise
    return {"begun": begun, "ended": ended}


@jobs.task()
def delete_contact_way(context: jobs.JobContext, way_id: int) -> dict[str, bool]:
    """Have a contact way deleted by WeCom; one that was not made there is gone already."""
    app = present_app()
    if app is None:
        return {"deleted": False}
    try:
        return {"deleted": delete_way(client_of(app), way_id=way_id)}
    except WeComError as error:
        _give_back(error, now=context.now())
        raise


@jobs.task()
def forget_callbacks(context: jobs.JobContext) -> dict[str, int]:
    """Delete callbacks that were settled long ago."""
    old = Callback.objects.exclude(state=CallbackState.WAITING).filter(received_at__lt=context.now() - KEPT)
    return {"forgotten": old.delete()[0]}


def has_due_callbacks() -> bool:
    """Return whether a callback is to be looked at."""
    due = claims.next_due_at()
    return due is not None and due <= datetime.now(UTC)


def has_callbacks() -> bool:
    """Return whether any callback is kept."""
    return Callback.objects.exists()


def is_connected() -> bool:
    """Return whether an app of WeCom is connected."""
    return present_app() is not None


def _tell_progress(context: jobs.JobContext, run: SyncRun) -> None:
    done = sum(run.counts.values()) + PHASES.index(run.phase)
    context.progress(done, None, Sentence(_PHASE_WORDS[run.phase]))


def _give_back(error: WeComError, *, now: datetime) -> None:
    """Let the job be done later where that helps; else it is a dead letter that says why.

    Raises:
        Retry: it helps to wait.
        WeComError: it does not.
    """
    note_fault(error, now=now)
    if isinstance(error, RateLimited):
        raise jobs.Retry(error.sentence, after=timedelta(seconds=error.seconds)) from error
    if error.may_help_later or error.remedy is Remedy.REPEAT_IF_SAFE:
        raise jobs.Retry(error.sentence, after=timedelta(seconds=30)) from error
    raise error


def _go_on(*, now: datetime) -> None:
    """Ask for the next look where something comes due before the schedule looks."""
    due = claims.next_due_at()
    if due is not None and due <= now + _SOON:
        with transaction.atomic():
            wake(now=now, at=max(due, now + timedelta(milliseconds=200)))
