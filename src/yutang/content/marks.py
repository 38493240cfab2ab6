"""A place in a text that is known by its form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """Something that is known by its form.

    Attributes:
        start: where it begins; `end`: where it ends. Characters from 0.
        code: what it is, a reason of `checking.REASONS`.
        blocks: whether nothing is approved with it.
        instead: what could stand there.
    """

    start: int
    end: int
    code: str
    blocks: bool
    instead: str = ""
