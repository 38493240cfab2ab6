"""The other lane: what callbacks mean, in batches. Everything is asked anew, so that order, repetition and loss do no harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from yutang.connectors.wecom.api.groups import Group
from yutang.connectors.wecom.api.tags import TagGroup
from yutang.connectors.wecom.callbacks.receiving import reopened
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import RateLimited, Remedy, WeComError
from yutang.foundation.sealing import unseal
from yutang.wecom import claims
from yutang.wecom.asking import Answers, answers_about, groups_shown
from yutang.wecom.connecting import forget_fault, note_fault
from yutang.wecom.friend_store import write_pairs
from yutang.wecom.group_store import write_groups
from yutang.wecom.heard import Heard, Welcome, heard_of
from yutang.wecom.models import Callback, CallbackState, Friendship, Lane
from yutang.wecom.staff_store import write_changes, write_serving
from yutang.wecom.tag_store import write_tags
from yutang.wecom.words import tell_of_words

#: Callbacks of one round. While many wait, more are taken together, so that each person is asked about once.
MOST_A_ROUND, MOST_BEHIND = 200, 5_000
#: Whoever takes callbacks has so long; then somebody else may.
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
_LONGEST_PAUSE = timedelta(hours=1)
#: Nothing succeeds before somebody has changed a setting.
_ALARM_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Asked:
    """What the API said about a batch."""

    answers: Answers = field(default_factory=Answers)
    groups: dict[str, Group | None] = field(default_factory=dict)
    tags: tuple[TagGroup, ...] | None = None
    serving: tuple[str, ...] | None = None


def hear_round(client: WeCom, *, clock: Callable[[], datetime]) -> int:
    """Settle callbacks that are due and return how many; 0 where nothing is due, or WeCom does not answer.

    Args:
        client: whom to ask.
        clock: tells the time, aware UTC.
    """
    now = clock()
    behind = claims.waiting(Lane.OTHER).filter(next_at__lte=now)[: MOST_A_ROUND + 1].count() > MOST_A_ROUND
    lease = claims.claim(Lane.OTHER, most=MOST_BEHIND if behind else MOST_A_ROUND, length=LEASE, now=now)
    if not lease.rows or _is_given_up(lease, now=now):
        return len(lease.rows)
    events = [reopened(text=unseal(one.sealed_text)["text"]) for one in lease.rows]
    heard = heard_of((event, _welcome(one)) for event, one in zip(events, lease.rows, strict=True))
    try:
        asked = _asked(client, heard)
    except WeComError as error:
        note_fault(error, now=now)
        _put_back(lease, error, now=clock())
        return 0
    with transaction.atomic():
        _write(heard, asked, read_at=now, now=clock())
        tell_of_words([(one.pk, event) for event, one in zip(events, lease.rows, strict=True)], now=clock())
        claims.settle(lease, now=clock())
        forget_fault()
    return len(lease.rows)


def _welcome(row: Callback) -> Welcome | None:
    return None if row.greeted_at is None else Welcome(row.greeted_at, row.greeted_with_id)


def _is_given_up(lease: claims.Lease, *, now: datetime) -> bool:
    """Give up a callback that was taken alone again and again, and of which nobody lived to write anything down."""
    if len(lease.rows) != 1 or lease.rows[0].attempts <= MOST_ATTEMPTS or lease.rows[0].error:
        return False
    lease.rows[0].state, lease.rows[0].error, lease.rows[0].done_at = CallbackState.DEAD, "software_fault", now
    claims.write_back(lease, lease.rows, ("state", "error", "done_at"))
    return True


def _asked(client: WeCom, heard: Heard) -> Asked:
    """Ask about everything that a batch is about. Nothing is written meanwhile."""
    rows = Friendship.objects.filter(account__userid__in={userid for userid, _contact in heard.pairs}).order_by()
    customers = dict(rows.values_list("account__userid").annotate(Count("pk")))
    return Asked(
        answers=answers_about(client, heard.pairs, customers_of=customers) if heard.pairs else Answers(),
        groups=groups_shown(client, [key for key, one in heard.groups.items() if one.dismissed_at is None]),
        tags=client.tags.groups() if heard.tags_changed else None,
        serving=client.customers.staff() if heard.staff_changed else None,
    )


def _write(heard: Heard, asked: Asked, *, read_at: datetime, now: datetime) -> None:
    if asked.serving is not None:
        write_changes(renamed=heard.renamed, left=heard.left)
        write_serving(asked.serving, now=now)
    if asked.tags is not None:
        write_tags(asked.tags, now=now)
    if heard.pairs:
        write_pairs(heard.pairs, asked.answers, read_at=read_at, now=now)
    if heard.groups:
        write_groups(asked.groups, heard=heard.groups, read_at=read_at, now=now)


def _put_back(lease: claims.Lease, error: WeComError, *, now: datetime) -> None:
    """Let the callbacks wait: for the limit's window, for a setting, or longer each time; given up after the last try."""
    for one in lease.rows:
        one.error, one.lease_token = error.code, ""
        if isinstance(error, RateLimited):
            one.next_at, one.attempts = now + timedelta(seconds=error.seconds), one.attempts - 1
        elif error.remedy is Remedy.ALARM:
            one.next_at, one.attempts = now + _ALARM_PAUSE, one.attempts - 1
        elif one.attempts >= MOST_ATTEMPTS:
            one.state = CallbackState.DEAD
        else:
            one.next_at = now + min(timedelta(seconds=2.0**one.attempts), _LONGEST_PAUSE)
    claims.write_back(lease, lease.rows, ("error", "lease_token", "next_at", "attempts", "state"))
