"""The one place where group-buying meets the guard and the economics of programmes: everything that is asked of them, and told to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yutang.groupbuy.refusals import SeatWasStopped, SlowDown
from yutang.kit.text import N_, Sentence


@dataclass(frozen=True)
class SeatAsk:
    """What the guard is asked before somebody gets a place.

    Attributes:
        key: idempotency key of the joining.
        person_id: who.
        programme: ``groupbuy:<campaign>``.
        device: keyed hash of the device; empty: not known.
        address: network address; empty: not known.
        payer: paying account in the clear; empty: not known.
        inviter_id: by whose link the person came.
        store_id: nearest store, where the campaign is local.
        value_fen: what the place is worth to the person: the list price less the price.
    """

    key: str
    person_id: int | None
    programme: str
    device: str = ""
    address: str = ""
    payer: str = ""
    inviter_id: int | None = None
    store_id: int | None = None
    value_fen: int = 0


@dataclass(frozen=True)
class Told:
    """What the guard says.

    Attributes:
        verdict: ``allow``, ``review``, ``refuse`` or ``slow``.
        reason: in words of the guard; None: there is none.
        wait_seconds: of ``slow``.
    """

    verdict: str = "allow"
    reason: Sentence | None = None
    wait_seconds: int = 0


@dataclass(frozen=True)
class Note:
    """What the economics of a programme is told.

    Attributes:
        programme: ``groupbuy:<campaign>``.
        kind: ``cost``, ``joined``, ``kept``, ``left`` or ``revenue``.
        key: idempotency key.
    """

    programme: str
    kind: str
    key: str
    amount_fen: int = 0
    customer_id: int | None = None


@dataclass(frozen=True)
class Statement:
    """What a campaign states of itself: title, what a place costs beyond its price, budget, and worth (0: not said). Minor units."""

    programme: str
    title: str
    unit_cost_fen: int
    budget_fen: int
    worth_fen: int


def _allowed(_ask: SeatAsk, _now: datetime) -> Told:
    return Told()


def _nothing(*_told: object) -> None:
    return None


@dataclass
class Neighbours:
    """Who is asked and told. Rooms that are not there allow everything and hear nothing."""

    judge: Callable[[SeatAsk, datetime], Told] = field(default=_allowed)
    outcomes: Callable[[Sequence[str], str, datetime], None] = field(default=_nothing)
    state: Callable[[Statement, datetime], None] = field(default=_nothing)
    notes: Callable[[Sequence[Note], datetime], None] = field(default=_nothing)


NEIGHBOURS = Neighbours()


def let_in(ask: SeatAsk, *, now: datetime) -> None:
    """Ask the guard whether somebody gets a place.

    Raises:
        SeatWasStopped: no, or not before a person has looked.
        SlowDown: not so fast.
    """
    told = NEIGHBOURS.judge(ask, now)
    if told.verdict in {"refuse", "review"}:
        reason = told.reason or Sentence(N_("the shop looks into this first"))
        raise SeatWasStopped(reason=reason.as_json())
    if told.verdict == "slow":
        raise SlowDown(seconds=told.wait_seconds)


def programme_of(campaign_id: int) -> str:
    """Return how others call a campaign."""
    return f"groupbuy:{campaign_id}"
