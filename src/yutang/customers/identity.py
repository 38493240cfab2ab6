"""Who the people of a batch of rows are: found, made, joined or held apart, set-based, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from yutang.customers import people_store
from yutang.customers.observing import Observed, Origin
from yutang.customers.organisation import limits_of_numbers
from yutang.customers.resolving import Resolver, root
from yutang.kit.memory import collector_paused

__all__ = ["Origin", "Resolution", "resolve", "resolve_people"]


@dataclass(frozen=True)
class Resolution:
    """What a batch of rows came to.

    Attributes:
        customer_ids: the person of each row, int64; null where a row has no key.
        made: people who were not known before.
        changed: known people of whom something was learnt.
    """

    customer_ids: pa.Int64Array
    made: frozenset[int]
    changed: frozenset[int]


def resolve_people(*, observed: pa.Table, origin: Origin, now: datetime) -> pa.Int64Array:
    """Return the person of each row, and write what the rows teach about people; see `resolve`."""
    return resolve(observed=observed, origin=origin, now=now).customer_ids


def resolve(*, observed: pa.Table, origin: Origin, now: datetime) -> Resolution:
    """Find, make, join or hold apart the people of rows, in the caller's transaction.

    Rows are taken one after the other, so that it makes no difference where a file is cut into batches. Equal rows cost little:
    give every order its row with its own `seen_at`, since a receiver seen at two instants is surer than one seen once.

    Args:
        observed: what rows say of people. Text columns, all nullable and each may be missing: name, phone
            (E.164), receiver_name, receiver_phone (E.164), nickname, email, member_no, external_userid, unionid, openid,
            device, gender, country, province, city, district, address, note; birthday (date), store_id and owner_id (int64),
            seen_at (timestamp, UTC).
        origin: the import and the scope of its accounts.
        now: when it is resolved. Aware UTC.

    Returns:
        Customer ids of shape ``(observed.num_rows,)``. A row is null when it has no key by which anybody could be told; who
        had been assigned to such a row before stays so.
    """
    if observed.num_rows == 0:
        return Resolution(pa.array([], pa.int64()), frozenset(), frozenset())
    with collector_paused():
        # What the pass makes is gone when it returns: the collector, on again, does not walk through it.
        return _resolved(observed, origin, now)


def _resolved(observed: pa.Table, origin: Origin, now: datetime) -> Resolution:
    limits = limits_of_numbers()
    batch = Observed(observed, origin, limits)
    known = people_store.load(batch.digests())
    resolver = Resolver(
        holder=known.holder, contested=known.contested, apart=known.apart, most=limits.people_per_number
    )
    people = [batch.enrich(resolver.take(row), row, i) for i, row in enumerate(batch.rows())]
    devices = batch.devices(people)
    evidence = [*devices, *people_store.as_hints([*resolver.open_claims(), *batch.hints])]
    people_store.write(resolver, known=known, evidence=evidence, import_id=origin.import_id, now=now)
    ids = pa.array([root(p).id if p is not None else None for p in people], pa.int64())
    return Resolution(
        customer_ids=ids.take(pa.array(batch.row_of)),
        made=frozenset(p.id for p in resolver.made if p.into is None),
        changed=frozenset(p.id for p in known.people.values() if p.changed and p.into is None),
    )
