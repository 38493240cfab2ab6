"""What asks for a segment in rooms above: plugged in there, asked before a segment is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from yutang.kit.registry import Registry
from yutang.kit.text import Sentence


class NamesUses(Protocol):
    """Says what would stand still without a segment."""

    def __call__(self, *, segment_id: int) -> Mapping[str, Sentence]:
        """Return what has begun or is about to and asks for the segment: what to call it, by a key that is its own."""


@dataclass(frozen=True)
class SegmentUse:
    """A room above that asks for segments."""

    name: str
    names: NamesUses


USES: Registry[SegmentUse] = Registry(what="uses of segments", name_of=lambda one: one.name)


def first_use(segment_id: int) -> Sentence | None:
    """Return what to call something that asks for a segment; None: nothing does."""
    return next((words for use in USES for words in use.names(segment_id=segment_id).values()), None)
