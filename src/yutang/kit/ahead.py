"""Items that are made ahead: the next one comes about while the present one is worked on."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Generator[Item]:
    """Yield the same items in the same order; a thread makes the next one while the caller works on this one.

    Two items are held at a time. What making an item raises is raised where it would have been yielded. Whoever stops early waits for
    the item that is being made.

    Args:
        items: made one after the other, each in the same thread, which is not the caller's.
    """
    end = object()
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = beside.submit(next, items, end)
            yield item  # type: ignore[misc]
