"""Loading what is known of a batch's people, and writing what was learnt: a constant number of statements a batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yutang.customers import merging
from yutang.customers.models import (
    AccountScope,
    ContestedIdentifier,
    Customer,
    Identifier,
    NameToken,
    ReviewCase,
    ReviewStatus,
)
from yutang.customers.name_search import add_name_tokens, token_rows
from yutang.customers.resolving import Case, Key, Person, Resolver, root
from yutang.customers.stored import (
    HINT,
    RECORD_COLUMNS,
    as_microseconds,
    as_stored_instant,
    as_stored_instants,
    insert_missing,
)
from yutang.customers.touching import touch_belongings, touch_people
from yutang.foundation import bulk
from yutang.foundation.sealing import digest16_many, seal_many, unseal
from yutang.ingest import journal


@dataclass
class Known:
    """What the store knows of a batch's keys."""

    people: dict[int, Person] = field(default_factory=dict)
    holder: dict[bytes, Person] = field(default_factory=dict)
    contested: dict[bytes, list[Person]] = field(default_factory=dict)
    apart: set[tuple[int, int]] = field(default_factory=set)


def load(digests: Sequence[bytes]) -> Known:
    """Return the people who have one of the digests, and what else the rules ask about them."""
    with bulk.key_table([("digest", "bytes")], [(d,) for d in digests]) as keys:
        # CROSS JOIN: SQLite asks for each key of the batch then, instead of reading all that was ever seen.
        held = bulk.fetch(
            f"SELECT i.digest, i.customer_id FROM {keys} k CROSS JOIN customers_identifier i WHERE i.digest = k.digest"  # noqa: S608
        )
        contested = sorted(
            bulk.fetch(
                "SELECT x.id, x.digest, COALESCE(c.merged_into_id, c.id) "  # noqa: S608
                f"FROM {keys} k CROSS JOIN customers_contestedidentifier x CROSS JOIN customers_customer c "
                "WHERE x.digest = k.digest AND c.id = x.customer_id"
            )
        )
    known = Known(people=_load_people({i for _, i in held} | {i for _, _, i in contested}))
    known.holder = {bytes(d): known.people[i] for d, i in held}
    for _, digest, i in contested:
        known.contested.setdefault(bytes(digest), []).append(known.people[i])
    if known.people:
        known.apart = _load_apart()
    return known


def _load_people(ids: set[int]) -> dict[int, Person]:
    if not ids:
        return {}
    with bulk.key_table([("id", "int")], [(i,) for i in sorted(ids)]) as keys:
        rows = bulk.fetch(
            "SELECT c.id, c.sealed_profile, c.store_id, c.owner_id, c.first_seen_at, c.source_id "  # noqa: S608
            f"FROM {keys} k JOIN customers_customer c ON c.id = k.id"
        )
    people = {}
    for person_id, sealed, store_id, owner_id, first_seen_at, source_id in rows:
        person = Person.stored(person_id, unseal(sealed))
        person.store_id, person.owner_id, person.source_id = store_id, owner_id, source_id
        person.first_seen = as_microseconds(first_seen_at)
        people[person_id] = person
    return people


def _load_apart() -> set[tuple[int, int]]:
    pairs = bulk.fetch(
        "SELECT COALESCE(a.merged_into_id, a.id), COALESCE(b.merged_into_id, b.id) FROM customers_reviewcase r "
        "JOIN customers_customer a ON a.id = r.first_id JOIN customers_customer b ON b.id = r.second_id WHERE r.status = %s",
        [ReviewStatus.KEPT_APART],
    )
    return {(min(pair), max(pair)) for pair in pairs}


def write(
    resolver: Resolver, *, known: Known, evidence: Sequence[tuple[Key, Person]], import_id: int | None, now: datetime
) -> None:
    """Write what a pass found out, and remember what was there before.

    Args:
        resolver: the pass, done.
        known: what was loaded for it.
        evidence: values that people were seen with and that are never keys.
        import_id: the import to which the change belongs; None when it came by hand.
        now: when it is written. Aware UTC.
    """
    new = [p for p in resolver.made if p.into is None]
    changed = [p for p in known.people.values() if p.changed and p.into is None]
    _insert_people(new, import_id=import_id, now=now)
    _update_people(changed, import_id=import_id)
    _drop_identifiers(resolver.lost, import_id=import_id)
    gained = sorted(
        (key.digest, key.kind, key.scope, root(person).id, import_id) for key, person in resolver.gained.values()
    )
    bulk.insert_rows(Identifier._meta.db_table, ("digest", "kind", "scope", "customer_id", "source_id"), gained)
    _insert_contested([*resolver.contests, *evidence], import_id=import_id)
    merging.record_joins(resolver.joins, import_id=import_id, now=now)
    _insert_cases(resolver.cases, import_id=import_id, now=now)
    _insert_tokens(new, changed)
    insert_scopes({(key.kind, key.scope) for key, _ in resolver.gained.values()})
    if resolver.joins:
        touch_belongings(now=now)
    elif new or changed or gained or resolver.lost:
        touch_people(now=now)


def _insert_people(people: Sequence[Person], *, import_id: int | None, now: datetime) -> None:
    for person, person_id in zip(people, bulk.next_ids(Customer, len(people)), strict=True):
        person.id = person_id
    unseen = as_microseconds(now)
    seen = as_stored_instants([p.first_seen if p.first_seen is not None else unseen for p in people])
    sealed = seal_many([p.record for p in people])
    rows = [
        (p.id, record, p.store_id, p.owner_id, at, import_id)
        for p, record, at in zip(people, sealed, seen, strict=True)
    ]
    columns = ("id", *RECORD_COLUMNS, "source_id")
    bulk.insert_rows(Customer._meta.db_table, columns, rows)


def _update_people(people: Sequence[Person], *, import_id: int | None) -> None:
    if not people:
        return
    if import_id is not None:
        # People that the import itself made are deleted when it is undone: they need no image.
        others = [p.id for p in people if p.source_id != import_id]
        _remember_rows(Customer._meta.db_table, RECORD_COLUMNS, others, import_id=import_id)
    sealed = seal_many([p.record for p in people])
    rows = [
        (s, p.store_id, p.owner_id, as_stored_instant(p.first_seen), p.id) for p, s in zip(people, sealed, strict=True)
    ]
    bulk.update_rows(Customer._meta.db_table, RECORD_COLUMNS, rows)


def _drop_identifiers(digests: Sequence[bytes], *, import_id: int | None) -> None:
    """Delete identifiers that are contested now; undo puts them back as they were."""
    if not digests:
        return
    table = Identifier._meta.db_table
    with bulk.key_table([("digest", "bytes")], [(d,) for d in digests]) as keys:
        ids = bulk.fetch(f"SELECT i.id FROM {keys} k JOIN {table} i ON i.digest = k.digest")  # noqa: S608
    if import_id is not None:
        columns = ("kind", "scope", "digest", "customer_id", "source_id")
        _remember_rows(table, columns, [i for (i,) in ids], import_id=import_id)
    bulk.delete_rows(table, [i for (i,) in ids])


def _remember_rows(table: str, columns: Sequence[str], ids: Sequence[int], *, import_id: int) -> None:
    with bulk.key_table([("id", "int")], [(i,) for i in ids]) as keys:
        rows = bulk.fetch(
            f"SELECT t.id, {', '.join(f't.{c}' for c in columns)} FROM {keys} k JOIN {table} t ON t.id = k.id"  # noqa: S608
        )
    journal.remember(import_id, table, [(row[0], dict(zip(columns, row[1:], strict=True))) for row in rows])


def _insert_contested(contests: Iterable[tuple[Key, Person]], *, import_id: int | None) -> None:
    rows = {(key.digest, root(person).id): key for key, person in contests}
    columns = (("digest", "bytes"), ("customer_id", "int"), ("kind", "text"), ("scope", "text"), ("source_id", "int"))
    values = [(digest, person_id, key.kind, key.scope, import_id) for (digest, person_id), key in rows.items()]
    insert_missing(ContestedIdentifier._meta.db_table, columns, values)


def as_hints(hints: Sequence[tuple[Key, Person]]) -> list[tuple[Key, Person]]:
    """Return receivers' numbers and free nicknames under digests of their own: found by search, never a key."""
    digests = digest16_many(HINT, "", [key.value for key, _ in hints])
    return [(Key(key.kind, HINT, "", digest), person) for (key, person), digest in zip(hints, digests, strict=True)]


def _insert_cases(cases: Sequence[Case], *, import_id: int | None, now: datetime) -> None:
    rows: dict[tuple[int, int, str], tuple[Any, ...]] = {}
    for case in cases:
        pair = sorted((root(case.first).id, root(case.second).id))
        if pair[0] != pair[1]:
            reason = json.dumps(case.reason.as_json())
            rows.setdefault((pair[0], pair[1], case.kind), (reason, case.key.kind, case.key.digest))
    columns = (
        ("first_id", "int"),
        ("second_id", "int"),
        ("kind", "text"),
        ("reason", "json"),
        ("identifier_kind", "text"),
        ("digest", "bytes"),
        ("status", "text"),
        ("source_id", "int"),
        ("opened_at", "instant"),
    )
    at_now = bulk.db_instant(now)
    values = [(*pair, *why, ReviewStatus.OPEN.value, import_id, at_now) for pair, why in rows.items()]
    insert_missing(ReviewCase._meta.db_table, columns, values)


def _insert_tokens(new: Sequence[Person], changed: Sequence[Person]) -> None:
    bulk.insert_rows(NameToken._meta.db_table, ("token", "customer_id"), token_rows((p.id, p.new_words) for p in new))
    add_name_tokens([(p.id, p.new_words) for p in changed if p.new_words])


def insert_scopes(scopes: set[tuple[str, str]]) -> None:
    """Note the scopes in which accounts were seen."""
    insert_missing(AccountScope._meta.db_table, (("kind", "text"), ("scope", "text")), sorted(scopes))
