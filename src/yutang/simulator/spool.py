"""Orders on disk between drawing and writing: they are drawn person by person and written day by day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from yutang.simulator.orders import DAY, ORDER, Orders

#: Most orders of one block of rows; the memory of a load of any size is a few of these.
BLOCK_ROWS: Final = 16_384


class Spool:
    """Sorts orders by time through one small file a day."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._days: set[int] = set()

    def add(self, orders: Orders) -> None:
        """Take orders in any order of time."""
        if not len(orders):
            return
        orders = orders[np.argsort(orders["second"], kind="stable")]
        days = orders["second"] // DAY
        present, begins = np.unique(days, return_index=True)
        ends = [*begins[1:].tolist(), len(orders)]
        for day, begin, end in zip(present.tolist(), begins.tolist(), ends, strict=True):
            self._days.add(day)
            with self._file(day).open("ab") as file:
                file.write(orders[begin:end].tobytes())

    def blocks(self) -> Iterator[Orders]:
        """Give all orders back by time, in blocks of at most `BLOCK_ROWS`; each day's file goes when it was read."""
        held: list[Orders] = []
        for day in sorted(self._days):
            orders = np.fromfile(self._file(day), dtype=ORDER)
            self._file(day).unlink()
            held.append(orders[np.lexsort((orders["key"], orders["second"]))])
            if sum(map(len, held)) >= BLOCK_ROWS:
                yield from _cut(held)
                held = []
        yield from _cut(held)

    def _file(self, day: int) -> Path:
        return self._folder / f"{day:05d}.orders"


def _cut(held: list[Orders]) -> Iterator[Orders]:
    """Days joined, in pieces of the block size."""
    if not held:
        return
    orders = np.concatenate(held)
    for begin in range(0, len(orders), BLOCK_ROWS):
        yield orders[begin : begin + BLOCK_ROWS]
