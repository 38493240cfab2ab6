"""What the room of visits tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class HookPaid:
    """Somebody paid the low-price offer of a programme: now is the time to invite to the store.

    Attributes:
        hook_id: the offer taken up.
        customer_id: who.
        store_id: where it is to be used; 0: anywhere.
        source: the programme, such as ``groupbuy:12``.
        hook_minor: its price. Minor units.
    """

    hook_id: int
    customer_id: int
    store_id: int
    source: str
    hook_minor: int


@dataclass(frozen=True)
class Booked:
    """Somebody booked a visit.

    Attributes:
        booking_id: the booking.
        customer_id: who comes.
        store_id: where.
        source: what led to it, such as ``groupbuy:12``; empty: not known.
        starts_at: when.
    """

    booking_id: int
    customer_id: int
    store_id: int
    source: str
    starts_at: datetime


@dataclass(frozen=True)
class Moved:
    """A booked visit was moved to another time, or another store.

    Attributes:
        booking_id: the booking.
        customer_id: who comes.
        store_id: where.
        source: what led to it.
        starts_at: when, now.
    """

    booking_id: int
    customer_id: int
    store_id: int
    source: str
    starts_at: datetime


@dataclass(frozen=True)
class VisitNeared:
    """A booked visit is as near as the organisation wants people reminded; told once for each time that was booked.

    Attributes:
        booking_id: the booking.
        customer_id: who comes.
        store_id: where.
        source: what led to it.
        starts_at: when.
    """

    booking_id: int
    customer_id: int
    store_id: int
    source: str
    starts_at: datetime


@dataclass(frozen=True)
class Came:
    """Somebody came to the store and was checked in.

    Attributes:
        booking_id: the booking.
        customer_id: who came; 0: the person was erased.
        store_id: where.
        source: what led to it.
    """

    booking_id: int
    customer_id: int
    store_id: int
    source: str


@dataclass(frozen=True)
class Missed:
    """Somebody had booked and did not come.

    Attributes:
        booking_id: the booking.
        customer_id: who did not come.
        store_id: where.
        source: what led to it.
    """

    booking_id: int
    customer_id: int
    store_id: int
    source: str


@dataclass(frozen=True)
class Cancelled:
    """A booked visit was called off.

    Attributes:
        booking_id: the booking.
        customer_id: who will not come.
        store_id: where.
        source: what led to it.
    """

    booking_id: int
    customer_id: int
    store_id: int
    source: str
