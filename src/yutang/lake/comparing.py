"""What a file of the lake holds, in two numbers by which it is compared with another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import connect

#: Hashing needs little; what a machine serves meanwhile needs the rest.
_LIMITS: dict[str, Any] = {"memory_limit": "512MB", "threads": 1}


@dataclass(frozen=True)
class Content:
    """The rows of a file, in whatever order.

    Attributes:
        rows: how many.
        digest: sum of the hashes of its rows.
    """

    rows: int = 0
    digest: int = 0


def content_of(path: Path, columns: Mapping[str, str]) -> Content:
    """Return what a Parquet file holds in these columns."""
    with connect(config=_LIMITS) as connection:
        held = connection.read_parquet(str(path))
        names = ", ".join(f'"{name}"' for name in sorted(columns))
        rows, digest = held.aggregate(f"COUNT(*), COALESCE(SUM(hash({names})), 0)").fetchall()[0]
    return Content(int(rows), int(digest))
