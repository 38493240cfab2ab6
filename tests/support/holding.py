"""Asks everything that must always hold, as `yutang doctor --deep` does."""

from __future__ import annotations

from collections.abc import Collection

from yutang.foundation.invariants import Seen, all_invariants, seen


def broken(*, but: Collection[str] = ()) -> dict[str, Seen]:
    """Return what does not hold, by name; the store itself is not read page by page within a test's transaction unless it is asked.

    Args:
        but: names that are not asked.
    """
    found = {one.name: seen(one) for one in all_invariants() if one.name not in but}
    return {name: one for name, one in found.items() if one.broken}
