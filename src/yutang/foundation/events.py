"""What the ground tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoreChanged:
    """A store was added, or has another code, name or region.

    Attributes:
        store_id: the store.
    """

    store_id: int
