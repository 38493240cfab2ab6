"""The one place where group-buying meets the guard and the economics of programmes: everything that is asked of them, and told to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yutang.economics import actions as economics
from yutang.economics import statements as economics_statements
from yutang.economics.queries import stated_keys
from yutang.economics.refusals import NoSuchProgramme
from yutang.foundation.access import Actor
from yutang.groupbuy.refusals import SeatWasStopped, SlowDown
from yutang.kit.text import N_, Sentence
from yutang.risk import actions as risk
from yutang.risk.asks import Ask
from yutang.risk.words import told_customer


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
        kind: ``cost``, ``joined``, ``kept``, ``left`` or ``revenue``; ``back`` takes a cost back.
        key: idempotency key; of ``back``, that of the cost.
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


def _judged(ask: SeatAsk, now: datetime) -> Told:
    """Ask the guard; the customer is told what its verdict means, and staff read its reasons at the guard."""
    found = risk.judge(
        actor=Actor.system(),
        ask=Ask(
            kind="seat",
            key=ask.key,
            person_id=ask.person_id,
            programme=ask.programme,
            device=ask.device,
            address=ask.address,
            payer=ask.payer,
            inviter_id=ask.inviter_id,
            store_id=ask.store_id,
            value_fen=ask.value_fen,
        ),
        now=now,
    )
    reason = told_customer(found.verdict) if found.is_stopped else None
    return Told(found.verdict.value, reason, found.wait_seconds)


def _told_back(keys: Sequence[str], outcome: str, now: datetime) -> None:
    risk.note_outcomes(actor=Actor.system(), keys=keys, outcome=outcome, now=now)


def _stated(statement: Statement, now: datetime) -> None:
    """State what a programme costs; one whose places cost nothing beyond their price, or without a budget, needs no guard."""
    if not statement.unit_cost_fen or not statement.budget_fen:
        return
    programme = economics_statements.Statement(
        programme=statement.programme,
        title=statement.title,
        unit_cost_fen=statement.unit_cost_fen,
        budget_fen=statement.budget_fen,
        worth_fen=statement.worth_fen or None,
    )
    economics.state(actor=Actor.system(), programme=programme, now=now)


def _noted(notes: Sequence[Note], now: datetime) -> None:
    for one in notes:
        entry = {"kind": one.kind, "key": one.key, "amount_fen": one.amount_fen, "customer_id": one.customer_id}
        try:
            if one.kind == "back":
                economics.take_back(actor=Actor.system(), programme=one.programme, key=one.key, now=now)
                continue
            economics.note(actor=Actor.system(), programme=one.programme, now=now, **entry)  # type: ignore[arg-type]
        except NoSuchProgramme:
            # Nothing was stated of it.
            return


@dataclass
class Neighbours:
    """Who is asked and told; tests put others in their place."""

    judge: Callable[[SeatAsk, datetime], Told] = field(default=_judged)
    outcomes: Callable[[Sequence[str], str, datetime], None] = field(default=_told_back)
    state: Callable[[Statement, datetime], None] = field(default=_stated)
    notes: Callable[[Sequence[Note], datetime], None] = field(default=_noted)


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
        raise SeatWasStopped(reason=reason.as_json(), key=ask.key)
    if told.verdict == "slow":
        raise SlowDown(seconds=told.wait_seconds)


def programme_of(campaign_id: int) -> str:
    """Return how others call a campaign."""
    return f"groupbuy:{campaign_id}"


def watched() -> set[str]:
    """Return the programmes of group-buying of which economics were stated."""
    return stated_keys(room="groupbuy")


def campaign_of(programme: str) -> int | None:
    """Return the campaign that others call so; None for programmes of other rooms."""
    room, _colon, number = programme.partition(":")
    return int(number) if room == "groupbuy" and number.isascii() and number.isdigit() else None
