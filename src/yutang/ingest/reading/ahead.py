"""Runs a producer of blocks one step ahead of its consumer, in a thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
_WAIT_SECONDS = 0.2


def read_ahead(produce: Callable[[], Iterator[Item]], *, depth: int = 1) -> Iterator[Item]:
    """Yield what `produce` yields, made in a thread up to `depth` items ahead.

    The thread ends when the consumer stops early; an exception of the producer is raised here.
    """
    ready: queue.Queue[tuple[str, Item | BaseException | None]] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(kind: str, item: Item | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                ready.put((kind, item), timeout=_WAIT_SECONDS)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in produce():
                put("item", item)
                if stopped.is_set():
                    return
        except BaseException as error:
            put("error", error)
        put("end", None)

    thread = threading.Thread(target=work, name="read-ahead", daemon=True)
    thread.start()
    try:
        while (got := ready.get())[0] == "item":
            yield got[1]  # type: ignore[misc]
        if isinstance(got[1], BaseException):
            raise got[1]
    finally:
        stopped.set()
        thread.join()
