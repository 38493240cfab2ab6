"""Who falls into which arm: a keyed hash of the unit, the same for ever, the same one at a time and a million at once. Pure."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Shares are counted in ten-thousandths.
WHOLE = 10_000
#: Bytes of the random salt of an experiment.
SALT_BYTES = 32
Ints = NDArray[np.int64]
Arms = NDArray[np.int16]

#: One digest places so many neighbouring people.
_PEOPLE_A_DIGEST = 8
_POINT_BITS = 64
_PERSON = b"yutang.person"
_GROUP = b"yutang.group"


def cuts_of(shares: Sequence[int]) -> list[int]:
    """Return where one arm ends and the next begins, among the points from 0 to 2**64.

    Args:
        shares: of each arm, in ten-thousandths; they add up to `WHOLE`. Shape (arms,).

    Returns:
        Shape (arms - 1,): an arm's share of the points is exact to one point in 2**64.

    Raises:
        ValueError: a share is not positive, or they do not add up.
    """
    if sum(shares) != WHOLE or min(shares) <= 0:
        raise ValueError(f"shares of {list(shares)} do not add up to {WHOLE}")
    ends = [sum(shares[: place + 1]) for place in range(len(shares) - 1)]
    return [(end << _POINT_BITS) // WHOLE for end in ends]


def arm_of_person(*, salt: bytes, customer_id: int, shares: Sequence[int]) -> int:
    """Return the arm into which a person falls, by its place among the shares.

    Args:
        salt: the experiment's own random bytes: who is held out of one experiment tells nothing of another.
        customer_id: the person. ``>= 0``.
        shares: of each arm, in ten-thousandths.
    """
    block, place = divmod(customer_id, _PEOPLE_A_DIGEST)
    digest = _digest(salt, block.to_bytes(8, "little"), _PERSON)
    point = int.from_bytes(digest[8 * place : 8 * place + 8], "little")
    return bisect_right(cuts_of(shares), point)


def arm_of_group(*, salt: bytes, group_key: str, shares: Sequence[int]) -> int:
    """Return the arm into which a whole group falls, by its place among the shares."""
    digest = _digest(salt, group_key.encode(), _GROUP)
    return bisect_right(cuts_of(shares), int.from_bytes(digest[:8], "little"))


def arms_of_people(*, salt: bytes, customer_ids: Ints, shares: Sequence[int]) -> Arms:
    """Return the arm of each person, as `arm_of_person` does.

    People whose keys lie together share a digest, so that a whole shop takes an eighth of the hashing.

    Args:
        salt: the experiment's own random bytes.
        customer_ids: people, ``>= 0``. Shape (n,).
        shares: of each arm, in ten-thousandths.

    Returns:
        Shape (n,), aligned by position.

    Source:
        Saarinen & Aumasson (2015), RFC 7693: keyed BLAKE2b is a pseudo-random function, so each 64 bits of a digest may stand
        for a draw of their own.
    """
    keys = np.asarray(customer_ids, dtype=np.int64)
    blocks, of_person = np.unique(keys // _PEOPLE_A_DIGEST, return_inverse=True)
    digests = b"".join(_digest(salt, block, _PERSON) for block in _words(blocks))
    points = np.frombuffer(digests, dtype="<u8").reshape(-1, _PEOPLE_A_DIGEST)
    cuts = np.array(cuts_of(shares), dtype=np.uint64)
    mine = points[of_person.reshape(-1), keys % _PEOPLE_A_DIGEST]
    return np.searchsorted(cuts, mine, side="right").astype(np.int16)


def _words(blocks: Ints) -> Any:
    raw = memoryview(blocks.astype("<i8").tobytes())
    return (raw[start : start + 8] for start in range(0, len(raw), 8))


def _digest(salt: bytes, unit: bytes | memoryview, kind: bytes) -> bytes:
    return hashlib.blake2b(unit, key=salt, person=kind, digest_size=64).digest()
