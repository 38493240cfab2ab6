"""What of this room the lake must read again: the room above that keeps its marks plugs in how one is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol


class Marking(Protocol):
    """Writes marks."""

    def __call__(self, table: str, partitions: Iterable[str], *, now: datetime) -> None:
        """Mark partitions of a published table as changed, in the transaction of the change."""


_plugged: list[Marking] = []


def plug_in(marking: Marking) -> None:
    """Let marks be written by this from now on; there is one lake, and so one who writes its marks."""
    _plugged[:] = [marking]


def mark_stores(*, now: datetime) -> None:
    """Mark the stores as changed, in the transaction of the change."""
    for marking in _plugged:
        marking("foundation_store", ["all"], now=now)
