"""What people did elsewhere: taken in once by the id of the event, the person found by a keyed hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db import transaction

from yutang.api.event_months import oldest_kept
from yutang.api.lake_marks import touch_days
from yutang.api.models import Behaviour
from yutang.customers.known_people import digest_of_identifier, people_behind
from yutang.customers.queries import customer_card
from yutang.foundation.access import Actor
from yutang.foundation.bulk import db_instant, execute, fetch, insert_new_rows
from yutang.foundation.queries import StoreView, stores
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Clocks of other systems may be ahead by so much.
_AHEAD = timedelta(minutes=5)
_OWN_PLATFORM = "own"
_COLUMNS = (
    "source",
    "event_id",
    "kind",
    "happened_at",
    "received_at",
    "business_date",
    "customer_id",
    "digest",
    "store_id",
    "properties",
)

_FIND_LATER = """
UPDATE api_behaviour SET customer_id = (
    SELECT COALESCE(c.merged_into_id, c.id) FROM customers_identifier i JOIN customers_customer c ON c.id = i.customer_id
    WHERE i.digest = api_behaviour.digest
) WHERE customer_id IS NULL AND digest IN (SELECT digest FROM customers_identifier)
"""


_DAYS_OF_LATER = """
SELECT DISTINCT business_date FROM api_behaviour
WHERE customer_id IS NULL AND digest IN (SELECT digest FROM customers_identifier)
"""


class EventIsInTheFuture(DomainError):
    """Nothing has happened tomorrow."""

    code: ClassVar[str] = "event_is_in_the_future"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Event %(event_id)s lies in the future. Look at the clock of the system that sent it.")


class EventIsElsewhere(DomainError):
    """The store of an event does not exist within reach."""

    code: ClassVar[str] = "event_is_elsewhere"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Event %(event_id)s names the store %(store_code)s, which is not within your reach.")


@dataclass(frozen=True)
class Seen:
    """An event as another system tells it.

    Attributes:
        event_id: unique within the source.
        kind: such as ``viewed``; lower case.
        identifiers: (kind, value) by which the person is named, the surest first; none: nobody is named.
        store_code: where, if in a store.
        properties: what else is told; no personal data.
    """

    event_id: str
    kind: str
    happened_at: datetime
    identifiers: Sequence[tuple[str, str]] = ()
    store_code: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BehaviourView:
    """An event of a person."""

    id: int
    source: str
    event_id: str
    kind: str
    happened_at: datetime
    store_id: int | None
    properties: dict[str, Any]


def take_events(
    *, actor: Actor, source: str, events: Sequence[Seen], platform: str = "", shop_name: str = "", now: datetime
) -> int:
    """Keep events that are not known yet, and return how many those were; those of months that are not kept any more are passed over.

    Args:
        actor: needs ``events.record``.
        source: the system that saw them.
        events: as it tells them.
        platform: within which its member numbers and openids are unique; empty: the merchant's own.
        shop_name: tells several shops on one platform apart.
        now: when they came. Aware UTC.

    Raises:
        EventIsInTheFuture: one happened more than five minutes from now.
        EventIsElsewhere: one names a store out of reach.
    """
    actor.require("events.record")
    reach = {store.code: store for store in stores(access=actor)} if any(one.store_code for one in events) else {}
    for one in events:
        if one.happened_at > now + _AHEAD:
            raise EventIsInTheFuture(event_id=one.event_id)
        if one.store_code and one.store_code not in reach:
            raise EventIsElsewhere(event_id=one.event_id, store_code=one.store_code)
    platform = platform or _OWN_PLATFORM
    scope = f"{platform}:{shop_name}" if shop_name else platform
    digests = [_digest(one, scope) for one in events]
    days, oldest = [_day(one, reach.get(one.store_code)) for one in events], oldest_kept(now=now)
    people = people_behind(digests=[digest for digest in digests if digest is not None])
    rows = {
        one.event_id: (
            source,
            one.event_id,
            one.kind,
            db_instant(one.happened_at),
            db_instant(now),
            day.isoformat(),
            people.get(digest) if digest else None,
            digest,
            reach[one.store_code].id if one.store_code else None,
            orjson.dumps(one.properties).decode(),
        )
        for one, digest, day in zip(events, digests, days, strict=True)
        if oldest is None or day >= oldest
    }
    if len(rows) == 1:
        # One statement is whole in itself.
        return insert_new_rows("api_behaviour", _COLUMNS, list(rows.values()))
    with transaction.atomic():
        return insert_new_rows("api_behaviour", _COLUMNS, list(rows.values()))


def find_people_later(*, now: datetime) -> int:
    """Give events of people who were not known when they came their person, and return how many."""
    with transaction.atomic():
        # What is found is told to the lake: it knows these events as nobody's.
        touch_days(fetch(_DAYS_OF_LATER), now=now)
        return execute(_FIND_LATER)


def waits_for_people() -> bool:
    """Return whether there is an event of which the person is not known yet."""
    return Behaviour.objects.filter(customer=None, digest__isnull=False).exists()


def behaviour_of(
    *, access: Actor, customer_id: int, before_id: int | None = None, limit: int = 50
) -> tuple[BehaviourView, ...]:
    """Return what a person within reach did, the last that came first.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    customer_card(access=access, customer_id=customer_id)
    rows = Behaviour.objects.filter(customer_id=customer_id).order_by("-id")
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return tuple(
        BehaviourView(row.pk, row.source, row.event_id, row.kind, row.happened_at, row.store_id, row.properties)
        for row in rows[:limit]
    )


def _day(one: Seen, store: StoreView | None) -> date:
    return one.happened_at.astimezone(_zone(store.time_zone if store else settings.TIME_ZONE)).date()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _digest(one: Seen, scope: str) -> bytes | None:
    found = (digest_of_identifier(kind=kind, value=value, scope=scope) for kind, value in one.identifiers)
    return next((digest for digest in found if digest is not None), None)
