"""Moving what belongs to a person: merges and their undoing, any number at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from yutang.customers.holdings import HOLDINGS, Holding
from yutang.customers.models import Customer, Merge
from yutang.customers.profile import Record, joined
from yutang.customers.resolving import Join
from yutang.foundation import bulk
from yutang.foundation.sealing import seal_many
from yutang.ingest import journal

Moved = dict[str, Any]
_CUSTOMERS = Customer._meta.db_table


def record_joins(joins: Sequence[Join], *, import_id: int | None, now: datetime) -> None:
    """Move everything of the losers of a batch to the winners, and write down why and what moved.

    The winners' records are already written; a winner that lost in turn within the batch counts as its own winner.
    """
    if not joins:
        return
    final = {join.loser.id: _end_of(join) for join in joins}
    moved = move_holdings(final, now=now)
    before = seal_many(_records_before(joins))
    rows = [
        (
            join.loser.id,
            final[join.loser.id],
            json.dumps(join.reason.as_json()),
            json.dumps(moved.get(join.loser.id, {})),
            sealed,
            import_id,
            bulk.db_instant(now),
        )
        for join, sealed in zip(joins, before, strict=True)
    ]
    columns = ("loser_id", "winner_id", "reason", "moved", "winner_profile_before", "source_id", "merged_at")
    bulk.insert_rows(Merge._meta.db_table, columns, rows)


def _records_before(joins: Sequence[Join]) -> list[Record]:
    """Return the final winner's record before each join; where a winner lost in turn, as if its losers had come one by one."""
    so_far: dict[int, Record] = {}
    records = []
    for join in joins:
        final = _end_of(join)
        before = join.before if final == join.winner.id else so_far.get(final, join.before)
        so_far[final] = joined(before, join.loser.record)
        records.append(before)
    return records


def _end_of(join: Join) -> int:
    person = join.winner
    while person.into is not None:
        person = person.into
    return person.id


def move_holdings(winner_of: Mapping[int, int], *, now: datetime) -> dict[int, Moved]:
    """Point every row of the losers at their winners and mark the losers as merged.

    Args:
        winner_of: winner by loser; no winner is itself a loser.
        now: when. Aware UTC.

    Returns:
        ``{table.column: [row ids]}`` by loser.
    """
    moved: dict[int, Moved] = defaultdict(dict)
    pairs = sorted(winner_of.items())
    with bulk.key_table([("loser", "int"), ("winner", "int")], pairs) as keys:
        for holding in HOLDINGS:
            rows = _rows_of_losers(holding, keys)
            for row_id, loser, _ in rows:
                moved[loser].setdefault(f"{holding.table}.{holding.column}", []).append(row_id)
            _point(holding, [(winner_of[loser], row_id) for row_id, loser, _ in rows])
            _touch(holding, [day for _, _, day in rows], now=now)
        bulk.execute(
            f"UPDATE {_CUSTOMERS} SET merged_into_id = {keys}.winner FROM {keys} WHERE {_CUSTOMERS}.id = {keys}.loser"  # noqa: S608
        )
    return moved


def _rows_of_losers(holding: Holding, keys: str) -> list[tuple[int, int, Any]]:
    """Return (row id, loser, day) of what moves: not what the winner has already, and of equal rows of two losers one."""
    day = f"t.{holding.day_column}" if holding.day_column else "NULL"
    unique = f"t.{holding.unique_with}" if holding.unique_with else "NULL"
    rows = bulk.fetch(
        f"SELECT t.id, k.loser, {day}, k.winner, {unique} FROM {keys} k "  # noqa: S608
        f"JOIN {holding.table} t ON t.{holding.column} = k.loser ORDER BY t.id"
    )
    if not holding.unique_with:
        return [row[:3] for row in rows]
    taken = {
        tuple(pair)
        for pair in bulk.fetch(
            f"SELECT t.{holding.column}, t.{holding.unique_with} FROM {holding.table} t "  # noqa: S608
            f"WHERE t.{holding.column} IN (SELECT winner FROM {keys})"
        )
    }
    moving = []
    for row_id, loser, day_of_row, winner, value in rows:
        if (winner, value) not in taken:
            taken.add((winner, value))
            moving.append((row_id, loser, day_of_row))
    return moving


def _point(holding: Holding, rows: Sequence[tuple[int, int]]) -> None:
    bulk.update_rows(holding.table, (holding.column,), rows)


def _touch(holding: Holding, days: Sequence[Any], *, now: datetime) -> None:
    if holding.day_column and days:
        journal.touch(holding.table, {str(day)[:7] if day is not None else "none" for day in days}, now=now)
