"""Moving what belongs to a person: merges and their undoing, any number at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet

from yutang.customers.holdings import HOLDINGS, Holding
from yutang.customers.models import Customer, Merge
from yutang.customers.name_search import add_name_tokens, delete_name_tokens
from yutang.customers.profile import Record, joined, without, words_of
from yutang.customers.resolving import Join
from yutang.customers.stored import as_microseconds, from_microseconds
from yutang.customers.touching import touch_belongings
from yutang.foundation import bulk
from yutang.foundation.sealing import seal, seal_many, unseal
from yutang.ingest import journal
from yutang.kit.text import Sentence
from yutang.lake.partitions import WHOLE

Moved = dict[str, Any]
#: Name under which `Merge.moved` keeps the winner's [store, owner, first seen in microseconds] before.
WINNER_BEFORE = "winner_before"
_CUSTOMERS = Customer._meta.db_table
#: So long after a merge somebody may still write for whom there was before: an import does not take longer.
_IS_RECENT = timedelta(hours=3)
_MOST_RECENT = 200_000


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
            json.dumps({**moved.get(join.loser.id, {}), WINNER_BEFORE: join.before_place}),
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
    with bulk.key_table([("loser", "int"), ("winner", "int")], sorted(winner_of.items())) as keys:
        moved = _moved(winner_of, keys, now=now)
        bulk.execute(
            f"UPDATE {_CUSTOMERS} SET merged_into_id = {keys}.winner FROM {keys} WHERE {_CUSTOMERS}.id = {keys}.loser"  # noqa: S608
        )
    return moved


def _moved(winner_of: Mapping[int, int], keys: str, *, now: datetime) -> dict[int, Moved]:
    moved: dict[int, Moved] = defaultdict(dict)
    for holding in HOLDINGS:
        rows = _rows_of_losers(holding, keys)
        for row_id, loser, _ in rows:
            moved[loser].setdefault(f"{holding.table}.{holding.column}", []).append(row_id)
        _point(holding, [(winner_of[loser], row_id) for row_id, loser, _ in rows])
        _touch(holding, [day for _, _, day in rows], now=now)
    return moved


def recent_merges(*, now: datetime) -> QuerySet[Merge]:
    """Return the merges that somebody who writes for one of the two may not know yet."""
    newest = Merge.objects.aggregate(newest=Max("pk"))["newest"] or 0
    # By the key first: there is no index by time, and many people may have been merged over the years.
    return Merge.objects.filter(pk__gt=newest - _MOST_RECENT, undone_at=None, merged_at__gt=now - _IS_RECENT)


def move_what_came_late(merges: Sequence[Merge], *, now: datetime) -> int:
    """Point at the winners what was written for the losers after their merge, and return how many rows those were.

    Who wrote it had looked for the person before, and the two did not see each other. It goes back with the merge, as what moved then.

    Args:
        merges: that stand; of several of one loser the newest counts.
        now: when. Aware UTC.
    """
    latest = {merge.loser_id: merge for merge in sorted(merges, key=lambda one: one.pk)}
    winner_of = dict(
        Customer.objects.filter(pk__in=latest).exclude(merged_into=None).values_list("pk", "merged_into_id")
    )
    with bulk.key_table([("loser", "int"), ("winner", "int")], sorted(winner_of.items())) as keys:
        moved = _moved(winner_of, keys, now=now)
    for loser, rows in moved.items():
        merge = latest[loser]
        for column, ids in rows.items():
            merge.moved.setdefault(column, []).extend(ids)
        merge.save(update_fields=["moved"])
    if moved:
        touch_belongings(now=now)
    return sum(len(ids) for rows in moved.values() for ids in rows.values())


def _rows_of_losers(holding: Holding, keys: str) -> list[tuple[int, int, Any]]:
    """Return (row id, loser, day) of what moves: not what the winner has already, and of equal rows of two losers one."""
    day = f"t.{holding.day_column}" if holding.day_column else "NULL"
    unique = f"t.{holding.unique_with}" if holding.unique_with else "NULL"
    # Sorted in Python: to sort by t.id, SQLite would read the whole table.
    rows = sorted(
        bulk.fetch(
            f"SELECT t.id, k.loser, {day}, k.winner, {unique} FROM {keys} k "  # noqa: S608
            f"JOIN {holding.table} t ON t.{holding.column} = k.loser"
        ),
        key=lambda row: int(row[0]),
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
    elif holding.is_followed and days:
        journal.touch(holding.table, [WHOLE], now=now)


def join_two(*, winner: Customer, loser: Customer, reason: Sentence, actor_id: int | None, now: datetime) -> Merge:
    """Merge one person into another by hand, and return what was written down."""
    before, theirs = unseal(winner.sealed_profile), unseal(loser.sealed_profile)
    sealed_before = bytes(winner.sealed_profile)
    was = [winner.store_id, winner.owner_id, as_microseconds(winner.first_seen_at)]
    whole = joined(before, theirs)
    winner.sealed_profile = seal(whole)
    winner.store_id = winner.store_id or loser.store_id
    winner.owner_id = winner.owner_id or loser.owner_id
    winner.first_seen_at = min(winner.first_seen_at, loser.first_seen_at)
    winner.save(update_fields=["sealed_profile", "store", "owner", "first_seen_at"])
    add_name_tokens([(winner.pk, sorted(words_of(whole) - words_of(before)))])
    moved = move_holdings({loser.pk: winner.pk}, now=now)
    touch_belongings(now=now)
    return Merge.objects.create(
        winner=winner,
        loser=loser,
        reason=reason.as_json(),
        moved={**moved.get(loser.pk, {}), WINNER_BEFORE: was},
        winner_profile_before=sealed_before,
        actor_id=actor_id,
        merged_at=now,
    )


def take_apart(merge: Merge, *, now: datetime) -> None:
    """Give back what moved with a merge; the winner keeps what was learnt about it since.

    Args:
        merge: a merge that stands, whose winner was not merged on.
        now: when. Aware UTC.
    """
    winner, loser = merge.winner, merge.loser
    return_holdings([merge], now=now)
    current, theirs = unseal(winner.sealed_profile), unseal(loser.sealed_profile)
    before = unseal(merge.winner_profile_before or winner.sealed_profile)
    store_id, owner_id, first_seen = merge.moved[WINNER_BEFORE]
    if current == joined(before, theirs):
        rest, winner.sealed_profile = before, bytes(merge.winner_profile_before or winner.sealed_profile)
    else:
        rest = without(current, theirs, before)
        winner.sealed_profile = seal(rest)
    if winner.store_id == (store_id or loser.store_id):
        winner.store_id = store_id
    if winner.owner_id == (owner_id or loser.owner_id):
        winner.owner_id = owner_id
    if winner.first_seen_at == loser.first_seen_at:
        winner.first_seen_at = from_microseconds(first_seen)
    winner.save(update_fields=["sealed_profile", "store", "owner", "first_seen_at"])
    gone = sorted(words_of(current) - words_of(rest))
    delete_name_tokens([(winner.pk, gone)], but=[(winner.pk, sorted(words_of(rest)))])
    touch_belongings(now=now)


def return_holdings(merges: Sequence[Merge], *, now: datetime) -> None:
    """Point what moved with merges back at the losers, and let the losers stand for themselves.

    Args:
        merges: newest first. A row that moved with several goes back to where it was before the oldest.
        now: when. Aware UTC.
    """
    for holding in HOLDINGS:
        name = f"{holding.table}.{holding.column}"
        way: dict[int, tuple[int, int]] = {}
        for merge in merges:
            for row_id in merge.moved.get(name, ()):
                newest_winner = way[row_id][1] if row_id in way else merge.winner_id
                way[row_id] = (merge.loser_id, newest_winner)
        if way:
            _return_rows(holding, way, now=now)
    for holding in HOLDINGS:
        if holding.goes_with:
            name = f"{holding.goes_with[1]}.{holding.column}"
            _follow(holding, sorted({row_id for merge in merges for row_id in merge.moved.get(name, ())}), now=now)
    with bulk.key_table([("id", "int")], [(m.loser_id,) for m in merges]) as keys:
        bulk.execute(f"UPDATE {_CUSTOMERS} SET merged_into_id = NULL WHERE id IN (SELECT id FROM {keys})")  # noqa: S608


def _return_rows(holding: Holding, way: Mapping[int, tuple[int, int]], *, now: datetime) -> None:
    """Point rows back; a row that somebody moved elsewhere since stays there."""
    columns = [("id", "int"), ("loser", "int"), ("winner", "int")]
    table, column = holding.table, holding.column
    with bulk.key_table(columns, [(row_id, *ends) for row_id, ends in way.items()]) as keys:
        if holding.day_column:
            days = bulk.fetch(f"SELECT DISTINCT t.{holding.day_column} FROM {keys} k JOIN {table} t ON t.id = k.id")  # noqa: S608
            _touch(holding, [day for (day,) in days], now=now)
        else:
            _touch(holding, list(way), now=now)
        bulk.execute(
            f"UPDATE {table} SET {column} = {keys}.loser FROM {keys} "  # noqa: S608
            f"WHERE {table}.id = {keys}.id AND {table}.{column} = {keys}.winner"
        )


def _follow(holding: Holding, deciding: Sequence[int], *, now: datetime) -> None:
    """Let rows that were made while a merge stood go with those that decide whose they are, and that went back."""
    assert holding.goes_with is not None
    link, decides = holding.goes_with
    day = f"t.{holding.day_column}" if holding.day_column else "NULL"
    with bulk.key_table([("id", "int")], [(row_id,) for row_id in deciding]) as keys:
        rows = bulk.fetch(
            f"SELECT d.{holding.column}, t.id, {day} FROM {keys} k JOIN {decides} d ON d.id = k.id "  # noqa: S608
            f"JOIN {holding.table} t ON t.{link} = d.id WHERE t.{holding.column} <> d.{holding.column}"
        )
    _point(holding, [(owner, row_id) for owner, row_id, _ in rows])
    _touch(holding, [day_of_row for _, _, day_of_row in rows], now=now)
