"""Kinds of proposals: what to do, by when, and what can come of it. Higher rooms plug theirs in."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.kit.registry import Registry
from yutang.kit.text import N_

#: Why a proposal may be dismissed so that nobody proposes the customer again for a year.
UNWANTED = "unwanted"


@dataclass(frozen=True)
class Outcome:
    """What came of a proposal: a stable code and what a person reads, marked with `N_`."""

    code: str
    title: str


@dataclass(frozen=True)
class ProposalKind:
    """One kind of proposal.

    Attributes:
        code: stable name.
        title: what is to be done, marked with `N_`.
        advice: how to do it well, marked with `N_`.
        ordinal: place on the board; lower is higher up.
        due_days: the deadline is the end of the day so many days after the proposal. Days.
        lapses_after_days: so many days after the deadline it is no longer worth doing. Days.
        outcomes: what can come of doing it.
        dismissals: why it may not be worth doing.
        chance: how often a touch brings an order that would not have come without it, assumed until enough was done to
            measure it (see `worklist.chances`). 0-1.
        is_capped: whether it counts into what one person gets on a day; only what is about a customer does.
        sells: whether it may end in an offer: who said no to promotion is left out.
        again_after_days: so long after one proposal a customer gets none of the kind, whatever the reason; 0: the reason alone
            decides. Days.
        is_called: whether it is done by a word with the customer, so that their number is at hand beside it.
        is_heard: whether the room that plugged it in hears when somebody did it (`events.ProposalDone`).
    """

    code: str
    title: str
    advice: str
    ordinal: int
    due_days: int
    lapses_after_days: int
    outcomes: tuple[Outcome, ...]
    chance: float = 1.0
    dismissals: tuple[Outcome, ...] = (
        Outcome("already_done", N_("Already done")),
        Outcome("not_worth_it", N_("Not worth it")),
        Outcome("wrong_person", N_("Wrong person")),
        Outcome(UNWANTED, N_("Does not want to be contacted")),
        Outcome("other", N_("Another reason")),
    )
    is_capped: bool = True
    sells: bool = False
    again_after_days: int = 0
    is_called: bool = False
    is_heard: bool = False


KINDS: Registry[ProposalKind] = Registry(what="kinds of proposals", name_of=lambda kind: kind.code)
