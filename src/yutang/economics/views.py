"""What others see of programmes: how they stand, how they came there, and why they paused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yutang.economics.methods.verdicts import Organic
from yutang.kit.text import N_, Sentence

#: Why a programme pauses.
REASONS: Mapping[str, str] = {
    "cost": N_("A kept newcomer costs more than it is worth"),
    "left_at_once": N_("Too many newcomers leave at once"),
    "kept": N_("Too few newcomers stay"),
    "ordered": N_("Too few newcomers order early"),
    "budget": N_("The budget is used up"),
}


@dataclass(frozen=True)
class Numbers:
    """How a programme stands. Money in fen.

    Attributes:
        newcomers: who came since it is watched. Count.
        kept: found to be there after 7 days. Count.
        left: gone, found gone after 7 days included. Count.
        left_at_once: gone within a day. Count.
        ordered: bought something within 7 days. Count.
        cost_fen: of these newcomers, with their part of what is nobody's in particular.
        revenue_fen: sales to them, what was taken back left out.
        worth_fen: of a kept newcomer.
        low_fen: what a kept newcomer costs at least; None without a newcomer.
        high_fen: what a kept newcomer costs at most; None: nothing is known upwards.
        evidence: by claim, how far the evidence against it has come: 1 refutes.
    """

    newcomers: int = 0
    kept: int = 0
    left: int = 0
    left_at_once: int = 0
    ordered: int = 0
    cost_fen: int = 0
    revenue_fen: int = 0
    worth_fen: int = 0
    low_fen: int | None = None
    high_fen: int | None = None
    evidence: Mapping[str, float] | None = None

    @property
    def open(self) -> int:
        """Who is still there and not decided."""
        return self.newcomers - self.kept - self.left

    @property
    def at_least_fen(self) -> int | None:
        """What a kept newcomer costs if everybody stays who is not decided; None where nobody is left."""
        staying = self.kept + self.open
        return round(self.cost_fen / staying) if staying else None

    @property
    def lost_fen(self) -> int:
        """What was spent beyond the worth of all who may stay; 0 where that is more."""
        return max(self.cost_fen - self.worth_fen * (self.kept + self.open), 0)


@dataclass(frozen=True)
class PauseView:
    """A pause: why, how the programme stood, what would have been lost, and how it went on."""

    id: int
    programme: str
    title: str
    at: datetime
    reason: str
    numbers: Numbers
    saved_fen: int
    resumed_at: datetime | None
    resumed_by: str
    resume_reason: str


@dataclass(frozen=True)
class LookView:
    """How a programme stood at the end of an hour."""

    at: datetime
    numbers: Numbers


@dataclass(frozen=True)
class ProgrammeView:
    """A programme with what was stated of it and how it stands. Money in fen.

    Attributes:
        brings_newcomers: whether it is to bring people; False: only what it costs and brings is shown.
        came_before: who had come by it before anything was stated of it, and counts nowhere here. Count.
        spent_fen: of the budget, from the beginning; what was taken back left out.
        pause: why it is paused; None where it goes on.
    """

    id: int
    key: str
    title: str
    is_paused: bool
    unit_cost_fen: int
    margin_percent: int
    budget_fen: int
    worth_fen: int
    worth_source: str
    organic: Organic | None
    watched_from: datetime
    stated_at: datetime
    stated_by: str
    numbers: Numbers
    spent_fen: int
    pause: PauseView | None
    brings_newcomers: bool = True
    came_before: int = 0

    @property
    def left_fen(self) -> int:
        """What is left of the budget."""
        return max(self.budget_fen - self.spent_fen, 0)


@dataclass(frozen=True)
class Standing:
    """How a programme stands, for the programme itself.

    Attributes:
        is_paused: whether nobody new may be taken.
        reason: code in `REASONS`; empty where it goes on.
        left_fen: of the budget. Fen.
    """

    is_paused: bool
    reason: str
    left_fen: int


def rest_of(programme: ProgrammeView, pause: PauseView) -> Sentence | None:
    """Return what the rest of the budget would have bought, where newcomers are worth what they cost and yet are too bad.

    None where nothing is left of it, nobody came, or money would have been lost: that is told in money.
    """
    numbers, left = pause.numbers, programme.left_fen
    more = left // programme.unit_cost_fen if programme.unit_cost_fen else 0
    if pause.saved_fen or not more or not numbers.newcomers:
        return None
    told = {
        "left_minor": left,
        "currency": "CNY",
        "more": more,
        "at_once": round(more * numbers.left_at_once / numbers.newcomers),
        "gone": round(more * numbers.left / numbers.newcomers),
    }
    return Sentence(
        N_(
            "In money nothing would have been lost, for whoever stays is worth more than they cost. But the %(left_minor)s that are left "
            "would have bought about %(more)s more like these, of whom about %(gone)s leave, %(at_once)s of them within a day."
        ),
        told,
    )
