"""What others see of requests about data and of erasures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yutang.kit.text import N_, Sentence

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


ERASURE_TITLES: Mapping[str, str] = {
    "waiting": N_("Under way"),
    "stopped": N_("Stopped"),
    "done": N_("Done"),
}


@dataclass(frozen=True)
class ReceiptLine:
    """What one room did for an erasure.

    Attributes:
        room: its name.
        title: what it holds, for people.
        rows: how many it deleted, or took the person off.
        kept: what stays of that, without the person, and why; empty: nothing.
    """

    room: str
    title: str
    rows: int
    kept: str


@dataclass(frozen=True)
class ErasureView:
    """An erasure and its receipt.

    Attributes:
        number: number of the customer, which names nobody any more once it is done.
        records: how many records were this person.
        reason: why, as whoever asked wrote it.
        stopped_by: why it was stopped; None: it was not.
    """

    id: int
    number: int
    records: int
    reason: str
    state: str
    stopped_by: Sentence | None
    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    receipt: tuple[ReceiptLine, ...]
