"""The evidence for one ask, read from the store: a fixed number of questions, each bounded, whatever lies behind them.

The questions are written out: whoever asks waits for the answer, and to build them anew each time took longer than to answer them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from yutang.customers.queries import NoSuchCustomer
from yutang.foundation import bulk
from yutang.orders.models import OrderStatus
from yutang.risk.asks import Ask
from yutang.risk.facts import DAY, MOST_SEEN, WINDOW, Evidence, Group, Joined, Record, Seen
from yutang.risk.models import Effect
from yutang.risk.things import Things, things_of

#: One bounded read of the latest traces by what they have in common with the ask.
_PIECE = (
    "SELECT * FROM (SELECT 'seen_by', at, customer_id, device, payer, past FROM risk_trace"
    " WHERE seen_column = %s AND at > %s ORDER BY at DESC LIMIT %s) AS latest_seen_by"
)
_COLUMNS = {
    "person": "customer_id",
    "device": "device",
    "address": "address",
    "block": "block",
    "payer": "payer",
    "place": "place",
    "inviter": "inviter_id",
}
_SEEN = {name: _PIECE.replace("seen_column", column).replace("seen_by", name) for name, column in _COLUMNS.items()}
#: Windows by column; network addresses and the person count by the hour and the day only. Seconds.
_BACK = {"person": DAY, "address": DAY, "block": DAY}
UNPAID = (OrderStatus.SHELL, OrderStatus.PLACED, OrderStatus.CANCELLED, OrderStatus.REFUNDED)
MOST_ORDERS = 5
_CUSTOMERS = "SELECT id, merged_into_id, first_seen_at FROM customers_customer WHERE id IN (some_keys)"
_ORDERS = """
    SELECT COUNT(*) FROM
    (SELECT 1 FROM orders_order WHERE customer_id = %s AND status NOT IN (unpaid) LIMIT %s) AS some_orders
""".replace("unpaid", ", ".join(str(int(one)) for one in UNPAID))
_STANDINGS = """
    SELECT customer_id, community, score, invited, invited_known, invited_left, ring, own_left, own_bought, stopped
    FROM risk_standing WHERE customer_id IN (some_keys)
"""
_THINGS = "SELECT DISTINCT community FROM risk_thing WHERE community IS NOT NULL AND id IN (some_keys)"
_COMMUNITY = """
    SELECT people, shared_percent, strangers, known, "left", stopped,
        joined_people, joined_devices, joined_payers, joined_shared_percent, joined_strangers
    FROM risk_community WHERE id IN (some_keys) ORDER BY people DESC, id LIMIT 1
"""
_LISTED = """
    SELECT effect FROM risk_listentry WHERE ended_at IS NULL AND thing IN (some_keys) AND (until IS NULL OR until > %s)
    UNION
    SELECT effect FROM risk_listentry WHERE ended_at IS NULL AND customer_id = %s AND (until IS NULL OR until > %s)
"""


@dataclass(slots=True)
class Looked:
    """What was found about an ask.

    Attributes:
        ask: as it was asked.
        person_id: who asks, merges followed; None: not known.
        inviter_id: who brought them, merges followed.
        things: keyed hashes of the ask.
        evidence: for the facts.
        effects: of the lists that the ask stands on.
    """

    ask: Ask
    person_id: int | None
    inviter_id: int | None
    things: Things
    evidence: Evidence
    effects: frozenset[str]


def look(ask: Ask, *, now: datetime) -> Looked:
    """Return everything that is known at the moment of an ask.

    Raises:
        NoSuchCustomer: the person is not there.
    """
    things = things_of(ask)
    people = _people(ask)
    person = None if ask.person_id is None else people[ask.person_id][0]
    inviter = people[ask.inviter_id][0] if ask.inviter_id in people else None
    records = _records({one for one in (person, inviter) if one is not None})
    first_seen_at = now if ask.person_id is None else people[ask.person_id][1]
    evidence = Evidence(
        now=int(now.timestamp()),
        person=person or 0,
        device=things.device or 0,
        payer=things.payer or 0,
        inviter=inviter or 0,
        seen=_seen(person, inviter, things, int(now.timestamp())),
        account_days=max(0, (now - first_seen_at).days),
        orders=_orders(person),
        record=records[person].record if person in records else Record(),
        inviter_record=records[inviter].record if inviter in records else Record(),
        group=_group(records.get(person or 0), things),
        value_fen=ask.value_fen,
    )
    return Looked(ask, person, inviter, things, evidence, _effects(person, things, now))


def _people(ask: Ask) -> dict[int, tuple[int, datetime]]:
    """Return, by key, who stands for the person and the inviter now, and since when these are known."""
    wanted = {one for one in (ask.person_id, ask.inviter_id) if one is not None}
    if not wanted:
        return {}
    rows = {pk: (into, seen) for pk, into, seen in _customers(wanted)}
    merged = {into for into, _seen_at in rows.values() if into is not None}
    winners = {pk: seen for pk, _into, seen in _customers(merged)} if merged else {}
    found = {pk: (into or pk, winners.get(into or pk, seen)) for pk, (into, seen) in rows.items()}
    if ask.person_id is not None and ask.person_id not in found:
        raise NoSuchCustomer(customer_id=ask.person_id)
    return found


def _customers(keys: set[int]) -> list[tuple[int, int | None, datetime]]:
    return [(key, into, cast("datetime", bulk.aware_instant(seen))) for key, into, seen in _of_some(_CUSTOMERS, keys)]


def _of_some(sql: str, keys: Collection[int], *more: Any) -> list[tuple[Any, ...]]:
    """Return the answer to a question about some keys; the places of the keys come first."""
    return bulk.fetch(sql.replace("some_keys", ", ".join(["%s"] * len(keys))), (*keys, *more), often=True)


def _seen(person: int | None, inviter: int | None, things: Things, now: int) -> dict[str, list[Seen]]:
    by = {
        "person": person,
        "inviter": inviter,
        "device": things.device,
        "address": things.address,
        "block": things.block,
        "payer": things.payer,
        "place": things.place,
    }
    asked = {name: key for name, key in by.items() if key is not None}
    found: dict[str, list[Seen]] = {name: [] for name in asked}
    if not asked:
        return found
    parameters: list[int] = []
    for name, key in asked.items():
        parameters += [key, now - _BACK.get(name, WINDOW), MOST_SEEN]
    rows = bulk.fetch(" UNION ALL ".join(_SEEN[name] for name in asked), parameters)
    for name, at, who, device, payer, past in rows:
        found[name].append(Seen(at, who or 0, device or 0, payer or 0, past))
    return found


def _orders(person: int | None) -> int:
    return 0 if person is None else int(bulk.fetch(_ORDERS, (person, MOST_ORDERS), often=True)[0][0])


@dataclass(slots=True)
class _Standing:
    """Where a person stands in the web of ties."""

    community: int | None
    record: Record


def _records(keys: set[int]) -> dict[int, _Standing]:
    found = _of_some(_STANDINGS, keys) if keys else []
    return {key: _Standing(community, Record(*counts)) for key, community, *counts in found}


def _group(standing: _Standing | None, things: Things) -> Group | None:
    """Return the largest community that the person, or what they ask with, belongs to."""
    keys = [one for one in (things.device, things.payer, things.place) if one is not None]
    ids = {community for (community,) in _of_some(_THINGS, keys)} if keys else set()
    if standing is not None and standing.community is not None:
        ids.add(standing.community)
    for people, shared, strangers, known, left, stopped, *joined in _of_some(_COMMUNITY, ids) if ids else ():
        return Group(people, shared, strangers, known, left, stopped, Joined(*joined))
    return None


def _effects(person: int | None, things: Things, now: datetime) -> frozenset[str]:
    """Return what the lists say of the ask."""
    keys = [one for one in (things.device, things.address, things.block, things.payer, things.place) if one is not None]
    at = bulk.db_instant(now)
    if person is None and not keys:
        return frozenset()
    # No key is 0, and nobody's: a place must stand there where nothing is known.
    return frozenset(Effect(one) for (one,) in _of_some(_LISTED, keys or [0], at, person or 0, at))
