"""What becomes of tasks of WeCom: who was asked, who confirmed, whom it reached; reminders, and taking back what nobody sent.

Nothing is assumed: each state is written down when WeCom tells it, person by person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q, QuerySet

from yutang.channels.delivery import noting
from yutang.channels.delivery.books import WecomBook
from yutang.channels.delivery.mass import keys_by_target
from yutang.channels.delivery.reconciling import look_for
from yutang.channels.models import DeliveryState, MassTask, TaskState
from yutang.channels.organisation import current_policy
from yutang.channels.organisation_delivery import remind_hours
from yutang.channels.policy import GROUP_CHANNEL
from yutang.channels.switches import switches_for
from yutang.connectors.wecom.api.mass import Sending, SendStatus, TaskStatus
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import AlreadySo, RateLimited, RemindedOftenEnough, StillDispatching, WeComError
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16_many
from yutang.wecom.actions import note_touches
from yutang.wecom.keys_within import friendships_between

S = DeliveryState
#: Tasks that one round looks at.
MOST_A_ROUND = 100
#: A task is somebody's for so long while it is looked at.
_LEASE = timedelta(minutes=10)
_SOON, _FAST = timedelta(seconds=10), timedelta(minutes=1)
_OFTEN, _SELDOM = timedelta(minutes=5), timedelta(minutes=30)
#: While no more tasks are open than these, each is asked about sooner: a few hundred calls a minute, far below WeCom's limits.
FEW_TASKS = 100
_MOST_REMINDERS = 3
#: Staff are reminded by the clock of WeCom's home.
_HOME = ZoneInfo("Asia/Shanghai")
_WHAT_CAME = {
    SendStatus.SENT: S.DELIVERED,
    SendStatus.NOT_A_FRIEND: S.NOT_A_FRIEND,
    SendStatus.CAP_REACHED: S.QUOTA_REFUSED,
}


def follow_round(*, book: WecomBook, clock: Callable[[], datetime], most: int = MOST_A_ROUND) -> int:
    """Look at the tasks whose turn it is, and return how many those were.

    Args:
        book: who talks with whom, and the client.
        clock: tells the time, aware UTC.
        most: tasks at most.
    """
    client = book.client()
    if client is None:
        return 0
    looked_at = 0
    end_what_is_stopped(now=clock())
    pace = (_FAST, _OFTEN) if _are_few() else (_OFTEN, _SELDOM)
    for task in _mine(most, now=clock()):
        try:
            _look_at(client, task, clock, pace)
        except StillDispatching:
            _look_again(task, clock() + _SOON)
        except RateLimited as error:
            _look_again(task, clock() + timedelta(seconds=error.seconds))
        except WeComError as error:
            MassTask.objects.filter(pk=task.pk).update(fault=error.code[:60])
            _look_again(task, clock() + _SELDOM)
        looked_at += 1
    return looked_at


def end_what_is_stopped(*, now: datetime) -> int:
    """Take tasks of switched off channels and ended campaigns back, so that nobody confirms them; return how many."""
    rows = list(MassTask.objects.filter(state=TaskState.OPEN).values_list("pk", "channel", "campaign"))
    stopped = switches_for(campaigns={campaign for _key, _channel, campaign in rows})
    back = [(key, campaign) for key, channel, campaign in rows if stopped.take_back(channel=channel, campaign=campaign)]
    over = [key for key, campaign in back if campaign in stopped.ended]
    released = [key for key, campaign in back if campaign not in stopped.ended]
    return noting.end_tasks(over, ends_as="over", now=now) + noting.end_tasks(released, ends_as="released", now=now)


def is_stopped(*, now: datetime) -> bool:
    """Return whether a task is to be taken back because somebody switched something off."""
    rows = MassTask.objects.filter(state=TaskState.OPEN, until__gt=now).order_by()
    found = set(rows.values_list("channel", "campaign").distinct())
    stopped = switches_for(campaigns={campaign for _channel, campaign in found})
    return any(stopped.take_back(channel=channel, campaign=campaign) for channel, campaign in found)


def is_due(*, now: datetime) -> bool:
    """Return whether a task is to be looked at."""
    return _due(now).exists()


def _due(now: datetime) -> QuerySet[MassTask]:
    states = (TaskState.HANDING, TaskState.OPEN, TaskState.ENDING)
    return MassTask.objects.filter(state__in=states, next_at__lte=now)


def _are_few() -> bool:
    live = MassTask.objects.filter(state__in=(TaskState.HANDING, TaskState.OPEN, TaskState.ENDING)).order_by()
    return len(live.values_list("pk", flat=True)[: FEW_TASKS + 1]) <= FEW_TASKS


def _mine(most: int, *, now: datetime) -> list[MassTask]:
    """Claim tasks, each by one conditional update of when it is looked at next."""
    return [
        task
        for task in _due(now).order_by("next_at", "id")[:most]
        if MassTask.objects.filter(pk=task.pk, next_at=task.next_at).update(next_at=now + _LEASE)
    ]


def _look_at(client: WeCom, task: MassTask, clock: Callable[[], datetime], pace: tuple[timedelta, timedelta]) -> None:
    if not task.msgid:
        look_for(client, task, now=clock())
        return
    if task.state == TaskState.OPEN and clock() >= task.until:
        noting.end_tasks([task.pk], ends_as="over", now=clock())
        task.state, task.ends_as = TaskState.ENDING, "over"
    if task.state == TaskState.ENDING:
        _take_back(client, task)
    senders = list(client.mass.senders(msgid=task.msgid))
    confirmed = [one for one in senders if one.status is TaskStatus.SENT]
    came: list[Sending] = []
    for one in confirmed:
        came += client.mass.results(msgid=task.msgid, userid=one.userid)
    asked_at = clock()
    with transaction.atomic():
        MassTask.objects.filter(pk=task.pk).update(asked_at=asked_at)
        confirmed_at = (confirmed[0].sent_at or asked_at) if confirmed else None
        if confirmed_at is not None and task.confirmed_at is None:
            MassTask.objects.filter(pk=task.pk).update(confirmed_at=confirmed_at)
        _note_asked(task, came, is_asked=bool(senders), confirmed_at=confirmed_at, now=asked_at)
        _note_what_came(task, came, now=asked_at)
        if task.state == TaskState.ENDING:
            _end(task, now=asked_at)
    _go_on(client, task, is_confirmed=bool(confirmed), clock=clock, pace=pace)


def _note_asked(
    task: MassTask, came: Sequence[Sending], *, is_asked: bool, confirmed_at: datetime | None, now: datetime
) -> None:
    """Write down that staff were asked, or confirmed; an owner confirms for the groups that were chosen only."""
    if not is_asked:
        return
    if confirmed_at is not None:
        asked = set(task.deliveries.filter(state__in=(S.CREATED, S.NOTIFIED)).values_list("pk", flat=True))
        if task.channel == GROUP_CHANNEL:
            asked &= set(_by_message(task, came))
        noting.move(asked, to=S.CONFIRMED, at=confirmed_at, now=now)
    waiting = task.deliveries.filter(state=S.CREATED).values_list("pk", flat=True)
    noting.move(list(waiting), to=S.NOTIFIED, now=now)


def _note_what_came(task: MassTask, came: Sequence[Sending], *, now: datetime) -> None:
    """Write down what came of each message; what the member of staff left out is not sent any more."""
    ends: dict[str, dict[int, datetime]] = {}
    left = []
    for key, one in _by_message(task, came).items():
        if one.status is SendStatus.UNSENT:
            left.append(key)
        else:
            ends.setdefault(_WHAT_CAME[one.status], {})[key] = one.sent_at or now
    for state, instants in ends.items():
        moved = noting.move(list(instants), to=state, at_each=instants, now=now)
        if state == S.DELIVERED and task.channel != GROUP_CHANNEL:
            _note_touched(task, {key: instants[key] for key in moved}, now=now)
    noting.move(left, to=S.FAILED, fault="left_out", now=now)


def _note_touched(task: MassTask, reached: Mapping[int, datetime], *, now: datetime) -> None:
    """Note at the friendships when somebody heard last: whom one writes to next, and what somebody left after, follow from it."""
    if not reached:
        return
    wrote_to = dict(task.deliveries.filter(state=S.DELIVERED).order_by().values_list("pk", "touch__customer_id"))
    people = {key: one for key, one in wrote_to.items() if one is not None}
    friends = friendships_between(userid=task.sender, customer_ids=set(people.values()))
    touched = {friends[people[key]]: at for key, at in reached.items() if key in people and people[key] in friends}
    note_touches(actor=Actor.system(), touched=touched, now=now)


def _by_message(task: MassTask, came: Sequence[Sending]) -> dict[int, Sending]:
    """Return what came of each message by its key; whom others put into the task is nobody's message."""
    keys = keys_by_target(task) if came else {}
    digests = digest16_many(task.channel, "target", [one.target for one in came])
    return {keys[digest]: one for digest, one in zip(digests, came, strict=True) if digest in keys}


def _take_back(client: WeCom, task: MassTask) -> None:
    """Let nobody confirm the task any more; what was sent stays sent."""
    try:
        client.mass.cancel(msgid=task.msgid)
    except AlreadySo:
        return


def _end(task: MassTask, *, now: datetime) -> None:
    """Close a task that was taken back: what WeCom did not send will not be sent."""
    rest = list(task.deliveries.filter(state__in=(S.CREATED, S.NOTIFIED, S.CONFIRMED)).values_list("pk", flat=True))
    if task.ends_as == "released":
        noting.put_off(rest, until=now, fault="taken_back", now=now)
    else:
        noting.move(rest, to=S.FAILED, fault="not_confirmed", now=now)


def _go_on(
    client: WeCom,
    task: MassTask,
    *,
    is_confirmed: bool,
    clock: Callable[[], datetime],
    pace: tuple[timedelta, timedelta],
) -> None:
    """Close the task where nothing is left of it, else say when it is looked at next; remind where it is time.

    A task is looked at by the first pace within its first hour and after it was confirmed, else by the second.
    """
    now = clock()
    is_left = task.deliveries.exclude(state__in=noting.ENDS).exists()
    if task.state == TaskState.ENDING or not is_left:
        MassTask.objects.filter(pk=task.pk).update(state=TaskState.ENDED)
        return
    if not is_confirmed:
        _remind(client, task, now=now)
    young = now - task.handed_at < timedelta(hours=1)
    _look_again(task, min(now + pace[0 if young or is_confirmed else 1], max(task.until, now + _SOON)))


def _remind(client: WeCom, task: MassTask, *, now: datetime) -> None:
    hours = remind_hours()
    policy = current_policy()
    last = task.reminded_at or task.handed_at
    is_open = policy.opens <= now.astimezone(_HOME).hour < policy.closes
    if not hours or not is_open or task.reminders >= _MOST_REMINDERS or now - last < timedelta(hours=hours):
        return
    # Written down first: whoever is killed after the call reminds once too little, not too much.
    mine = MassTask.objects.filter(pk=task.pk, reminders=task.reminders)
    if not mine.update(reminders=F("reminders") + 1, reminded_at=now):
        return
    try:
        client.mass.remind(msgid=task.msgid)
    except RemindedOftenEnough:
        MassTask.objects.filter(pk=task.pk).update(reminders=_MOST_REMINDERS)


def _look_again(task: MassTask, at: datetime) -> None:
    live = Q(state__in=(TaskState.HANDING, TaskState.OPEN, TaskState.ENDING))
    MassTask.objects.filter(live, pk=task.pk).update(next_at=at)
