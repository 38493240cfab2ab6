"""A sum of digests: equal for equal rows, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

_MODULUS = 1 << 128


@dataclass
class Sum:
    """How many rows there are, and the sum of the digests of their lines.

    Attributes:
        rows: count.
        total: sum of digests of 16 bytes, modulo 2**128.
    """

    rows: int = 0
    total: int = 0

    def add(self, lines: Iterable[bytes]) -> None:
        """Add lines, each without its end."""
        rows, total = 0, 0
        for line in lines:
            total += int.from_bytes(blake2b(line, digest_size=16).digest(), "big")
            rows += 1
        self.rows += rows
        self.total = (self.total + total) % _MODULUS

    def plus(self, other: Sum) -> Sum:
        """Return the sum of both."""
        return Sum(self.rows + other.rows, (self.total + other.total) % _MODULUS)

    @property
    def digest(self) -> str:
        """The sum of digests in 32 hexadecimal digits."""
        return f"{self.total:032x}"

    @classmethod
    def of(cls, rows: int, digest: str) -> Sum:
        """Return the sum that was written down."""
        return cls(rows, int(digest, 16))
