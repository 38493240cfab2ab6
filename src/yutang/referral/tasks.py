"""Tasks of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.referral.actions import follow_orders, give_due, lapse_late, reverse_refunded
from yutang.referral.models import Invitation, InvitationState


@jobs.task()
def follow_friends(context: jobs.JobContext) -> dict[str, int]:
    """See who bought and what was given back, give what is due, and let lapse what is too late."""
    system, now = Actor.system(), context.now()
    done = follow_orders(actor=system, now=now)
    back = reverse_refunded(actor=system, now=now)
    given = give_due(actor=system, now=now)
    lapsed = lapse_late(actor=system, now=now)
    return {"done": done, "taken_back": back, "due": given, "lapsed": lapsed}


def has_friends_to_follow() -> bool:
    """Return whether a friend is on the way, or did it lately."""
    return Invitation.objects.filter(state__in=(InvitationState.CAME, InvitationState.DONE)).exists()
