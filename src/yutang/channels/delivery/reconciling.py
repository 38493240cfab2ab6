"""A task of WeCom whose answer was lost: looked for in WeCom's list before anything is sent again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from yutang.channels.delivery import noting
from yutang.channels.delivery.mass import keys_by_target, note_made
from yutang.channels.delivery.words import text_digest
from yutang.channels.models import MassTask, TaskState
from yutang.channels.policy import GROUP_CHANNEL
from yutang.connectors.wecom.api.mass import ListedTask, MadeTask
from yutang.connectors.wecom.client import WeCom
from yutang.foundation.sealing import digest16_many

#: Clocks differ, and a call takes a while.
_AROUND = timedelta(minutes=5)
#: After so long a task that is not in the list was not made.
SETTLED = timedelta(minutes=15)


def look_for(client: WeCom, task: MassTask, *, now: datetime) -> None:
    """Find a task with WeCom and go on with it; one that WeCom never had lets its messages be planned again.

    Where several tasks could be the one, nobody guesses: it is marked as lost, and its messages stay unknown.

    Args:
        client: of the app that made the task.
        task: one without an id.
        now: aware UTC.
    """
    kind = "group" if task.channel == GROUP_CHANNEL else "single"
    begin, end = task.handed_at - _AROUND, task.handed_at + SETTLED
    listed = list(client.mass.listed(chat_type=kind, since=begin, until=min(end, now + _AROUND)))
    taken = set(MassTask.objects.filter(msgid__in=[one.msgid for one in listed]).values_list("msgid", flat=True))
    ours = [one for one in listed if one.msgid not in taken and _is_like(one, task)]
    found = [one for one in ours if _reaches_the_same(client, one, task)]
    if len(found) == 1:
        note_made(task, MadeTask(found[0].msgid), now=now)
    elif found:
        _lose(task, now=now)
    elif now - task.handed_at >= SETTLED:
        _release(task, now=now)
    else:
        MassTask.objects.filter(pk=task.pk).update(next_at=task.handed_at + SETTLED)


def _is_like(listed: ListedTask, task: MassTask) -> bool:
    """Return whether a listed task was made by an app, with the same words."""
    return not listed.creator and listed.create_type == 0 and text_digest(listed.text) == task.words_digest


def _reaches_the_same(client: WeCom, listed: ListedTask, task: MassTask) -> bool:
    """Return whether a listed task asks the same member of staff, and to write to nobody else."""
    senders = [one.userid for one in client.mass.senders(msgid=listed.msgid)]
    if senders != [task.sender]:
        return False
    told = [one.target for one in client.mass.results(msgid=listed.msgid, userid=task.sender)]
    # Of groups WeCom tells only those that were chosen.
    return set(digest16_many(task.channel, "target", told)) <= set(keys_by_target(task))


def _release(task: MassTask, *, now: datetime) -> None:
    with transaction.atomic():
        if MassTask.objects.filter(pk=task.pk, msgid="").update(state=TaskState.ENDED, fault="never_made"):
            noting.put_off(list(keys_by_target(task).values()), until=now, fault="never_made", now=now)


def _lose(task: MassTask, *, now: datetime) -> None:
    with transaction.atomic():
        MassTask.objects.filter(pk=task.pk, msgid="").update(state=TaskState.LOST, fault="several_alike")
        noting.move(list(keys_by_target(task).values()), to="unknown", fault="several_alike", now=now)
