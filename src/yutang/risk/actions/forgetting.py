"""What is forgotten: decisions and traces that are over, and people who are erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.queries import organisation_setting
from yutang.foundation.sealing import seal
from yutang.risk.facts import WINDOW
from yutang.risk.models import Appeal, Decision, Invitation, ListEntry, Standing, Tie, Trace
from yutang.risk.organisation import KEEP_DAYS
from yutang.risk.pieces import pieces

#: Rows of one transaction.
_BATCH = 5_000


def forget_old(*, actor: Actor, now: datetime) -> dict[str, int]:
    """Delete decisions older than the setting says, and traces that no window reaches any more; return how many those were.

    Args:
        actor: needs ``guard.change``.
        now: when. Aware UTC.
    """
    actor.require("guard.change")
    before = now - timedelta(days=int(organisation_setting(KEEP_DAYS)))
    decisions = traces = 0
    while deleted := _delete_decisions(before):
        decisions += deleted
    # Windows reach back 30 days; five more, for what became of it.
    reached = int(now.timestamp()) - WINDOW - 5 * 86_400
    while deleted := _delete_traces(reached):
        traces += deleted
    return {"decisions": decisions, "traces": traces}


@transaction.atomic
def _delete_decisions(before: datetime) -> int:
    keys = list(Decision.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:_BATCH])
    Decision.objects.filter(pk__in=keys).delete()
    return len(keys)


@transaction.atomic
def _delete_traces(before: int) -> int:
    keys = list(Trace.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:_BATCH])
    Trace.objects.filter(pk__in=keys).delete()
    return len(keys)


@transaction.atomic
def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people out of everything that the guard keeps, and return how many decisions that were: for an erasure.

    What was decided stays for the books, without the person; ties, invitations, score, entries on lists and words of appeals
    do not.

    Args:
        actor: needs ``guard.change``.
        customer_ids: who.
        now: when. Aware UTC.
    """
    actor.require("guard.change")
    forgotten = 0
    for some in pieces(customer_ids):
        decisions = Decision.objects.filter(customer_id__in=some)
        Appeal.objects.filter(decision__in=decisions.values("pk")).update(sealed_words=seal({"words": ""}))
        ListEntry.objects.filter(customer_id__in=some).update(customer_id=None, reason="", ended_at=now)
        forgotten += decisions.update(customer_id=None)
        Trace.objects.filter(customer_id__in=some).update(
            customer_id=None, device=None, address=None, block=None, payer=None, place=None
        )
        Trace.objects.filter(inviter_id__in=some).update(inviter_id=None)
        Tie.objects.filter(customer_id__in=some).delete()
        Invitation.objects.filter(inviter_id__in=some).delete()
        Invitation.objects.filter(invitee_id__in=some).delete()
        Standing.objects.filter(pk__in=some).delete()
    return forgotten
