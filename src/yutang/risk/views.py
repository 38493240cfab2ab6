"""What others see of the guard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yutang.kit.text import Sentence


@dataclass(frozen=True)
class AppealView:
    """An appeal; the words are empty for who may not decide about it."""

    id: int
    made_at: datetime
    is_by_customer: bool
    made_by: str
    words: str
    state: str
    answer: str
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True)
class DecisionView:
    """One decision.

    Attributes:
        reasons: ``{"code", "params"}``, the strongest first.
        facts: numbers by fact; those of 0 left out.
        shadow_verdict: what the version on trial would have said; empty: none was.
        settled: ``let_through`` or ``kept_stopped`` once somebody has decided; empty before.
        has_appeal: whether another look was asked for.
    """

    id: int
    key: str
    kind: str
    customer_id: int | None
    programme: str
    store_id: int | None
    value_fen: int
    at: datetime
    verdict: str
    wait_seconds: int
    points: int
    reasons: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, int]
    rules_version: int
    shadow_version: int | None
    shadow_verdict: str
    settled: str
    settled_at: datetime | None
    settled_by: str
    outcome: str
    has_appeal: bool = False
    appeal_state: str = ""
    appeal: AppealView | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether nothing may be given now."""
        return self.verdict != "allow" and self.settled != "let_through"


@dataclass(frozen=True)
class DecisionPage:
    """A page of decisions, newest first; `next_key` is None on the last."""

    rows: tuple[DecisionView, ...]
    next_key: int | None


@dataclass(frozen=True)
class DecisionFilters:
    """What a list of decisions is narrowed to; empty: not."""

    verdict: str = ""
    kind: str = ""
    programme: str = ""
    customer_id: int | None = None
    store_id: int | None = None
    is_stopped: bool = False
    is_waiting: bool = False
    is_appealed: bool = False
    is_wrong: bool = False


@dataclass(frozen=True)
class Day:
    """What came on one day, by verdict. Counts."""

    day: date
    allow: int = 0
    slow: int = 0
    review: int = 0
    refuse: int = 0


@dataclass(frozen=True)
class ReasonCount:
    """How often something was the strongest reason, and by which numbers.

    Attributes:
        code: of the fact, or of a list.
        count: of those stopped.
        least, middle, most: numbers of the fact, the middle one the median; None where it has none.
    """

    code: str
    count: int
    least: int | None = None
    middle: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Panel:
    """What came, what was stopped, what that saved, and what was stopped wrongly: one account.

    What came was let through, slowed down or stopped; what was stopped stays so, waits, or was let through after a look.

    Attributes:
        allowed: let through at once.
        slowed: asked to wait, and not asked again since.
        refused, left_to_person: what was answered to those stopped.
        stays: stopped for good: refused, or kept stopped by a person.
        undecided: left to a person, and nobody has decided yet.
        wrongly: stopped, and let through by a person afterwards.
        saved_fen: worth of what stays stopped, of each person and programme once, left out where they got it by another ask. Fen.
        waiting: to be looked at now, of whatever age.
        appeals: open now.
        days: by business day, the oldest first.
        kinds: (kind, came, stopped) by kind.
        reasons: strongest reasons of those stopped, the most frequent first.
        outcomes: counts of what became of those who were let through at once.
    """

    came: int = 0
    allowed: int = 0
    slowed: int = 0
    refused: int = 0
    left_to_person: int = 0
    stays: int = 0
    undecided: int = 0
    wrongly: int = 0
    saved_fen: int = 0
    waiting: int = 0
    appeals: int = 0
    days: tuple[Day, ...] = ()
    kinds: tuple[tuple[str, int, int], ...] = ()
    reasons: tuple[ReasonCount, ...] = ()
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def stopped(self) -> int:
        """Everything that was stopped at first, whatever became of it."""
        return self.refused + self.left_to_person


@dataclass(frozen=True)
class Answers:
    """What the guard answered in one programme to those who were not let through at once. Counts.

    Attributes:
        slow: asked to wait, and not asked again since.
        waiting: left to a person, and nobody has decided yet.
        stays: refused, or kept stopped by a person.
        let_through: stopped, and let through by a person afterwards.
        latest: the newest of all of these.
    """

    slow: int = 0
    waiting: int = 0
    stays: int = 0
    let_through: int = 0
    latest: tuple[DecisionView, ...] = ()


@dataclass(frozen=True)
class StandingView:
    """What the guard knows of a person.

    Attributes:
        score: 0 to 100; the higher, the safer.
        parts: points by part.
        community: (people, percent that share a device or account, people who never bought); None: none.
    """

    customer_id: int
    score: int
    parts: Mapping[str, int]
    invited: int
    invited_known: int
    invited_left: int
    ring: int
    stopped: int
    community: tuple[int, int, int] | None
    changed_at: datetime


@dataclass(frozen=True)
class ListEntryView:
    """An entry of a list; of what is no person only the kind is known."""

    id: int
    subject: str
    customer_id: int | None
    effect: str
    reason: str
    until: datetime | None
    made_by: str
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class VersionView:
    """A version of the rules; 0 are those that come with the product."""

    version: int
    state: str
    body: Mapping[str, Any]
    note: str
    made_by: str
    made_at: datetime | None
    in_force_at: datetime | None


@dataclass(frozen=True)
class Trial:
    """What other rules would have said of the same facts.

    Attributes:
        looked_at: decisions that were looked at.
        moves: counts by (verdict that was given, verdict that would have been).
        newly_stopped, newly_let: of them stopped or let through only by the other rules.
        stopped_good: newly stopped of whom it is known that they stayed or bought.
        stopped_bad: newly stopped who left at once or were refunded.
        let_bad: newly let through who had left at once, or whom a person kept stopped.
        let_good: newly let through whom a person had let through.
        saved_fen: worth of what only the other rules stop, less that of what only these stop. Fen.
    """

    looked_at: int
    moves: Mapping[tuple[str, str], int]
    newly_stopped: int
    newly_let: int
    stopped_good: int
    stopped_bad: int
    let_bad: int
    let_good: int
    saved_fen: int


@dataclass(frozen=True)
class AppealPage:
    """What a person sees of what was stopped: of what kind the signs are, but no fact and no rule.

    Attributes:
        key: idempotency key of the ask, for the room that asked.
        why: of what kind the strongest sign is.
        verdict: as it holds now; ``allow`` once it was let through.
        state: ``open``, ``granted`` or ``declined``; empty: nobody asked for another look.
    """

    decision_id: int
    key: str
    kind: str
    at: datetime
    why: Sentence
    verdict: str
    state: str
    answer: str


@dataclass(frozen=True)
class AnotherLook:
    """What whoever was stopped is told where it happens.

    Attributes:
        told: that it was, and what is next.
        why: of what kind the strongest sign is.
        token: of the link by which they ask for another look.
    """

    told: Sentence
    why: Sentence
    token: str
