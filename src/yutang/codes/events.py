"""What the room of channel codes tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Joined:
    """Somebody became a friend of the staff by a channel code, for the first time by this one.

    Attributes:
        newcomer_id: of the attribution.
        code_id: by which code.
        customer_id: who came.
        store_id: to which store; 0 where it is none alone.
        was_known: whether the shop knew the person before.
    """

    newcomer_id: int
    code_id: int
    customer_id: int
    store_id: int
    was_known: bool
