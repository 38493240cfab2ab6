"""The one place at which this room asks the guard against abuse, in the guard's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from yutang.foundation.access import Actor
from yutang.referral.models import Invitation
from yutang.risk.actions import judge, settle_for_programme
from yutang.risk.asks import Ask
from yutang.risk.words import sentence_of

_KEY = re.compile(r"referral:(?P<programme_id>[0-9]+):(?P<friend_id>[0-9]+)")


@dataclass(frozen=True)
class Asked:
    """A friend who wants to come.

    Attributes:
        key: idempotency key: the same gets the same answer.
        programme_id: the programme.
        friend_id: the friend.
        inviter_id: the customer who invited.
        device: what the browser is known by; empty: not known.
        address: network address; empty: not known.
        value_fen: what both would get. Fen.
    """

    key: str
    programme_id: int
    friend_id: int
    inviter_id: int | None
    device: str
    address: str
    value_fen: int


@dataclass(frozen=True)
class Judged:
    """What the guard says: ``allow``, ``review``, ``refuse`` or ``slow``, why as sentences in JSON, and how long to wait. Seconds."""

    verdict: str = "allow"
    reasons: tuple[Any, ...] = ()
    wait_seconds: int = 0


class Judges(Protocol):
    """Decides about friends."""

    def __call__(self, *, actor: Actor, asked: Asked, now: datetime) -> Judged:
        """Return the decision."""


def _guard(*, actor: Actor, asked: Asked, now: datetime) -> Judged:
    ask = Ask(
        kind="referral",
        key=asked.key,
        person_id=asked.friend_id,
        programme=programme_name(asked.programme_id),
        device=asked.device,
        address=asked.address,
        inviter_id=asked.inviter_id,
        value_fen=asked.value_fen,
    )
    found = judge(actor=actor, ask=ask, now=now)
    reasons = tuple(sentence_of(one).as_json() for one in found.reasons)
    return Judged(str(found.verdict), reasons, found.wait_seconds)


#: Who decides.
judges: Judges = _guard


def judged(*, actor: Actor, asked: Asked, now: datetime) -> Judged:
    """Return what the guard says of a friend who wants to come."""
    return judges(actor=actor, asked=asked, now=now)


def settle_by_room(actor: Actor, row: Invitation, *, is_right: bool, now: datetime) -> None:
    """Tell the guard what somebody of this room decided about an invitation that it stopped, so that it waits there no longer."""
    if row.friend_id is not None:
        settle_for_programme(
            actor=actor, kind="referral", programme=programme_name(row.programme_id), customer_id=row.friend_id,
            is_let_through=is_right, now=now,
        )  # fmt: skip


def decision_key(*, programme_id: int, friend_id: int) -> str:
    """Return the key under which the guard is asked about a friend."""
    return f"referral:{programme_id}:{friend_id}"


def about_in(key: str) -> dict[str, int] | None:
    """Return of which programme and friend such a key is, as conditions on invitations; None for keys of other programs."""
    found = _KEY.fullmatch(key)
    return {name: int(number) for name, number in found.groupdict().items()} if found else None


def programme_name(programme_id: int) -> str:
    """Return what a programme is called at the guard."""
    return f"referral:{programme_id}"


def programme_in(name: str) -> int | None:
    """Return the programme of this room that the guard calls so; None for those of other rooms."""
    room, _colon, number = name.partition(":")
    return int(number) if room == "referral" and number.isascii() and number.isdigit() else None
