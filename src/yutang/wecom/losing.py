"""What is told upwards of friendships that began and ended, and the alarm when many of a member of staff end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, Q, QuerySet

from yutang.foundation import outbox
from yutang.foundation.settings_kept import kept_setting
from yutang.wecom.events import FriendsAdded, FriendsLost, ManyCustomersDeleted
from yutang.wecom.models import Contact, EndedBy, Friendship, MassDeletion, Standing
from yutang.wecom.organisation import ALARM_DELETIONS, ALARM_HOURS, ALARM_LEAVINGS
from yutang.wecom.standing import FRIENDS, HANDED, LOST

#: What is older is history that a full look found, and is told to nobody.
RECENT = timedelta(days=1)
#: How many of an alarm are many, and how such a friendship stands; by who ended it.
_MOST = {EndedBy.STAFF: ALARM_DELETIONS, EndedBy.CUSTOMERS: ALARM_LEAVINGS}
_STANDINGS = {
    EndedBy.STAFF: frozenset({Standing.DELETED_BY_STAFF, Standing.GONE}),
    EndedBy.CUSTOMERS: frozenset({Standing.LEFT_BY_CUSTOMER}),
}
#: Which instant says that it ended so. The API lists who deleted a member of staff, so that whom a full look misses was deleted by
#: staff; of somebody who serves nobody any more, nobody is listed.
_ENDED = {
    EndedBy.STAFF: Q(standing=Standing.DELETED_BY_STAFF, ended_at=F("deleted_at"))
    | Q(standing=Standing.GONE, ended_at=F("read_at"), account__is_serving=True),
    EndedBy.CUSTOMERS: Q(standing=Standing.LEFT_BY_CUSTOMER, ended_at=F("left_at")),
}
#: A friendship as it is written, its contact, and its standing before.
Written = tuple[Friendship, Contact, str]


def tell_of_friends(written: Sequence[Written], *, now: datetime) -> None:
    """Record what began and what ended, one event for all of a batch, and raise alarms; in the caller's transaction."""
    known = [(row, contact.customer_id, before) for row, contact, before in written if contact.customer_id is not None]
    added = [
        (row.pk, person)
        for row, person, before in known
        if row.standing == FRIENDS != before and _is_recent(row.added_at, now)
    ]
    lost = [
        (row.pk, person)
        for row, person, before in known
        if row.standing in LOST
        and before not in LOST | {HANDED}
        and row.added_at is not None
        and _is_recent(row.ended_at, now)
    ]
    if added:
        outbox.record(FriendsAdded(*_columns(added)), now=now)
    if lost:
        outbox.record(FriendsLost(*_columns(lost)), now=now)
    ended = {
        by: {
            row.account_id for row, _contact, before in written if row.standing in standings and row.standing != before
        }
        for by, standings in _STANDINGS.items()
    }
    for by, accounts in ended.items():
        if accounts:
            raise_alarms(accounts, by=by, now=now)


def raise_alarms(account_ids: Collection[int], *, by: EndedBy, now: datetime) -> list[MassDeletion]:
    """Raise an alarm for each of the staff of whom many friendships ended lately, or add to the one that stands; return new ones.

    Deletions by staff of friends who had left before do not count. The window ends with the latest end, so that callbacks may
    come late.
    """
    most, hours = int(kept_setting(_MOST[by])), timedelta(hours=int(kept_setting(ALARM_HOURS)))
    ended = Friendship.objects.filter(_ENDED[by], account_id__in=list(account_ids))
    latest = dict(ended.order_by().values_list("account_id").annotate(Max("ended_at")))
    raised = []
    for account_id, last_at in latest.items():
        window = ended.filter(account_id=account_id, ended_at__gt=last_at - hours)
        found = window.aggregate(n=Count("pk"), first=Min("ended_at"))
        if found["n"] >= most:
            raised += _raise(account_id, by, found["n"], found["first"], last_at, now=now)
    return raised


def friendships_of_alarm(alarm: MassDeletion) -> QuerySet[Friendship]:
    """Return the friendships of which an alarm tells, as they stand now: what is counted is what is listed."""
    ended = Friendship.objects.filter(_ENDED[EndedBy(alarm.by)], account_id=alarm.account_id)
    return ended.filter(ended_at__gte=alarm.first_at, ended_at__lte=alarm.last_at)


def _raise(
    account_id: int, by: EndedBy, ended: int, first_at: datetime, last_at: datetime, *, now: datetime
) -> list[MassDeletion]:
    standing = MassDeletion.objects.filter(account_id=account_id, by=by, last_at__gte=first_at).first()
    if standing is not None:
        standing.last_at, standing.deleted = max(standing.last_at, last_at), max(standing.deleted, ended)
        standing.save(update_fields=["last_at", "deleted"])
        return []
    alarm = MassDeletion.objects.create(
        account_id=account_id, by=by, first_at=first_at, last_at=last_at, deleted=ended, raised_at=now
    )
    outbox.record(ManyCustomersDeleted(alarm.pk, account_id, ended, by.value), now=now)
    return [alarm]


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and at >= now - RECENT


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(key for key, _person in pairs), tuple(person for _key, person in pairs)
