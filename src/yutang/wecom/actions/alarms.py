"""Alarms that somebody has looked into."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Staff
from yutang.foundation.roles import actor_for
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.alarm_tasks import MANY_LOST
from yutang.wecom.models import MassDeletion
from yutang.worklist.actions import lapse
from yutang.worklist.queries import living_proposals


class NoSuchAlarm(DomainError):
    """There is no such alarm."""

    code = "no_such_alarm"
    http_status = 404
    message = N_("There is no such alarm.")


@transaction.atomic
def note_alarm(*, actor: Actor, alarm_id: int, now: datetime) -> None:
    """Note that somebody has looked into deletions, and take them off all lists of today; a second time it changes nothing.

    Raises:
        NoSuchAlarm: there is none.
    """
    actor.require("settings.manage")
    if not MassDeletion.objects.filter(pk=alarm_id).exists():
        raise NoSuchAlarm(alarm_id=alarm_id)
    _note(actor, alarm_id, now)


@transaction.atomic
def note_alarm_of_task(*, alarm_id: int, staff_id: int, now: datetime) -> None:
    """Note that whoever had the task of an alarm did it: the alarm is off the page of WeCom and all other lists; else nothing changes.

    Having the task is all that it takes: no permission is asked for.
    """
    staff = Staff.objects.filter(pk=staff_id).first()
    _note(Actor.system() if staff is None else actor_for(staff), alarm_id, now)


@transaction.atomic
def reopen_alarm_of_task(*, alarm_id: int, staff_id: int, now: datetime) -> None:
    """Let an alarm stand again whose task somebody took back; one that somebody else has looked into stays as it is."""
    mine = MassDeletion.objects.filter(pk=alarm_id, noted_at__isnull=False, noted_by_id=staff_id or None)
    if mine.update(noted_at=None, noted_by=None):
        staff = Staff.objects.filter(pk=staff_id).first()
        actor = Actor.system() if staff is None else actor_for(staff)
        audit(actor=actor, action="wecom.reopen_alarm", subject_type="wecom_alarm", subject_id=alarm_id, now=now)


def _note(actor: Actor, alarm_id: int, now: datetime) -> None:
    if MassDeletion.objects.filter(pk=alarm_id, noted_at=None).update(noted_at=now, noted_by_id=actor.staff_id):
        audit(actor=actor, action="wecom.note_alarm", subject_type="wecom_alarm", subject_id=alarm_id, now=now)
        own = f"{MANY_LOST.code}:{alarm_id}:"
        holding = {key for key in living_proposals(kind=MANY_LOST.code) if not key.startswith(own)}
        lapse(actor=Actor.system(), kind=MANY_LOST.code, holding=holding, now=now)
