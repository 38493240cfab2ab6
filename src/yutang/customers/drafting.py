"""People of a batch found out ahead, without the store, and taken over set-based where the store knows none of their keys.

People who touch each other, because rows name keys of both, are a *circle*. Circles have no key in common, so what rows say
of one makes no difference to another: where the store knows no key of a circle, the pass without the store has found
what the pass with it would find. Of the other circles nothing is taken over; their rows are resolved as ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from django.db.models import Model

from yutang.customers import people_store
from yutang.customers.models import (
    ContestedIdentifier,
    Customer,
    Identifier,
    NameToken,
    ReviewCase,
    ReviewStatus,
)
from yutang.customers.name_search import token_rows
from yutang.customers.observing import Limits, Observed, Origin
from yutang.customers.organisation import limits_of_numbers
from yutang.customers.resolving import Case, Key, Person, Resolver, Row, root
from yutang.customers.stored import as_stored_instants
from yutang.customers.touching import touch_people
from yutang.foundation import bulk
from yutang.foundation.sealing import seal_many
from yutang.kit.memory import collector_paused

Circles = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class PeopleDraft:
    """What rows say of people, as far as it can be known without the store.

    Attributes:
        tables: what is to be written, by name; people are numbered from 0.
        people: the person of each row, int64; null where the row has no usable key.
        circles: the circle of each row, int64; null where the row has no key.
    """

    tables: Mapping[str, pa.Table]
    people: pa.Int64Array
    circles: pa.Int64Array


@dataclass(frozen=True)
class TakenPeople:
    """How the people of a draft came into the store.

    Attributes:
        first_id: key of the draft's person 0.
        made: how many were taken over.
    """

    first_id: int
    made: int


def facts_for_drafts() -> dict[str, Any]:
    """Return what drafting has to know of the store, as JSON."""
    limits = limits_of_numbers()
    return {"people_per_number": limits.people_per_number, "store_numbers": sorted(limits.store_numbers)}


def draft_people(*, observed: pa.Table, scope: str, facts: Mapping[str, Any]) -> PeopleDraft:
    """Return what the rows say of people in a store that knows nobody. Asks no store.

    Args:
        observed: as for `identity.resolve`.
        scope: within what accounts are unique, see `Origin`.
        facts: what `facts_for_drafts` told.
    """
    limits = Limits(facts["people_per_number"], frozenset(facts["store_numbers"]))
    with collector_paused():
        return _drafted(Observed(observed, Origin(None, scope), limits), limits)


def _drafted(batch: Observed, limits: Limits) -> PeopleDraft:
    resolver = Resolver(holder={}, contested={}, most=limits.people_per_number)
    rows = batch.rows()
    people = [batch.enrich(resolver.take(row), row, i) for i, row in enumerate(rows)]
    evidence = [*batch.devices(people), *people_store.as_hints([*resolver.open_claims(), *batch.hints])]
    new = [p for p in resolver.made if p.into is None]
    for number, person in enumerate(new):
        person.id = number
    keys, circles = _circles(rows)
    owners = [root(p).id if p is not None else None for p in people]
    circle_of = np.zeros(len(new), np.int64)
    for owner, circle in zip(owners, circles, strict=True):
        if owner is not None and circle is not None:
            circle_of[owner] = circle
    row_of = pa.array(batch.row_of)
    return PeopleDraft(
        tables=_tables(resolver, new, evidence, keys, circle_of),
        people=pa.array(owners, pa.int64()).take(row_of),
        circles=pa.array(circles, pa.int64()).take(row_of),
    )


def _circles(rows: Sequence[Row]) -> tuple[list[tuple[bytes, int]], list[int | None]]:
    """Return (digest, circle) of all keys, ascending by digest, and the circle of each row."""
    numbers: dict[bytes, int] = {}
    ends: list[tuple[int, int]] = []
    firsts: list[int | None] = []
    for row in rows:
        known = [numbers.setdefault(k.digest, len(numbers)) for k in (*row.accounts, *row.numbers)]
        firsts.append(known[0] if known else None)
        ends.extend((known[0], other) for other in known[1:])
    label = _connected(len(numbers), np.array(ends, np.int64).reshape(-1, 2))
    of_keys = label.tolist()
    keys = sorted((digest, of_keys[number]) for digest, number in numbers.items())
    return keys, [of_keys[first] if first is not None else None for first in firsts]


def _connected(n: int, ends: Circles) -> Circles:
    """Return a label for each of n points, equal for points that edges connect: the smallest is passed on until it rests."""
    label = np.arange(n)
    one, two = ends[:, 0], ends[:, 1]
    while True:
        least = np.minimum(label[one], label[two])
        before = label.copy()
        np.minimum.at(label, one, least)
        np.minimum.at(label, two, least)
        label = label[label]
        if np.array_equal(label, before):
            return label


def _tables(
    resolver: Resolver,
    new: Sequence[Person],
    evidence: Sequence[tuple[Key, Person]],
    keys: Sequence[tuple[bytes, int]],
    circle_of: Circles,
) -> dict[str, pa.Table]:
    seen = [p.first_seen for p in new]
    known = as_stored_instants([at for at in seen if at is not None])
    instants = iter(known)
    gained = sorted((key.digest, key.kind, key.scope, root(p).id) for key, p in resolver.gained.values())
    beside = {(key.digest, root(p).id): key for key, p in [*resolver.contests, *evidence]}
    tokens = list(token_rows((p.id, p.new_words) for p in new))
    tables = {
        "people": {
            "person": range(len(new)),
            "sealed_profile": seal_many([p.record for p in new]),
            "first_seen_at": pa.array([next(instants) if at is not None else None for at in seen], pa.string()),
        },
        "identifiers": dict(zip(("digest", "kind", "scope", "person"), _columns(gained, 4), strict=True)),
        "evidence": {
            "digest": pa.array([d for d, _ in beside], pa.binary()),
            "person": pa.array([p for _, p in beside], pa.int64()),
            "kind": pa.array([key.kind for key in beside.values()], pa.string()),
            "scope": pa.array([key.scope for key in beside.values()], pa.string()),
        },
        "tokens": dict(zip(("token", "person"), _columns(tokens, 2), strict=True)),
    }
    made = {name: _with_circle(pa.table(columns), circle_of) for name, columns in tables.items()}
    made["cases"] = _cases(resolver.cases, circle_of)
    made["keys"] = pa.table(
        {"digest": pa.array([d for d, _ in keys], pa.binary()), "circle": pa.array([c for _, c in keys], pa.int64())}
    )
    return made


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _with_circle(table: pa.Table, circle_of: Circles) -> pa.Table:
    people = table.column("person").to_numpy()
    return table.append_column("circle", pa.array(circle_of[people.astype(np.int64)]))


def _cases(cases: Sequence[Case], circle_of: Circles) -> pa.Table:
    rows = []
    for case in cases:
        first, second = sorted((root(case.first).id, root(case.second).id))
        if first != second:
            reason = json.dumps(case.reason.as_json())
            circle = int(circle_of[first])
            rows.append((first, second, case.kind, reason, case.key.kind, case.key.digest, circle))
    schema = pa.schema(
        [
            ("first", pa.int64()),
            ("second", pa.int64()),
            ("kind", pa.string()),
            ("reason", pa.string()),
            ("identifier_kind", pa.string()),
            ("digest", pa.binary()),
            ("circle", pa.int64()),
        ]
    )
    return pa.table(dict(zip(schema.names, _columns(rows, len(schema.names)), strict=True)), schema=schema)


def circles_known(draft: str) -> list[int]:
    """Return the circles of an attached draft of which the store knows a key."""
    known = [
        bulk.fetch(f"SELECT DISTINCT k.circle FROM {draft}.keys k CROSS JOIN {table} t WHERE t.digest = k.digest")  # noqa: S608
        for table in (Identifier._meta.db_table, ContestedIdentifier._meta.db_table)
    ]
    return sorted({circle for found in known for (circle,) in found})


def take_people(*, draft: str, known: str, import_id: int, now: datetime) -> TakenPeople:
    """Write the people of an attached draft into the store, in the caller's transaction.

    Args:
        draft: name of the attached draft.
        known: table with the column ``circle``: of these nothing is taken.
        import_id: the import to which the change belongs.
        now: instant of the batch. Aware UTC.
    """
    ((size,),) = bulk.fetch(f"SELECT count(*) FROM {draft}.people")  # noqa: S608
    first_id = next(iter(bulk.next_ids(Customer, size)), 0)
    new = f"circle NOT IN (SELECT circle FROM {known})"  # noqa: S608
    at_now = bulk.db_instant(now)

    def insert(table: type[Model], columns: str, selected: str, source: str, parameters: Sequence[Any]) -> int:
        sql = f"INSERT INTO {table._meta.db_table} ({columns}) SELECT {selected} FROM {draft}.{source} WHERE {new}"  # noqa: S608
        twice = " ON CONFLICT DO NOTHING" if source in {"evidence", "cases"} else ""
        return bulk.execute(f"{sql} ORDER BY rowid{twice}", parameters)

    made = insert(
        Customer,
        "id, sealed_profile, first_seen_at, source_id",
        "%s + person, sealed_profile, COALESCE(first_seen_at, %s), %s",
        "people",
        [first_id, at_now, import_id],
    )
    for table, source in ((Identifier, "identifiers"), (ContestedIdentifier, "evidence")):
        columns = "digest, kind, scope, customer_id, source_id"
        insert(table, columns, "digest, kind, scope, %s + person, %s", source, [first_id, import_id])
    insert(NameToken, "token, customer_id", "token, %s + person", "tokens", [first_id])
    insert(
        ReviewCase,
        "first_id, second_id, kind, reason, identifier_kind, digest, status, source_id, opened_at",
        "%s + first, %s + second, kind, reason, identifier_kind, digest, %s, %s, %s",
        "cases",
        [first_id, first_id, ReviewStatus.OPEN.value, import_id, at_now],
    )
    scopes = bulk.fetch(f"SELECT DISTINCT kind, scope FROM {draft}.identifiers WHERE {new}")  # noqa: S608
    people_store.insert_scopes({(kind, scope) for kind, scope in scopes})
    if made:
        touch_people(now=now)
    return TakenPeople(first_id=first_id, made=made)
