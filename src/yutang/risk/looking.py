"""The evidence for one ask, read from the store: a fixed number of questions, each bounded, whatever lies behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation import bulk
from yutang.orders.models import Order, OrderStatus
from yutang.risk.asks import Ask
from yutang.risk.facts import DAY, MOST_SEEN, WINDOW, Evidence, Group, Joined, Record, Seen
from yutang.risk.models import Community, Effect, ListEntry, Standing, Thing
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
    records = _records([one for one in (person, inviter) if one is not None])
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
        record=_record(records.get(person or 0)),
        inviter_record=_record(records.get(inviter or 0)),
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
    rows = Customer.objects.filter(pk__in=keys).order_by()
    return list(rows.values_list("pk", "merged_into_id", "first_seen_at"))


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
    if person is None:
        return 0
    paid = Order.objects.filter(customer_id=person).exclude(status__in=UNPAID).order_by()
    return len(paid.values_list("pk")[:MOST_ORDERS])


def _records(keys: Sequence[int]) -> dict[int, Standing]:
    return {row.pk: row for row in Standing.objects.filter(pk__in=keys).order_by()} if keys else {}


def _record(row: Standing | None) -> Record:
    if row is None:
        return Record()
    return Record(
        score=row.score, invited=row.invited, invited_known=row.invited_known, invited_left=row.invited_left, ring=row.ring,
        own_left=row.own_left, own_bought=row.own_bought, stopped=row.stopped,
    )  # fmt: skip


def _group(row: Standing | None, things: Things) -> Group | None:
    """Return the largest community that the person, or what they ask with, belongs to."""
    keys = [one for one in (things.device, things.payer, things.place) if one is not None]
    ids = set(Thing.objects.filter(pk__in=keys).order_by().values_list("community", flat=True)) if keys else set()
    ids |= {row.community} if row else set()
    named = [one for one in ids if one is not None]
    for one in Community.objects.filter(pk__in=named).order_by("-people", "id")[:1] if named else ():
        joined = Joined(
            one.joined_people, one.joined_devices, one.joined_payers, one.joined_shared_percent, one.joined_strangers
        )
        return Group(one.people, one.shared_percent, one.strangers, one.known, one.left, one.stopped, joined)
    return None


def _effects(person: int | None, things: Things, now: datetime) -> frozenset[str]:
    """Return what the lists say of the ask."""
    keys = [one for one in (things.device, things.address, things.block, things.payer, things.place) if one is not None]
    listed = Q(thing__in=keys)
    if person is not None:
        listed |= Q(customer_id=person)
    living = ListEntry.objects.filter(listed, Q(until=None) | Q(until__gt=now), ended_at=None).order_by()
    return frozenset(Effect(one) for one in living.values_list("effect", flat=True))
