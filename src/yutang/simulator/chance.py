"""Chance that depends on the seed and on what it is asked for, not on the order of asking.

Attributes of person 17 are the same whether one asks for 17 alone, first or last: nothing about a person has to be
kept in memory, and a load of any size is made in blocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


class Dice:
    """Throws that are a pure function of seed, field and id (SplitMix64 finaliser).

    Source:
        Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", figure 3.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._salts: dict[str, np.uint64] = {}

    def bits(self, field: str, ids: npt.ArrayLike) -> Words:
        """Return 64 mixed bits per id; independent between fields."""
        with np.errstate(over="ignore"):
            word = np.asarray(ids).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + self._salt(field)
            word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return np.asarray(word ^ (word >> np.uint64(31)), dtype=np.uint64)

    def uniform(self, field: str, ids: npt.ArrayLike) -> Floats:
        """Return a number in ``[0, 1)`` per id."""
        return np.asarray((self.bits(field, ids) >> np.uint64(11)).astype(np.float64) * 2.0**-53)

    def whole(self, field: str, ids: npt.ArrayLike, below: int) -> Ints:
        """Return an integer in ``[0, below)`` per id."""
        return np.asarray(self.uniform(field, ids) * below).astype(np.int64)

    def chosen(self, field: str, ids: npt.ArrayLike, weights: Sequence[float] | Floats) -> Ints:
        """Return an index into `weights` per id, with chances in their proportion."""
        steps = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.searchsorted(steps / steps[-1], self.uniform(field, ids), side="right").astype(np.int64)

    def happens(self, field: str, ids: npt.ArrayLike, ratio: float) -> Mask:
        """Return per id whether an event of the given probability happens."""
        return np.asarray(self.uniform(field, ids) < ratio)

    def stream(self, field: str, block: int = 0) -> np.random.Generator:
        """Return a generator for one block of draws that a plain hash cannot make (Gamma, Beta, Poisson)."""
        return np.random.Generator(np.random.PCG64([self.seed, int(self._salt(field)), block]))

    def _salt(self, field: str) -> np.uint64:
        if field not in self._salts:
            digest = hashlib.blake2b(f"{self.seed}/{field}".encode(), digest_size=8).digest()
            self._salts[field] = np.uint64(int.from_bytes(digest, "little"))
        return self._salts[field]


def scattered(numbers: Ints, *, modulus: int, offset: int) -> Ints:
    """Return the numbers moved one to one over ``[0, modulus)``, so that neighbours lie far apart.

    Args:
        numbers: integers in ``[0, modulus)``. Shape ``(n,)``.
        modulus: a power of ten, at most 10**9.
        offset: where zero goes.
    """
    return np.asarray((numbers * 618_033_989 % modulus + offset) % modulus, dtype=np.int64)
