"""Which touched partitions a lake has taken in: exact also where transactions commit in another order than their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Ids below the highest one seen that are still looked at: a transaction that commits late has a lower id than one
#: that committed before it. No transaction stays open while this many partitions are touched by others.
OVERLAP = 10_000


@dataclass(frozen=True)
class Watermark:
    """The touches that a lake holds: every id up to the floor, and those named above it.

    Attributes:
        floor: every id up to this one is taken in.
        above: ids above the floor that are taken in, as closed ranges in order.
    """

    floor: int = 0
    above: tuple[tuple[int, int], ...] = ()

    @property
    def highest(self) -> int:
        """The highest id that is taken in."""
        return self.above[-1][1] if self.above else self.floor

    def missing(self, ids: Sequence[int]) -> list[int]:
        """Return which of the ids are not taken in yet, in their order."""
        held = {each for low, high in self.above for each in range(low, high + 1)}
        return [each for each in ids if each > self.floor and each not in held]

    def with_ids(self, ids: Iterable[int]) -> Watermark:
        """Return the watermark after these ids are taken in too."""
        held = {each for low, high in self.above for each in range(low, high + 1)} | set(ids)
        floor = max(self.floor, max(held, default=0) - OVERLAP)
        return Watermark(floor=floor, above=_ranges(sorted(each for each in held if each > floor)))

    def as_json(self) -> dict[str, Any]:
        """Return the watermark as a JSON object that `from_json` reads back."""
        return {"floor": self.floor, "above": [list(each) for each in self.above]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Watermark:
        """Return the watermark that `as_json` stored."""
        return cls(floor=stored["floor"], above=tuple((low, high) for low, high in stored["above"]))


def _ranges(ids: list[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for each in ids:
        if ranges and ranges[-1][1] == each - 1:
            ranges[-1] = (ranges[-1][0], each)
        else:
            ranges.append((each, each))
    return tuple(ranges)
