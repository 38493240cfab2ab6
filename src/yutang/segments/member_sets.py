"""Sets of people kept small: sorted keys as differences, packed."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from yutang.kit.arrays import distinct

Keys = NDArray[np.int64]


def as_keys(values: object) -> Keys:
    """Return distinct keys, ascending, shape (n,)."""
    return distinct(values)


def packed(keys: Keys) -> bytes:
    """Return the keys in about one byte a person where they lie close together.

    Args:
        keys: distinct, ascending, shape (n,).
    """
    gaps = np.diff(keys, prepend=np.int64(0))
    widths = next(
        kind
        for kind in (np.uint8, np.uint16, np.uint32, np.uint64)
        if not len(gaps) or gaps.max() <= np.iinfo(kind).max
    )
    return bytes([np.dtype(widths).itemsize]) + zlib.compress(gaps.astype(widths).tobytes(), 6)


def unpacked(stored: bytes | memoryview) -> Keys:
    """Return the keys that `packed` stored."""
    raw = bytes(stored)
    if not raw:
        return np.zeros(0, dtype=np.int64)
    kind = np.dtype(f"<u{raw[0]}")
    return np.cumsum(np.frombuffer(zlib.decompress(raw[1:]), dtype=kind).astype(np.int64), dtype=np.int64)


def without(keys: Keys, others: Keys) -> Keys:
    """Return the keys that are not among the others."""
    return np.setdiff1d(keys, others, assume_unique=True)


def in_both(keys: Keys, others: Keys) -> Keys:
    """Return the keys that are in both."""
    return np.intersect1d(keys, others, assume_unique=True)


def together(keys: Keys, others: Keys) -> Keys:
    """Return the keys that are in either."""
    return distinct(np.concatenate((keys, others)))
