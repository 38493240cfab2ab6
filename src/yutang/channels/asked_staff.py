"""What waits for somebody of the staff: messages to confirm in WeCom, and replies that nobody answered; read through `queries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet, Sum

from yutang.channels.centre import Passed, reply_passed
from yutang.channels.delivery.words import bodies_of
from yutang.channels.models import Delivery, MassTask, Reply, TaskState, Touch
from yutang.channels.policy import GROUP_CHANNEL
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.wecom.queries import staff_accounts
from yutang.wecom.views import StaffAccount

_MOST_TASKS = 20
_MOST_REPLIES = 20
_OF_GROUPS = Q(channel=GROUP_CHANNEL)
#: So long somebody may still wait for an answer.
_ANSWERED_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class WaitingTask:
    """A mass message that a member of staff is asked to send.

    Attributes:
        channel: ``wecom`` (to customers) or ``group``.
        words: what its receivers read, personal values filled in: all of one task read the same. Empty where the content can
            be said no more.
        size: customers or groups that it goes to. Count.
        handed_at: since when it waits.
        until: when it is taken back.
    """

    id: int
    sender: str
    channel: str
    campaign: str
    content: str
    words: str
    size: int
    handed_at: datetime
    until: datetime
    reminders: int


@dataclass(frozen=True)
class Unconfirmed:
    """A member of staff who has not confirmed.

    Attributes:
        tasks: that wait for them. Count.
        of_groups: of these, posts to groups that they own. Count.
        messages: customers and groups that the tasks go to. Count.
        since: since when the oldest waits.
        until: when the next one is taken back.
    """

    account: StaffAccount
    tasks: int
    of_groups: int
    messages: int
    since: datetime
    until: datetime


def tasks_to_confirm(*, access: Actor, now: datetime) -> tuple[WaitingTask, ...]:
    """Return what the actor is asked to send in WeCom, what is taken back first first, at most 20; nothing for the system."""
    access.require("channels.view")
    if access.staff_id is None:
        return ()
    mine = [one.userid for one in staff_accounts(access=access) if one.staff_id == access.staff_id]
    if not mine:
        return ()
    rows = list(_waiting().filter(sender__in=mine).order_by("until", "id")[:_MOST_TASKS])
    words = _words_of(rows, now)
    return tuple(
        WaitingTask(
            id=row.pk,
            sender=row.sender,
            channel=row.channel,
            campaign=row.campaign,
            content=row.content,
            words=words.get(row.pk, ""),
            size=row.size,
            handed_at=row.handed_at,
            until=row.until,
            reminders=row.reminders,
        )
        for row in rows
    )


def unconfirmed_staff(*, access: Actor) -> tuple[Unconfirmed, ...]:
    """Return who of the staff within reach, but the actor, has something to confirm; who waits longest first."""
    access.require("channels.view")
    known = {one.userid: one for one in staff_accounts(access=access) if one.staff_id != access.staff_id}
    waiting = _waiting().filter(sender__in=list(known)).order_by().values_list("sender")
    counted = waiting.annotate(
        n=Count("pk"),
        of_groups=Count("pk", filter=_OF_GROUPS),
        messages=Sum("size"),
        since=Min("handed_at"),
        taken_back=Min("until"),
    )
    found = [Unconfirmed(known[sender], *told) for sender, *told in counted]
    return tuple(sorted(found, key=lambda one: (one.since, one.account.userid)))


def replies_to_answer(*, access: Actor, now: datetime) -> tuple[Passed, ...]:
    """Return replies of the last 14 days within reach that nobody has answered, at most 20.

    Those of whom the actor looks after come first, then the oldest. What is older is an answer that never came: it stands in
    the message centre, and no longer pushes the others away.
    """
    access.require("channels.view")
    rows = _unanswered(access).filter(sent_at__gte=now - _ANSWERED_WITHIN).select_related("answered_by")
    mine = list(rows.filter(customer__owner_id=access.staff_id).order_by("sent_at", "id")[:_MOST_REPLIES])
    others = rows.exclude(pk__in=[one.pk for one in mine]).order_by("sent_at", "id")
    left = _MOST_REPLIES - len(mine)
    return tuple(reply_passed(row) for row in [*mine, *(others[:left] if left else [])])


def reply_within_reach(*, access: Actor, reply_id: int) -> Reply | None:
    """Return a reply of somebody within reach; None where there is none."""
    return _replies(access).filter(pk=reply_id).first()


def _unanswered(access: Actor) -> QuerySet[Reply]:
    return _replies(access).filter(answered_at=None, is_opt_out=False)


def _replies(access: Actor) -> QuerySet[Reply]:
    """Return replies of people within reach; those of numbers that nobody has are the chain's."""
    if access.store_ids is None:
        return Reply.objects.all()
    return Reply.objects.filter(Q(customer__store_id__in=access.store_ids) | Q(customer__owner_id=access.staff_id))


def _waiting() -> QuerySet[MassTask]:
    return MassTask.objects.filter(state=TaskState.OPEN, confirmed_at=None)


def _words_of(rows: Sequence[MassTask], now: datetime) -> dict[int, str]:
    """Return what tasks say, as the first receiver of each reads it; each content is asked for once."""
    firsts = dict(Delivery.objects.filter(task__in=rows).order_by().values_list("task_id").annotate(Min("pk")))
    by_content: dict[str, list[Touch]] = {}
    for touch in Touch.objects.filter(pk__in=list(firsts.values())).order_by("pk"):
        if touch.customer_id is not None or touch.group_key:
            by_content.setdefault(touch.content, []).append(touch)
    said: dict[int, str] = {}
    for touches in by_content.values():
        try:
            said |= {key: body.text for key, body in bodies_of(touches, now=now).items()}
        except DomainError:
            # The time of a content may be over while its task still waits.
            continue
    return {task: said[first] for task, first in firsts.items() if first in said}
