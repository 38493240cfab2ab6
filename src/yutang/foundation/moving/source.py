"""The embedded store at rest: nobody else has it open while its rows are read, line by line."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from yutang.foundation.moving.digests import Sum
from yutang.foundation.moving.refusals import SourceIsInUse
from yutang.foundation.moving.tables import MovedTable
from yutang.foundation.moving.writing import teach

#: Rows that SQLite hands over at once.
_ROWS = 2_000


@dataclass(frozen=True)
class Batch:
    """Rows that follow each other.

    Attributes:
        rows: their numbers in SQLite, ascending; in most tables the primary key.
        lines: their lines as COPY reads them.
        sum: of their compared lines.
    """

    rows: list[int]
    lines: list[bytes]
    sum: Sum


class Source:
    """The store, opened so that no other process has it open: use as a context manager.

    Raises:
        SourceIsInUse: another process, or another connection of this one, has it open.
    """

    def __init__(self, file: Path) -> None:
        self._driver = sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, isolation_level=None, timeout=1)
        self._driver.text_factory = bytes
        teach(self._driver)
        try:
            # Every connection to a store with a log holds a shared lock as long as it lives, so that this one fails where there is one.
            self._driver.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            self._driver.close()
            raise SourceIsInUse(file=str(file)) from error

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._driver.rollback()
        self._driver.close()

    def count(self, table: MovedTable) -> int:
        """Return how many rows a table has."""
        return int(self._driver.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0])

    def highest_key(self, table: MovedTable) -> int | None:
        """Return the highest number that was ever given to a row; None where none was, or the table numbers none."""
        if table.counted is None:
            return None
        given = self._driver.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table.name]).fetchone()
        held = self._driver.execute(f'SELECT max("{table.counted}") FROM "{table.name}"').fetchone()[0]
        return max((int(each) for each in (given and given[0], held) if each is not None), default=None)

    def months(self, table: MovedTable, day: str) -> list[date]:
        """Return the first days of the months of a column of days; those that no calendar has are left out."""
        sql = f'SELECT DISTINCT substr("{day}", 1, 7) FROM "{table.name}" WHERE "{day}" GLOB ?'
        found = self._driver.execute(sql, ["[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"]).fetchall()
        return [date.fromisoformat(f"{month.decode()}-01") for (month,) in found if b"0001" < month[:4] < b"9999"]

    def text(self, sql: str) -> str:
        """Return all rows of a statement as one text that tells two states apart."""
        return repr(self._driver.execute(sql).fetchall())

    def batches(self, table: MovedTable, *, after: int, size: int) -> Iterator[Batch]:
        """Yield the rows behind a number in their order, so many at once."""
        sql = (
            f'SELECT rowid, {table.sent}, {table.compared or "NULL"} FROM "{table.name}" WHERE rowid > ? ORDER BY rowid'
        )
        cursor = self._driver.execute(sql, [after])
        batch = Batch([], [], Sum())
        while rows := cursor.fetchmany(_ROWS):
            numbers, lines, compared = zip(*rows, strict=True)
            batch.rows.extend(numbers)
            batch.lines.extend(lines)
            batch.sum.add(compared if table.compared else lines)
            if len(batch.rows) >= size:
                yield batch
                batch = Batch([], [], Sum())
        if batch.rows:
            yield batch

    def sum_up_to(self, table: MovedTable, *, last: int) -> Sum:
        """Return the sum of the rows up to a number."""
        sql = f'SELECT {table.compared or table.sent} FROM "{table.name}" WHERE rowid <= ?'
        cursor, found = self._driver.execute(sql, [last]), Sum()
        while rows := cursor.fetchmany(_ROWS):
            found.add([line for (line,) in rows])
        return found

    def lines_by_key(self, table: MovedTable) -> Generator[tuple[int, bytes], None, None]:
        """Yield the key and the compared line of each row of a table that numbers its rows, by key."""
        yield from self._driver.execute(
            f'SELECT "{table.counted}", {table.compared or table.sent} FROM "{table.name}" ORDER BY "{table.counted}"'
        )
