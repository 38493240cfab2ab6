"""What others see of requests about data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yutang.kit.text import N_

KIND_TITLES: Mapping[str, str] = {
    "copy": N_("A copy of the data"),
    "correction": N_("Correction"),
    "erasure": N_("Erasure"),
    "objection": N_("No more profiling"),
}
STATE_TITLES: Mapping[str, str] = {
    "open": N_("To be answered"),
    "done": N_("Done"),
    "refused": N_("Turned down"),
}


@dataclass(frozen=True)
class RequestView:
    """Something that a person asked about their data.

    Attributes:
        customer_id: who asked; None: the person was erased since.
        words: what the person wrote; empty: nothing, or not told.
        due_date: day until which it is to be answered.
        is_late: whether that day is over and nothing was answered.
        answer: what was answered, as the person reads it.
    """

    id: int
    kind: str
    customer_id: int | None
    words: str
    state: str
    asked_at: datetime
    due_date: date
    is_late: bool
    answered_at: datetime | None
    answered_by: str
    answer: str
