"""Who falls into which share: a keyed hash of the playbook's secret and the person, the same for ever. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WHOLE = 2.0**64


def places_in(*, salt: bytes, customer_ids: Sequence[int], of: str) -> NDArray[np.float64]:
    """Return where each person falls between 0 and 1, evenly; shape (n,), aligned by position.

    Args:
        salt: of the playbook. 16 bytes.
        customer_ids: people.
        of: what is shared out; different things fall independently of each other.
    """
    seeded = hashlib.blake2b(of.encode() + b"\x1f", digest_size=8, key=salt)
    places = np.empty(len(customer_ids), dtype=np.uint64)
    for n, customer_id in enumerate(customer_ids):
        one = seeded.copy()
        one.update(b"%d" % customer_id)
        places[n] = int.from_bytes(one.digest(), "big")
    return places / _WHOLE


def way_of(*, salt: bytes, customer_ids: Sequence[int], step: str, percents: Sequence[int]) -> NDArray[np.int64]:
    """Return the place of the way that each person goes at a split. Shape (n,).

    Args:
        salt: of the playbook.
        customer_ids: people.
        step: id of the split.
        percents: shares of the ways, 100 together.
    """
    places = places_in(salt=salt, customer_ids=customer_ids, of=f"split:{step}") * 100
    ways: NDArray[np.int64] = np.searchsorted(np.cumsum(percents), places, side="right").astype(np.int64)
    return np.minimum(ways, len(percents) - 1)
