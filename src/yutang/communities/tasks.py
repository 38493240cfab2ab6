"""Tasks of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.communities.actions import judge_groups, read_statistics
from yutang.communities.models import Place, PlaceState
from yutang.communities.moving_over import ask_over
from yutang.communities.registering import living
from yutang.communities.settling import settle_places
from yutang.connectors.wecom.errors import WeComError
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.kit.text import N_, Sentence
from yutang.wecom.models import Group
from yutang.wecom.queries import connection

#: Days of statistics that are asked for where none of a day are known: WeCom answers slowly in the morning, or not at all.
_STATISTICS_DAYS = 3
#: The code of a group is made within a minute where WeCom is connected.
_A_MOMENT = timedelta(minutes=1)
_NO_CODE = N_("The code of the group into which people are asked is being made.")


@jobs.task(max_attempts=3)
def read_group_statistics(context: jobs.JobContext) -> dict[str, int]:
    """Ask WeCom how many members wrote in the groups of each owner."""
    client = connection()
    if client is None:
        return {"rows": 0}
    try:
        return {"rows": read_statistics(actor=Actor.system(), client=client, days=_STATISTICS_DAYS, now=context.now())}
    except WeComError as error:
        if error.may_help_later:
            raise jobs.Retry(error.sentence, after=timedelta(minutes=20)) from error
        raise


@jobs.task(max_attempts=3)
def judge_groups_nightly(context: jobs.JobContext) -> dict[str, int]:
    """Look at every group: how alive it is, what to do, and what came of what was done."""
    found = judge_groups(actor=Actor.system(), now=context.now())
    return {"groups": found.groups, "changed": found.changed, "needing": found.needing, "proposed": found.proposed}


@jobs.task()
def settle_group_places(context: jobs.JobContext) -> dict[str, int]:
    """Write down who came, and free places that nobody took."""
    return settle_places(actor=Actor.system(), now=context.now())


@jobs.task(max_attempts=60)
def ask_members_over(context: jobs.JobContext, deed_id: int) -> dict[str, int]:
    """Ask members of a group that is merged or split over into the other, as soon as that one has a code."""
    found = ask_over(deed_id=deed_id, now=context.now())
    if not found.is_ready:
        raise jobs.Retry(Sentence(_NO_CODE), after=_A_MOMENT)
    return {"asked": found.people}


def has_groups() -> bool:
    """Return whether there is a living group."""
    return Group.objects.filter(dismissed_at=None).exists() or living().exists()


def has_held_places() -> bool:
    """Return whether a place is kept for somebody."""
    return Place.objects.filter(state=PlaceState.HELD).exists()
