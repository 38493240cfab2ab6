"""Care for memory: in passes that make hundreds of thousands of small objects, and in processes that stay."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hold the search for reference cycles back during a bounded pass that makes none; it took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def available_bytes() -> int:
    """Return how much memory can be had without driving something out; without bound where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return sys.maxsize
    sizes = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(sizes["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in sizes else sys.maxsize


def settle() -> None:
    """Put everything made so far out of the search for reference cycles, and search less often.

    For a process that answers requests, called when it is loaded: what it loaded stays until it ends, and looking
    through all of it took 60 ms in the middle of some request.
    """
    gc.collect()
    gc.freeze()
    # At the end everything is looked through again: extensions complain of objects that outlive them.
    atexit.register(gc.unfreeze)
    gc.set_threshold(20_000, 20, 20)
