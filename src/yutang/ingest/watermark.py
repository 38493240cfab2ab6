"""Which touched partitions a lake has taken in: exact also where transactions commit in another order than their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Ids below the highest one seen that are still looked at: a transaction that commits late has a lower id than one
#: that committed before it. No transaction stays open while this many partitions are touched by others: at a thousand
#: marks a second, more than group-buying writes, that is a quarter of an hour.
OVERLAP = 1_000_000

#: Ids from the first to the last, both included.
Run = tuple[int, int]


@dataclass(frozen=True)
class Watermark:
    """The touches that a lake holds: every id up to the floor, and those named above it.

    Attributes:
        floor: every id up to this one is taken in.
        above: ids above the floor that are taken in, as runs in order that do not meet.
    """

    floor: int = 0
    above: tuple[Run, ...] = ()

    @property
    def highest(self) -> int:
        """The highest id that is taken in."""
        return self.above[-1][1] if self.above else self.floor

    @property
    def gaps(self) -> tuple[Run, ...]:
        """Ids below the highest one that are not taken in: of transactions that were undone, or commit late."""
        ends = [self.floor, *(last for _first, last in self.above)]
        return tuple(
            (end + 1, first - 1) for end, (first, _last) in zip(ends, self.above, strict=False) if first > end + 1
        )

    def with_runs(self, runs: Iterable[Run]) -> Watermark:
        """Return the watermark after these ids are taken in too."""
        held = sorted([*self.above, *runs])
        floor = max(self.floor, max((last for _first, last in held), default=0) - OVERLAP)
        above = [(max(first, floor + 1), last) for first, last in held if last > floor]
        return Watermark(floor=floor, above=_joined(above))

    def as_json(self) -> dict[str, Any]:
        """Return the watermark as a JSON object that `from_json` reads back."""
        return {"floor": self.floor, "above": [list(each) for each in self.above]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Watermark:
        """Return the watermark that `as_json` stored."""
        return cls(floor=stored["floor"], above=tuple((first, last) for first, last in stored["above"]))


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    """Return sorted runs with those in one that meet or overlap."""
    joined: list[Run] = []
    for first, last in runs:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
