"""Cutting many values into pieces that one statement takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

AT_ONCE = 5_000

T = TypeVar("T")


def pieces(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield values in pieces that one statement takes."""
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some
