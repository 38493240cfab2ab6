"""What higher rooms know and this room needs: what a kept newcomer is worth, how organic ones do, and who is still there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yutang.economics.methods.verdicts import Organic
from yutang.kit.registry import Registry
from yutang.kit.text import Sentence


@dataclass(frozen=True)
class Worth:
    """What a newcomer who stays sells on average.

    Attributes:
        sales_fen: net sales in the year after the first day. Fen.
        people: on how many it stands. Count.
        words: where it comes from.
    """

    sales_fen: int
    people: int
    words: Sentence


@dataclass(frozen=True)
class WorthReader:
    """Somebody who knows what newcomers are worth; the first who answers is believed."""

    name: str
    reads: Callable[[datetime], Worth | None]


@dataclass(frozen=True)
class OrganicReader:
    """Somebody who knows what became of people who came by themselves; the first who answers is believed."""

    name: str
    reads: Callable[[datetime], Organic | None]


@dataclass(frozen=True)
class KeepingReader:
    """Somebody who knows who can still be reached.

    Attributes:
        name: stable name.
        reads: (people, when they came aligned by position, now) to whether each is still there; who is not known is missing. In as many
            queries for a thousand as for one.
    """

    name: str
    reads: Callable[[Sequence[int], Sequence[datetime], datetime], Mapping[int, bool]]


WORTHS: Registry[WorthReader] = Registry(what="readers of worths", name_of=lambda one: one.name)
ORGANIC: Registry[OrganicReader] = Registry(what="readers of organic newcomers", name_of=lambda one: one.name)
KEEPING: Registry[KeepingReader] = Registry(what="readers of who is kept", name_of=lambda one: one.name)


def known_worth(now: datetime) -> tuple[str, Worth] | None:
    """Return (name of the reader, worth) of the first reader that knows it; None where none does."""
    for reader in WORTHS:
        found = reader.reads(now)
        if found is not None:
            return reader.name, found
    return None


def known_organic(now: datetime) -> Organic | None:
    """Return what became of organic newcomers, by the first reader that knows it; None where none does."""
    for reader in ORGANIC:
        found = reader.reads(now)
        if found is not None:
            return found
    return None


def still_there(customer_ids: Sequence[int], joined: Sequence[datetime], now: datetime) -> dict[int, bool]:
    """Return whether people are still there: who is so for one reader is; who is known to none is missing."""
    found: dict[int, bool] = {}
    for reader in KEEPING:
        for person, is_there in reader.reads(customer_ids, joined, now).items():
            found[person] = found.get(person, False) or is_there
    return found
