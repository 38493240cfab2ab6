"""Writes columns of numbers and words as bytes of a file, a block of rows at a time.

Words are encoded once in their small lists; a row is the join of ready pieces. A million rows of forty columns take
seconds, and nothing but one block is ever in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.simulator.chance import Ints, Mask, Words

#: One piece of a row: a column, or the same text in every row.
Piece: TypeAlias = pa.Array | str
_CENTS: Final = tuple(f".{cent:02d}" for cent in range(100))
_CLOCK: Final = tuple(f"{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}" for n in range(86_400))
_HEX: Final = tuple(f"{n:04x}" for n in range(65_536))


@dataclass(frozen=True)
class Form:
    """What stands around the cells of a row."""

    start: str = ""
    opening: str = ""
    closing: str = ""
    between: str = ","
    end: str = "\r\n"


PLAIN: Final = Form()
QUOTED: Final = Form(opening='"', closing='"')


class Scribe:
    """Makes columns of bytes in one encoding."""

    def __init__(self, encoding: str, *, first_date: date) -> None:
        self.encoding = encoding
        self._first_date = first_date
        self._lists: dict[int, tuple[Sequence[str], pa.Array]] = {}
        self._days: dict[str, pa.Array] = {}

    def words(self, words: Sequence[str], index: Ints) -> pa.Array:
        """Return the word of each row. `words` must be a list that lives on: it is encoded once."""
        if id(words) not in self._lists:
            encoded = pa.array([word.encode(self.encoding) for word in words], pa.binary())
            self._lists[id(words)] = (words, encoded)
        return self._lists[id(words)][1].take(pa.array(index))

    def number(self, numbers: Ints) -> pa.Array:
        """Return whole numbers in digits."""
        return pa.array(numbers.astype(np.int64)).cast(pa.string()).cast(pa.binary())

    def padded(self, numbers: Ints, width: int) -> pa.Array:
        """Return whole numbers with leading zeros."""
        digits = pa.array(numbers.astype(np.int64) + 10**width).cast(pa.string())
        return pc.utf8_slice_codeunits(digits, 1).cast(pa.binary())

    def money(self, minor: Ints) -> pa.Array:
        """Return fen as yuan with two decimals."""
        size = np.abs(minor.astype(np.int64))
        plain = self.join(self.number(size // 100), self.words(_CENTS, size % 100))
        return self.either(minor < 0, self.join("-", plain), plain) if (minor < 0).any() else plain

    def moment(self, seconds: Ints, *, form: str = "%Y-%m-%d") -> pa.Array:
        """Return seconds since the start of the span as local date and time."""
        return self.join(self.day(seconds // 86_400, form=form), " ", self.words(_CLOCK, seconds % 86_400))

    def day(self, days: Ints, *, form: str = "%Y-%m-%d") -> pa.Array:
        """Return days of the span as dates; a few past its end are known too."""
        if form not in self._days:
            known = (self._first_date + timedelta(days=n) for n in range(4100))
            self._days[form] = pa.array([day.strftime(form).encode() for day in known], pa.binary())
        return self._days[form].take(pa.array(days.astype(np.int64)))

    def hexadecimal(self, bits: Words) -> pa.Array:
        """Return 64 bits as 16 hexadecimal digits."""
        quarters = [((bits >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.int64) for shift in (48, 32, 16, 0)]
        return self.join(*(self.words(_HEX, quarter) for quarter in quarters))

    def either(self, mask: Mask, yes: Piece, no: Piece) -> pa.Array:
        """Return one piece where the mask holds and the other elsewhere."""
        return pc.if_else(pa.array(mask), self._piece(yes), self._piece(no))

    def join(self, *pieces: Piece, by: str = "") -> pa.Array:
        """Return the pieces of each row one after another."""
        ready = [self._piece(piece) for piece in pieces]
        return pc.binary_join_element_wise(*ready, self._piece(by))

    def _piece(self, piece: Piece) -> pa.Array | pa.Scalar:
        return pa.scalar(piece.encode(self.encoding), pa.binary()) if isinstance(piece, str) else piece


class Sheet:
    """One CSV file that grows by blocks of rows."""

    def __init__(self, path: Path, *, encoding: str, header: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self._file = path.open("wb")
        self._file.write((header + "\r\n").encode(encoding))

    def write(self, rows: pa.Array) -> None:
        """Append rows that end with their line break."""
        self._file.write(payload(rows))
        self.rows += len(rows)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def payload(rows: pa.Array) -> memoryview:
    """Return the bytes of a binary array one after another, without a copy."""
    if len(rows) == 0:
        return memoryview(b"")
    offsets = np.frombuffer(rows.buffers()[1], dtype=np.int32)[rows.offset : rows.offset + len(rows) + 1]
    return memoryview(rows.buffers()[2])[offsets[0] : offsets[-1]]
