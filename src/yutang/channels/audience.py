"""Facts about a whole audience as columns: from the lake, with what the store has changed since it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from numpy.typing import NDArray

from yutang.channels.columns import (
    NONE_YET,
    ContactColumns,
    DecisionColumns,
    FactColumns,
    Flags,
    Ints,
    Small,
    contacts_in_order,
    decide_all,
    microseconds,
)
from yutang.channels.delivery.books import wecom_book
from yutang.channels.models import Grievance, GrievanceKind, QuotaUse, Touch
from yutang.channels.policy import CHANNELS, INTENTS, LONGEST_WINDOW_DAYS, PURPOSE_OF, Policy
from yutang.channels.rules import Request
from yutang.channels.slots import slot_at
from yutang.channels.wording import REASONS
from yutang.customers.models import Consent
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.ingest.lake_sync import the_lake
from yutang.ingest.published import PUBLISHED
from yutang.insight.lake_reading import answer, open_engine
from yutang.kit.arrays import distinct
from yutang.lake.engines.base import Engine
from yutang.lake.manifest import Snapshot
from yutang.segments.queries import FiguresAreNotReady

#: What the store changed up to so long before the lake was written is read from the store: transactions take a while.
_OVERLAP = timedelta(hours=1)
#: Entries of the consent ledger before the lake's last that are read from the store too, for the same reason.
_ENTRIES_OVERLAP = 20_000
_TABLES = ("customers_customer", "customers_consent", "channels_touch")
_ADDRESSES = {"wecom": "wecoms", "sms": "phones", "phone": "phones", "email": "emails"}
_UNKNOWN = REASONS.index("unknown_person")
_REFUSED = 3


@dataclass(frozen=True)
class AudienceDecisions:
    """Decisions about an audience.

    Attributes:
        customer_ids: who, ascending. Shape (n,).
        decisions: aligned by position.
    """

    customer_ids: Ints
    decisions: DecisionColumns


def decide_audience(
    *, access: Actor, customer_ids: Sequence[int] | Ints, request: Request, policy: Policy
) -> AudienceDecisions:
    """Return what may be done with one message to each person of an audience.

    Args:
        access: whose reach bounds the people; those out of it are refused like unknown ones.
        customer_ids: the audience, in any order.
        request: what is to be sent.
        policy: by which it is decided.

    Raises:
        FiguresAreNotReady: the lake was never written, or by a version that did not hold touches.
    """
    snapshot = lake_for_policy()
    people = distinct(customer_ids)
    with open_engine(snapshot) as engine:
        facts, is_known = _Reading(engine, people, request, policy).facts(access)
    if request.channel == "wecom":
        facts = replace(facts, is_reachable=facts.is_reachable & _may_be_written_to(people))
    decided = decide_all(request=request, facts=facts, policy=policy)
    outcome, reason = decided.outcome.copy(), decided.reason.copy()
    outcome[~is_known], reason[~is_known] = _REFUSED, _UNKNOWN
    return AudienceDecisions(people, DecisionColumns(outcome, decided.at, reason, np.where(is_known, decided.have, -1)))


def lake_for_policy() -> Snapshot:
    """Return the lake as it is now.

    Raises:
        FiguresAreNotReady: it was never written, or by a version that did not hold touches.
    """
    snapshot = the_lake().snapshot()
    for name in _TABLES:
        held = snapshot.manifests.get(name)
        if held is None or not set(PUBLISHED[name].columns) <= set(held.columns):
            raise FiguresAreNotReady
    return snapshot


class _Reading:
    """Reads the facts of one audience about one request."""

    def __init__(self, engine: Engine, people: Ints, request: Request, policy: Policy) -> None:
        self._engine, self._people, self._request, self._policy = engine, people, request, policy
        self._audience = pa.table({"customer_id": pa.array(people)})
        written_at = datetime.fromisoformat(engine.snapshot.written_at)
        self._touches = {"audience": self._audience, "fresh_touch": _fresh_touches(written_at - _OVERLAP)}

    def facts(self, access: Actor) -> tuple[FactColumns, Flags]:
        """Return the facts, and who is known and within reach; shape (n,)."""
        n, request = len(self._people), self._request
        rows = answer(self._engine, "channels.audience_people", inputs={"audience": self._audience})
        zone, zones, is_known = places_of(rows, access)
        slot = slot_at(channel=request.channel, policy=self._policy, moment=request.moment)
        used_up = np.zeros(n, dtype=bool) if slot is None else self._among(_used_up(slot.name, slot.most))
        if slot is not None and slot.most == 0:
            used_up[:] = True
        free_at = NONE_YET if slot is None else microseconds(slot.ends_at)
        addresses = rows[_ADDRESSES[request.channel]].to_numpy(zero_copy_only=False)
        facts = FactColumns(
            joined_at=_instants(rows["joined_at"]),
            zone=zone,
            zones=zones,
            is_reachable=np.nan_to_num(addresses.astype(np.float64)) > 0,
            said=self._said(PURPOSE_OF.get(request.intent)),
            said_of_value=self._said(PURPOSE_OF["value"] if request.intent == "promotion" else None),
            value_touches=self._value_touches(),
            has_complaint=self._among(_open_grievances(GrievanceKind.COMPLAINT, request.moment)),
            mood_fell_at=self._spread(_open_grievances(GrievanceKind.MOOD, request.moment)),
            had_content_at=self._had_content_at(),
            standing=np.zeros(n, dtype=np.int8),
            standing_since=np.full(n, NONE_YET),
            quota_free_at=np.where(used_up, free_at, NONE_YET),
            contacts=self._contacts(),
        )
        return facts, is_known

    def _said(self, purpose: str | None) -> Small:
        said = np.zeros(len(self._people), dtype=np.int8)
        if purpose is None:
            return said
        lent = {"audience": self._audience, "fresh_consent": _fresh_consents(self._engine)}
        params = {"purpose": purpose, "channel": self._request.channel}
        rows = answer(self._engine, "channels.audience_consents", params, lent)
        granted = rows["granted"].to_numpy()
        said[self._where(rows)] = np.where(granted == 1, 1, -1)
        return said

    def _value_touches(self) -> Ints:
        counts: Ints = np.zeros(len(self._people), dtype=np.int64)
        if self._request.intent == "promotion":
            params = {"moment": _plain(self._request.moment)}
            rows = answer(self._engine, "channels.audience_value", params, self._touches)
            counts[self._where(rows)] = rows["value_touches"].to_numpy()
        return counts

    def _had_content_at(self) -> Ints:
        had: Ints = np.full(len(self._people), NONE_YET)
        if self._request.content:
            rows = answer(self._engine, "channels.audience_contents", {"content": self._request.content}, self._touches)
            had[self._where(rows)] = _instants(rows["had_at"])
        return had

    def _contacts(self) -> ContactColumns:
        since = self._request.moment - timedelta(days=LONGEST_WINDOW_DAYS)
        rows = answer(self._engine, "channels.audience_contacts", {"since": _plain(since)}, self._touches)
        return contacts_in_order(
            owner=self._where(rows),
            at=_instants(rows["touch_at"]),
            channel=_codes(rows["channel"], CHANNELS),
            intent=_codes(rows["intent"], INTENTS),
            is_planned=rows["is_planned"].to_numpy(zero_copy_only=False).astype(bool),
        )

    def _where(self, rows: pa.Table) -> Ints:
        """Return the position of each row's person; shape (rows,)."""
        where: Ints = np.searchsorted(self._people, rows["customer_id"].to_numpy())
        return where

    def _among(self, keys: Mapping[int, int]) -> Flags:
        return np.isin(self._people, np.fromiter(keys, dtype=np.int64, count=len(keys)))

    def _spread(self, instants: Mapping[int, int]) -> Ints:
        spread: Ints = np.full(len(self._people), NONE_YET)
        for customer_id, instant in instants.items():
            place = int(np.searchsorted(self._people, customer_id))
            if place < len(self._people) and self._people[place] == customer_id:
                spread[place] = instant
        return spread


def places_of(rows: pa.Table, access: Actor) -> tuple[NDArray[np.int16], tuple[str, ...], Flags]:
    """Return the place of each person's time zone among the zones, the zones, and who is known and within reach."""
    stores = dict(Store.objects.values_list("pk", "time_zone"))
    zones = tuple(sorted({settings.TIME_ZONE, *stores.values()}))
    store = rows["store_id"].fill_null(0).to_numpy()
    known, place = np.unique(store, return_inverse=True)
    zone = np.array([zones.index(stores.get(int(key), settings.TIME_ZONE)) for key in known], dtype=np.int16)
    is_known = rows["joined_at"].is_valid().to_numpy(zero_copy_only=False).astype(bool)
    if access.store_ids is not None:
        is_known &= np.isin(store, np.array(sorted(access.store_ids), dtype=np.int64))
    return (zone[place] if len(known) else zone), zones, is_known


def _may_be_written_to(people: Ints) -> Flags:
    """Return whether some member of staff is a friend of each; everybody where no WeCom is connected. Shape (n,)."""
    book = wecom_book()
    if book is None:
        return np.ones(len(people), dtype=bool)
    friends = book.everybody_befriended()
    return np.isin(people, np.fromiter(friends, dtype=np.int64, count=len(friends)))


def _used_up(slot: str, most: int) -> dict[int, int]:
    used = QuotaUse.objects.filter(slot=slot, used__gte=most, customer__isnull=False).order_by()
    return dict.fromkeys(used.values_list("customer_id", flat=True).iterator(chunk_size=50_000), 1)


def _open_grievances(kind: str, moment: datetime) -> dict[int, int]:
    """Return who has an open one of a kind, with when the latest was opened. Microseconds since 1970 (UTC)."""
    rows = Grievance.objects.filter(kind=kind, closed_at=None, opened_at__lte=moment).order_by("opened_at")
    return {customer_id: int(microseconds(at)) for customer_id, at in rows.values_list("customer_id", "opened_at")}


_TOUCH_COLUMNS = {
    "touch_id": pa.int64(),
    "customer_id": pa.int64(),
    "channel": pa.string(),
    "intent": pa.string(),
    "content": pa.string(),
    "state": pa.string(),
    "touch_at": pa.timestamp("us"),
}
_CONSENT_COLUMNS = {
    "consent_id": pa.int64(),
    "customer_id": pa.int64(),
    "purpose": pa.string(),
    "channel": pa.string(),
    "granted": pa.int16(),
    "occurred_at": pa.timestamp("us"),
}


def _fresh_touches(since: datetime) -> pa.Table:
    rows = Touch.objects.filter(changed_at__gte=since, customer__isnull=False).order_by()
    found = rows.values_list("pk", "customer_id", "channel", "intent", "content", "state", "at")
    return _table(_TOUCH_COLUMNS, [(*row[:-1], _plain(row[-1])) for row in found.iterator(chunk_size=50_000)])


def _fresh_consents(engine: Engine) -> pa.Table:
    last = engine.execute("SELECT max(consent_id) AS last FROM customers_consent")["last"][0].as_py() or 0
    rows = Consent.objects.filter(pk__gt=last - _ENTRIES_OVERLAP).order_by()
    found = rows.values_list("pk", "customer_id", "purpose", "channel", "granted", "occurred_at")
    fresh = [(*row[:-2], int(row[-2]), _plain(row[-1])) for row in found.iterator(chunk_size=50_000)]
    return _table(_CONSENT_COLUMNS, fresh)


def _table(columns: Mapping[str, pa.DataType], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    arrays = [pa.array([row[n] for row in rows], type=kind) for n, kind in enumerate(columns.values())]
    return pa.table(dict(zip(columns, arrays, strict=True)))


def _codes(column: pa.ChunkedArray, values: Sequence[str]) -> Small:
    codes: Small = pc.index_in(column, value_set=pa.array(values)).to_numpy().astype(np.int8)
    return codes


def _instants(column: pa.ChunkedArray) -> Ints:
    """Return instants as microseconds since 1970 (UTC); `NONE_YET` where there is none."""
    whole = column.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(int(NONE_YET))
    instants: Ints = whole.to_numpy().astype(np.int64, copy=False)
    return instants


def _plain(instant: datetime) -> datetime:
    """Return a UTC instant without its zone, as the lake keeps it."""
    return instant.astimezone(UTC).replace(tzinfo=None)
