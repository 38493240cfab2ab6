"""Items that are made ahead come in their order, with what went wrong where it did."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from yutang.kit.ahead import ahead


def test_the_next_item_is_made_while_this_one_is_worked_on() -> None:
    made = [threading.Event() for _ in range(3)]

    def items() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    coming = ahead(items())

    assert next(coming) == 0
    assert made[1].wait(timeout=10)
    assert list(coming) == [1, 2]


def test_nothing_is_made_of_nothing() -> None:
    assert list(ahead(iter(()))) == []


def test_what_goes_wrong_is_raised_after_what_went_well() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    coming = ahead(items())

    assert next(coming) == 1
    with pytest.raises(ValueError, match="broken"):
        next(coming)


def test_who_stops_early_waits_for_what_is_being_made() -> None:
    ended = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        ended.set()
        yield 2

    coming = ahead(items())
    next(coming)
    coming.close()

    assert ended.is_set()
