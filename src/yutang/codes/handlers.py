"""What the room does when it hears of friendships and groups; a second time it finds everything done."""

from __future__ import annotations

from datetime import datetime

from yutang.codes.actions import hold_code, release_code
from yutang.codes.coming import write_departures, write_group_joins, write_newcomers
from yutang.codes.guards import newcomer_in
from yutang.codes.tasks import ask_for_welcome
from yutang.codes.welcoming import welcome_after_all
from yutang.economics.events import ProgrammePaused, ProgrammeResumed
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.risk.events import Settled
from yutang.wecom.events import FriendsAdded, FriendsLost, GroupsJoined


@handles(FriendsAdded)
def follow_newcomers(event: FriendsAdded, *, event_id: int, now: datetime) -> None:
    """Write down who came by a code, and who came back."""
    came = write_newcomers(friendship_ids=event.friendship_ids)
    write_departures(customer_ids=event.customer_ids, now=now)
    if came:
        ask_for_welcome(now=now)


@handles(FriendsLost)
def follow_departures(event: FriendsLost, *, event_id: int, now: datetime) -> None:
    """Write down who left for good."""
    write_departures(customer_ids=event.customer_ids, now=now)


@handles(GroupsJoined)
def follow_group_joins(event: GroupsJoined, *, event_id: int, now: datetime) -> None:
    """Write down who came into the group to which a code leads."""
    write_group_joins(customer_ids=event.customer_ids, now=now)


@handles(ProgrammePaused)
def follow_pauses(event: ProgrammePaused, *, event_id: int, now: datetime) -> None:
    """Hold a code that the economics paused."""
    code_id = _code_of(event.programme)
    if code_id:
        hold_code(actor=Actor.system(), code_id=code_id, now=now)


@handles(ProgrammeResumed)
def follow_resumptions(event: ProgrammeResumed, *, event_id: int, now: datetime) -> None:
    """Let a code go on that somebody resumed."""
    code_id = _code_of(event.programme)
    if code_id:
        release_code(actor=Actor.system(), code_id=code_id, now=now)


@handles(Settled)
def follow_what_the_guard_settled(event: Settled, *, event_id: int, now: datetime) -> None:
    """Let everything follow for a newcomer whom somebody lets through after a look."""
    newcomer_id = newcomer_in(event.key) if event.kind == "join" and event.is_let_through else None
    if newcomer_id is not None:
        welcome_after_all(newcomer_id=newcomer_id, now=now)


def _code_of(programme: str) -> int:
    """Return the code that a programme is; 0 where it is another's."""
    room, _colon, key = programme.partition(":")
    return int(key) if room == "code" and key.isascii() and key.isdecimal() else 0
