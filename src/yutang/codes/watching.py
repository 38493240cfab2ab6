"""Which codes the economics of programmes do not watch, and why: what is left out is said, not passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yutang.codes.finding import is_open, within_reach
from yutang.codes.guards import programme_of
from yutang.codes.models import Code
from yutang.economics.queries import stated_keys
from yutang.foundation.access import Actor
from yutang.kit.text import N_

#: Why a code is not watched.
UNWATCHED_TITLES: Mapping[str, str] = {
    "no_cost": N_("Not watched: what each newcomer costs is not stated."),
    "no_budget": N_("Not watched: no budget is stated, or one that is not enough for a single newcomer."),
    "currency": N_("Not watched: it is paid in another currency than yuan."),
    "no_worth": N_(
        "Not watched yet: it begins when the code is saved and what a newcomer who stays is worth is known."
    ),
}


@dataclass(frozen=True)
class Unwatched:
    """A code that is not watched; `why` is a code of `UNWATCHED_TITLES`."""

    id: int
    name: str
    why: str


def unwatched(*, access: Actor, now: datetime) -> tuple[Unwatched, ...]:
    """Return the codes in use within reach that nothing watches, the newest first.

    Args:
        access: needs ``codes.view``.
        now: aware UTC.
    """
    access.require("codes.view")
    known = stated_keys(room="code")
    rows = within_reach(access).filter(is_on=True).order_by("-pk")
    return tuple(
        Unwatched(row.pk, row.name, why_unstated(row) or "no_worth")
        for row in rows
        if programme_of(row.pk) not in known and is_open(row, now=now)
    )


def why_unstated(code: Code) -> str:
    """Return why nothing can be stated of a code; empty where it can."""
    if code.currency != "CNY":
        return "currency"
    if not code.unit_cost_minor:
        return "no_cost"
    return "" if code.unit_cost_minor <= code.budget_minor else "no_budget"
