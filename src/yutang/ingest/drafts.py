"""A batch worked out ahead, as it lies on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Draft:
    """What was worked out of a batch.

    Attributes:
        tables: a SQLite file with what is taken over.
        sorted_rows: an Arrow file with the rows of the batch, for those that are resolved again.
        rows: how many.
    """

    tables: Path
    sorted_rows: Path
    rows: int

    def pick(self, column: str, values: pa.Array) -> pa.Table:
        """Return the rows of the batch of which a column has one of the values, in the batch's order."""
        with pa.memory_map(str(self.sorted_rows)) as file:
            rows = pa.ipc.open_file(file).read_all()
            return rows.filter(pc.is_in(rows.column(column), values)).combine_chunks()

    def delete(self) -> None:
        """Delete the files."""
        self.tables.unlink(missing_ok=True)
        self.sorted_rows.unlink(missing_ok=True)
