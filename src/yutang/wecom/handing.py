"""How WeCom is asked to hand friends over, once each, and how it is learnt what became of it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from yutang.connectors.wecom.api.handover import CUSTOMERS, HandoverResult, HandoverStatus
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import Remedy, WeComError
from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.wecom.models import OPEN_HANDOVERS, Account, Friendship, Handover, HandoverState, Standing

_S = HandoverState
#: Whoever asked so long ago and did not write down the answer was killed.
_LOST_AFTER = timedelta(minutes=10)
_MOST_SHOWN = 200
_ENDS: Final[Mapping[HandoverStatus, HandoverState]] = {
    HandoverStatus.DONE: _S.DONE,
    HandoverStatus.REFUSED: _S.REFUSED,
    HandoverStatus.TAKER_FULL: _S.FULL,
    HandoverStatus.NONE: _S.FAILED,
}


class Pair(NamedTuple):
    """Between whom, and whether the one who gives has left."""

    giver: str
    taker: str
    is_of_left: bool


@dataclass(frozen=True)
class HandoverView:
    """What became of the hand-over of one friend.

    Attributes:
        customer_id: who it is; None where nobody is known to be it.
        taker_id: key of the member of staff who takes over; None where nobody is known to be it.
        state: one of `HandoverState`.
        errcode: code of WeCom with which it was refused.
        since: when it came to this state, as far as is known.
    """

    customer_id: int | None
    taker_id: int | None
    state: str
    errcode: int | None
    since: datetime


@dataclass(frozen=True)
class HandoversOf:
    """The hand-overs of the friends of one member of staff.

    Attributes:
        is_known: whether it is known who they are in WeCom.
        has_left: whether they left the corp.
        friends: who is still theirs in WeCom, and not asked for. Count.
        going: of these, whom a taker would get; 0 without one. Count.
        counts: hand-overs by state.
        latest: the latest ones, at most 200.
    """

    is_known: bool
    has_left: bool
    friends: int
    going: int
    counts: Mapping[str, int]
    latest: tuple[HandoverView, ...]


def account_of(staff_id: int) -> Account | None:
    """Return who a member of staff is in WeCom."""
    return Account.objects.filter(staff_id=staff_id).first()


def may_serve(account: Account) -> bool:
    """Return whether somebody is there and has customers."""
    return account.is_serving and account.left_at is None


def friends_to_hand_over(account: Account, *, taker_id: int, reach: Collection[int] | None) -> QuerySet[Friendship]:
    """Return the friends whom a taker looks after here, or whom nobody does and whose store the taker sees."""
    within = Q() if reach is None else Q(contact__customer__store=None) | Q(contact__customer__store__in=list(reach))
    nobodys = Q(contact__customer=None) | (Q(contact__customer__owner=None) & within)
    return _friends(account).filter(Q(contact__customer__owner_id=taker_id) | nobodys)


def handovers_of(
    *, access: Actor, staff_id: int, taker_id: int | None = None, reach: Collection[int] | None = None
) -> HandoversOf:
    """Return how the hand-over of somebody's friends in WeCom stands.

    Args:
        access: needs ``staff.manage``; whom they may name is for the caller to ask.
        staff_id: whose friends they are, or were.
        taker_id: who is to take over; None: nobody yet.
        reach: stores that the taker sees; None: all.
    """
    access.require("staff.manage")
    account = account_of(staff_id)
    if account is None:
        return HandoversOf(is_known=False, has_left=False, friends=0, going=0, counts={}, latest=())
    rows = Handover.objects.filter(friendship__account=account)
    latest = rows.select_related("friendship__contact", "taker")[:_MOST_SHOWN]
    going = 0 if taker_id is None else friends_to_hand_over(account, taker_id=taker_id, reach=reach).count()
    return HandoversOf(
        is_known=True,
        has_left=account.left_at is not None,
        friends=_friends(account).count(),
        going=going,
        counts=Counter(rows.order_by().values_list("state", flat=True)),
        latest=tuple(
            HandoverView(
                customer_id=row.friendship.contact.customer_id,
                taker_id=row.taker.staff_id,
                state=row.state,
                errcode=row.errcode,
                since=row.ended_at or row.told_at or row.asked_at,
            )
            for row in latest
        ),
    )


def has_open_handovers() -> bool:
    """Return whether any hand-over waits for WeCom or a customer."""
    return Handover.objects.filter(state__in=OPEN_HANDOVERS).exists()


def ask_wecom(client: WeCom, *, now: datetime) -> int:
    """Have WeCom begin what nobody asked it for yet, and return how many hand-overs it began.

    Raises:
        WeComError: it helps to try later.
    """
    begun = 0
    for pair, rows in _by_pair(_S.ASKED):
        for start in range(0, len(rows), CUSTOMERS):
            begun += _ask(client, pair, rows[start : start + CUSTOMERS], now)
    return begun


def look_at_results(client: WeCom, *, now: datetime) -> int:
    """Write down what became of what WeCom began, and return how many hand-overs ended.

    What was asked for and got no answer is found among the results, else it is asked for again.

    Raises:
        WeComError: WeCom did not answer.
    """
    lost = Q(state=_S.HANDING, told_at__lt=now - _LOST_AFTER)
    ended = 0
    for pair, rows in _by_pair(_S.WAITING, lost):
        told = {one.external_userid: one for one in _results(client, pair)}
        for row in rows:
            ended += _note(row, told.get(_external_userid(row)), now)
    return ended


def _friends(account: Account) -> QuerySet[Friendship]:
    asked = Handover.objects.filter(friendship=OuterRef("pk"), state__in=OPEN_HANDOVERS)
    theirs = Q(standing=Standing.FRIENDS)
    if account.left_at is not None:
        # Of somebody who left WeCom soon shows no friends any more; they can be handed over all the same.
        theirs |= Q(standing=Standing.GONE, ended_at__gte=account.left_at)
    return Friendship.objects.filter(theirs, account=account).exclude(Exists(asked) | Exists(_handed()))


def _handed() -> QuerySet[Handover]:
    """Return what was handed over for good, of a friendship in a question; who is a friend again later can be handed over again."""
    return Handover.objects.filter(friendship=OuterRef("pk"), state=_S.DONE).exclude(
        friendship__added_at__gt=F("ended_at")
    )


def _by_pair(state: str, more: Q | None = None) -> Iterator[tuple[Pair, list[Handover]]]:
    wanted = Q(state=state) if more is None else Q(state=state) | more
    rows = (
        Handover.objects.filter(wanted)
        .order_by("pk")
        .select_related("friendship__account", "friendship__contact", "taker")
    )
    found: dict[Pair, list[Handover]] = {}
    for row in rows:
        found.setdefault(Pair(row.friendship.account.userid, row.taker.userid, row.is_of_left), []).append(row)
    yield from found.items()


def _ask(client: WeCom, pair: Pair, rows: Sequence[Handover], now: datetime) -> int:
    token = secrets.token_hex(16)
    keys = [row.pk for row in rows]
    Handover.objects.filter(pk__in=keys, state=_S.ASKED).update(state=_S.HANDING, lease_token=token, told_at=now)
    mine = Handover.objects.filter(state=_S.HANDING, lease_token=token)
    held = set(mine.values_list("pk", flat=True))
    named = {row.pk: _external_userid(row) for row in rows if row.pk in held}
    # Whoever was forgotten meanwhile cannot be named any more.
    mine.filter(pk__in=[key for key, name in named.items() if not name]).update(state=_S.FAILED, ended_at=now)
    asked = {name: key for key, name in named.items() if name}
    if not asked:
        return 0
    start = client.handovers.start_of_left if pair.is_of_left else client.handovers.start
    try:
        told = start(giver=pair.giver, taker=pair.taker, external_userids=list(asked))
    except WeComError as error:
        if error.remedy is Remedy.REPEAT_IF_SAFE:
            # Nobody knows whether it began: the results tell.
            raise
        if error.may_help_later or error.remedy is Remedy.ALARM:
            mine.update(state=_S.ASKED, lease_token="", told_at=None)
            raise
        mine.update(state=_S.FAILED, errcode=error.errcode, ended_at=now)
        return 0
    refused = {one.external_userid: one.errcode for one in told if one.errcode}
    for external, errcode in refused.items():
        mine.filter(pk=asked[external]).update(state=_S.FAILED, errcode=errcode, ended_at=now)
    begun = [asked[one.external_userid] for one in told if not one.errcode and one.external_userid in asked]
    return mine.filter(pk__in=begun).update(state=_S.WAITING)


def _results(client: WeCom, pair: Pair) -> Iterator[HandoverResult]:
    results = client.handovers.results_of_left if pair.is_of_left else client.handovers.results
    yield from results(giver=pair.giver, taker=pair.taker)


def _note(row: Handover, told: HandoverResult | None, now: datetime) -> int:
    here = Handover.objects.filter(pk=row.pk, state=row.state)
    if told is None:
        if row.state == _S.HANDING:
            here.update(state=_S.ASKED, lease_token="", told_at=None)
        return 0
    if told.status is HandoverStatus.WAITING:
        here.update(state=_S.WAITING)
        return 0
    return here.update(state=_ENDS[told.status], ended_at=told.taken_at or now)


def _external_userid(row: Handover) -> str:
    return str(unseal(bytes(row.friendship.contact.sealed_card)).get("external_userid", ""))
