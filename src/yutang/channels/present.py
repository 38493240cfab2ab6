"""What the store knows of some thousands of people at once, as the columns of `columns.py`: read fresh, in a fixed number of questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.db.models import Max
from numpy.typing import NDArray

from yutang.channels.columns import (
    NONE_YET,
    ContactColumns,
    FactColumns,
    Flags,
    Ints,
    Small,
    contacts_in_order,
    microseconds,
)
from yutang.channels.crowds import ADDRESS_OF, WHEN_PLANNED
from yutang.channels.models import Grievance, GrievanceKind, QuotaUse, Touch, TouchState
from yutang.channels.policy import CHANNELS, INTENTS, LONGEST_WINDOW_DAYS, PURPOSE_OF, Policy
from yutang.channels.rules import Request
from yutang.channels.slots import slot_at
from yutang.customers.models import Consent, ConsentChannel, Customer, Identifier
from yutang.foundation.models import Store

#: People of one reading: their keys stand in the questions themselves.
MOST_AT_ONCE = 5_000


@dataclass(frozen=True)
class Had:
    """A message that somebody had, or that is planned: place of the person among the people, when, and what."""

    place: int
    at: datetime
    channel: str
    intent: str
    content: str
    is_planned: bool


@dataclass(frozen=True)
class PresentFacts:
    """What is known of some people, whatever is to be sent to them.

    Attributes:
        people: keys, ascending. Shape (n,).
        joined_at: since when known; people who are not there have joined never. Shape (n,).
        zone: place of the time zone among `zones`. Shape (n,).
        addresses: kinds of identifiers by person.
        consents: entries of the ledger in the order in which they hold: person, purpose, channel, word.
        had: messages.
        open_since: latest open grievance by kind and person.
        used_up: people by period of the platform's quota; read when a period is asked for.
    """

    people: Ints
    joined_at: Ints
    zone: NDArray[np.int16]
    zones: tuple[str, ...]
    addresses: frozenset[tuple[int, str]]
    consents: Sequence[tuple[int, str, str, bool]]
    had: tuple[Had, ...]
    open_since: Mapping[tuple[str, int], datetime]
    used_up: dict[tuple[str, int], frozenset[int]] = field(default_factory=dict)

    def plus(self, more: Iterable[Had]) -> PresentFacts:
        """Return the facts with further messages, such as those of the same plan."""
        return replace(self, had=(*self.had, *more))

    def columns(self, request: Request, policy: Policy) -> FactColumns:
        """Return the facts that decide about one message to each of the people."""
        n = len(self.people)
        slot = slot_at(channel=request.channel, policy=policy, moment=request.moment)
        used = np.zeros(n, dtype=bool)
        if slot is not None:
            used = np.full(n, True) if slot.most == 0 else self._among(self._who_used(slot.name, slot.most))
        free_at = NONE_YET if slot is None else microseconds(slot.ends_at)
        kind = ADDRESS_OF[request.channel]
        keys = self.people.tolist()
        return FactColumns(
            joined_at=self.joined_at,
            zone=self.zone,
            zones=self.zones,
            is_reachable=np.fromiter(((key, kind) in self.addresses for key in keys), dtype=bool, count=n),
            said=self._said(PURPOSE_OF.get(request.intent), request.channel),
            said_of_value=self._said(PURPOSE_OF["value"], request.channel),
            value_touches=self._value_touches(request.moment),
            has_complaint=self._open(GrievanceKind.COMPLAINT, request.moment) > NONE_YET,
            mood_fell_at=self._open(GrievanceKind.MOOD, request.moment),
            had_content_at=self._had_content_at(request.content),
            standing=np.zeros(n, dtype=np.int8),
            standing_since=np.full(n, NONE_YET),
            quota_free_at=np.where(used, free_at, NONE_YET),
            contacts=self._contacts(request.moment),
        )

    def _among(self, keys: frozenset[int]) -> Flags:
        return np.isin(self.people, np.fromiter(keys, dtype=np.int64, count=len(keys)))

    def _who_used(self, slot: str, most: int) -> frozenset[int]:
        if (slot, most) not in self.used_up:
            rows = QuotaUse.objects.filter(slot=slot, used__gte=most, customer_id__in=self.people.tolist()).order_by()
            self.used_up[slot, most] = frozenset(rows.values_list("customer_id", flat=True))
        return self.used_up[slot, most]

    def _said(self, purpose: str | None, channel: str) -> Small:
        said = np.zeros(len(self.people), dtype=np.int8)
        if purpose is None:
            return said
        places = {key: place for place, key in enumerate(self.people.tolist())}
        for key, of, way, granted in self.consents:
            if of == purpose and way in {channel, ConsentChannel.ANY.value}:
                said[places[key]] = 1 if granted else -1
        return said

    def _value_touches(self, moment: datetime) -> Ints:
        sent = [one.place for one in self.had if one.intent == "value" and not one.is_planned and one.at <= moment]
        counts: Ints = np.bincount(np.array(sent, dtype=np.int64), minlength=len(self.people)).astype(np.int64)
        return counts

    def _had_content_at(self, content: str) -> Ints:
        had: Ints = np.full(len(self.people), NONE_YET)
        if content:
            for one in self.had:
                if one.content == content:
                    had[one.place] = max(had[one.place], microseconds(one.at))
        return had

    def _contacts(self, moment: datetime) -> ContactColumns:
        since = moment - timedelta(days=LONGEST_WINDOW_DAYS)
        recent = [one for one in self.had if one.at > since and one.intent != "transactional"]
        return contacts_in_order(
            owner=np.array([one.place for one in recent], dtype=np.int64),
            at=np.array([microseconds(one.at) for one in recent], dtype=np.int64),
            channel=np.array([CHANNELS.index(one.channel) for one in recent], dtype=np.int8),
            intent=np.array([INTENTS.index(one.intent) for one in recent], dtype=np.int8),
            is_planned=np.array([one.is_planned for one in recent], dtype=bool),
        )

    def _open(self, kind: str, moment: datetime) -> Ints:
        since = (self.open_since.get((kind, key)) for key in self.people.tolist())
        return np.array([NONE_YET if at is None or at > moment else microseconds(at) for at in since], dtype=np.int64)


def present_facts(*, customer_ids: Sequence[int] | Ints, counted: Sequence[str] = WHEN_PLANNED) -> PresentFacts:
    """Return what is known of people now; in a transaction of PostgreSQL they are held to its end.

    Args:
        customer_ids: people who stand for themselves, at most `MOST_AT_ONCE`.
        counted: states of messages that count.
    """
    people: Ints = np.unique(np.asarray(customer_ids, dtype=np.int64))
    keys = people.tolist()
    if len(keys) > MOST_AT_ONCE:
        raise ValueError(f"{len(keys)} people at once are too many")
    places = {key: place for place, key in enumerate(keys)}
    zones_of = dict(Store.objects.values_list("pk", "time_zone"))
    zones = tuple(sorted({settings.TIME_ZONE, *zones_of.values()}))
    joined: Ints = np.full(len(keys), NONE_YET)
    zone = np.full(len(keys), zones.index(settings.TIME_ZONE), dtype=np.int16)
    rows = Customer.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "first_seen_at", "store_id")
    for key, at, store_id in rows:
        joined[places[key]] = microseconds(at)
        zone[places[key]] = zones.index(zones_of.get(store_id, settings.TIME_ZONE))
    identifiers = Identifier.objects.filter(customer_id__in=keys, kind__in=set(ADDRESS_OF.values())).order_by()
    return PresentFacts(
        people=people,
        joined_at=joined,
        zone=zone,
        zones=zones,
        addresses=frozenset(identifiers.values_list("customer_id", "kind")),
        consents=_consents(keys),
        had=_had(keys, places, counted),
        open_since=_open_since(keys),
    )


def _consents(keys: Sequence[int]) -> list[tuple[int, str, str, bool]]:
    rows = Consent.objects.filter(customer_id__in=keys, purpose__in=set(PURPOSE_OF.values()))
    ordered = rows.order_by("occurred_at", "id")
    return list(ordered.values_list("customer_id", "purpose", "channel", "granted"))


def _had(keys: Sequence[int], places: Mapping[int, int], counted: Sequence[str]) -> tuple[Had, ...]:
    rows = Touch.objects.filter(customer_id__in=keys, state__in=counted).order_by()
    found = rows.values_list("customer_id", "at", "channel", "intent", "content", "state")
    return tuple(
        Had(places[key], at, channel, intent, content, state == TouchState.PLANNED)
        for key, at, channel, intent, content, state in found.iterator(chunk_size=20_000)
        if key is not None
    )


def _open_since(keys: Sequence[int]) -> dict[tuple[str, int], datetime]:
    rows = Grievance.objects.filter(customer_id__in=keys, closed_at=None).order_by()
    latest = rows.values_list("kind", "customer_id").annotate(Max("opened_at"))
    return {(kind, key): at for kind, key, at in latest}
