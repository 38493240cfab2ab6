"""What the room does when it hears that friendships ended, and that many did."""

from __future__ import annotations

from datetime import datetime

from yutang.economics.actions import note_who_left
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.wecom.actions.alarms import note_alarm_of_task, reopen_alarm_of_task
from yutang.wecom.alarm_tasks import MANY_LOST, alarm_drafts
from yutang.wecom.events import FriendsLost, ManyCustomersDeleted
from yutang.wecom.models import MassDeletion
from yutang.wecom.newcomers import reachable
from yutang.worklist.actions import propose
from yutang.worklist.events import ProposalDone, ProposalTakenBack
from yutang.worklist.queries import is_done


@handles(FriendsLost)
def tell_who_left(event: FriendsLost, *, event_id: int, now: datetime) -> None:
    """Note of newcomers who cannot be reached by anybody any more that they left."""
    people = sorted(set(event.customer_ids))
    there = reachable(people, [now] * len(people), now)
    gone = [one for one in people if not there.get(one, False)]
    note_who_left(actor=Actor.system(), customer_ids=gone, key=f"friends_lost:{event_id}", now=now)


@handles(ManyCustomersDeleted)
def ask_why_many_ended(event: ManyCustomersDeleted, *, event_id: int, now: datetime) -> None:
    """Put the alarm on the lists of whom it concerns; one that somebody has looked into meanwhile concerns nobody."""
    alarm = MassDeletion.objects.filter(pk=event.alarm_id, noted_at=None).select_related("account__staff").first()
    if alarm is not None:
        propose(actor=Actor.system(), drafts=alarm_drafts(alarm), now=now)


@handles(ProposalDone)
def note_who_found_out(event: ProposalDone, *, event_id: int, now: datetime) -> None:
    """Note an alarm as looked into by whoever did its task; one whose task was taken back meanwhile stands."""
    if event.kind == MANY_LOST.code and is_done(proposal_id=event.proposal_id):
        note_alarm_of_task(alarm_id=event.subject_id, staff_id=event.staff_id, now=now)


@handles(ProposalTakenBack)
def let_the_alarm_stand(event: ProposalTakenBack, *, event_id: int, now: datetime) -> None:
    """Let an alarm stand again whose task was not done after all."""
    if event.kind == MANY_LOST.code and not is_done(proposal_id=event.proposal_id):
        reopen_alarm_of_task(alarm_id=event.subject_id, staff_id=event.staff_id, now=now)
