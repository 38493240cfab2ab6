"""Lets the engines of a process of tests share one DuckDB, each with a schema of its own: to start one takes longer than most queries."""

from __future__ import annotations

import itertools
from typing import Any

import duckdb

_numbers = itertools.count()
_shared: dict[tuple[Any, ...], duckdb.DuckDBPyConnection] = {}


class OwnSchema:
    """Stands for a connection to a DuckDB of its own; sees only what was made in it, and drops it at the end.

    Args:
        config: as of a DuckDB of its own; what does not fit into memory goes where it went for the first that was opened.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        key = tuple(sorted((name, value) for name, value in config.items() if name != "temp_directory"))
        if key not in _shared:
            _shared[key] = duckdb.connect(config=config)
        self._connection, self._schema = _shared[key].cursor(), f"engine_{next(_numbers)}"
        self._connection.execute(f"CREATE SCHEMA {self._schema}")
        self._connection.execute(f"USE {self._schema}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def close(self) -> None:
        """Drop everything that was made; a second time nothing is left to drop."""
        if self._schema:
            self._connection.execute(f"DROP SCHEMA {self._schema} CASCADE")
            self._connection.close()
            self._schema = ""
