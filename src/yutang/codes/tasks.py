"""Tasks of the room."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from yutang.codes import welcoming
from yutang.codes.coming import unwelcomed, write_departures, write_newcomers
from yutang.codes.models import Code, Newcomer
from yutang.codes.running import make_missing_ways, move_way, ways_to_move
from yutang.connectors.wecom.errors import RateLimited, Remedy, WeComError
from yutang.foundation import jobs
from yutang.wecom.queries import connection
from yutang.wecom.tasks import QUEUE

#: A look back that finds what no callback told.
_BACK = timedelta(days=8)
#: After somebody came the staff of an even code change; who comes within this time is looked at together.
_SOON = timedelta(seconds=5)


@jobs.task(queue=QUEUE, priority=30)
def keep_codes(context: jobs.JobContext) -> dict[str, int]:
    """Make missing contact ways and move the staff of those on which somebody else is on duty now."""
    made = make_missing_ways(now=context.now())
    client = connection()
    moving = ways_to_move(now=context.now()) if client is not None else []
    moved = failed = 0
    for one in moving:
        context.check_cancelled()
        assert client is not None
        try:
            moved += move_way(client, spot_id=one.spot.pk, now=context.now())
        except WeComError as error:
            # What is wrong with one code does not hold up the others.
            if error.remedy is not Remedy.CHANGE_REQUEST:
                _give_back(error)
            failed += 1
        context.progress(moved + failed, len(moving))
    return {"made": made, "moved": moved, "failed": failed}


@jobs.task(priority=30)
def welcome_newcomers(context: jobs.JobContext) -> dict[str, int]:
    """Ask the guard about who came, give tags, have groups ready; then let WeCom keep the remarks."""
    welcomed = 0
    while some := welcoming.welcome_newcomers(now=context.now()):
        welcomed += some
        context.check_cancelled()
        context.progress(welcomed)
    client = connection()
    remarks = welcoming.remarks_to_make() if client is not None else []
    remarked = 0
    for one in remarks:
        context.check_cancelled()
        assert client is not None
        try:
            remarked += welcoming.make_remark(client, one)
        except WeComError as error:
            _give_back(error)
    return {"welcomed": welcomed, "remarked": remarked}


@jobs.task()
def review_codes(context: jobs.JobContext) -> dict[str, int]:
    """Find newcomers and departures of which no callback told, and tell the economics who stayed."""
    with transaction.atomic():
        came = write_newcomers(since=context.now() - _BACK)
        changed = write_departures(now=context.now())
    if came:
        ask_for_welcome(now=context.now())
    noted = 0
    while some := welcoming.note_who_stayed(now=context.now()):
        noted += some
        context.check_cancelled()
    return {"came": came, "changed": changed, "noted": noted}


def ask_for_welcome(*, now: datetime) -> None:
    """Let a worker do what follows from newcomers, and look who is on duty next."""
    with transaction.atomic():
        if not jobs.is_waiting(welcome_newcomers, by=now):
            jobs.enqueue(welcome_newcomers, {}, now=now)
        ask_to_keep(now=now)


def ask_to_keep(*, now: datetime) -> None:
    """Let a worker look in a moment who is on duty, in the caller's transaction."""
    if not jobs.is_waiting(keep_codes, by=now + _SOON):
        jobs.enqueue(keep_codes, {}, now=now, run_after=now + _SOON)


def has_codes() -> bool:
    """Return whether a code is in use."""
    return Code.objects.filter(is_on=True).exists()


def has_newcomers() -> bool:
    """Return whether anybody came by a code, or somebody waits for what follows."""
    return Code.objects.exists() or Newcomer.objects.exists()


def has_work() -> bool:
    """Return whether something must still follow from a newcomer."""
    return unwelcomed().exists() or Newcomer.objects.filter(is_remarked=False, noted="joined", left_at=None).exists()


def _give_back(error: WeComError) -> None:
    """Let the job be done later where that helps; else it says why it cannot.

    Raises:
        Retry: it helps to wait.
        WeComError: it does not.
    """
    if isinstance(error, RateLimited):
        raise jobs.Retry(error.sentence, after=timedelta(seconds=error.seconds)) from error
    if error.may_help_later or error.remedy is Remedy.REPEAT_IF_SAFE:
        raise jobs.Retry(error.sentence, after=timedelta(seconds=30)) from error
    raise error
