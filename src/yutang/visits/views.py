"""What others see of hooks, hours, slots and bookings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from yutang.kit.text import N_

#: What became of a booking.
STATE_TITLES: Mapping[str, str] = {
    "booked": N_("Booked"),
    "came": N_("Came to the store"),
    "missed": N_("Did not come"),
    "cancelled": N_("Called off"),
}


@dataclass(frozen=True)
class Hours:
    """From when to when a store takes bookings on a weekday (0: Monday), on its own clock; closing at 00:00 is midnight."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Terms:
    """How a store takes bookings.

    Attributes:
        takes_bookings: whether it does.
        slot_minutes: length of a slot. 5 to 480.
        capacity: bookings that fit into one slot. 1 to 500.
        lead_minutes: how long before a slot it can still be booked. 0 to 10,080.
        days_ahead: how many days ahead the last one lies. 1 to 90.
        hours: opening hours; several a weekday may stand there.
        closed_days: days on which it takes none.
    """

    takes_bookings: bool = True
    slot_minutes: int = 30
    capacity: int = 2
    lead_minutes: int = 60
    days_ahead: int = 14
    hours: tuple[Hours, ...] = ()
    closed_days: tuple[date, ...] = ()


@dataclass(frozen=True)
class BookableStore:
    """A store that takes bookings, and how."""

    id: int
    name: str
    city: str
    time_zone: str
    terms: Terms


@dataclass(frozen=True)
class SlotView:
    """A time that can be booked, in the store's own zone; `left` places of it are free."""

    starts_at: datetime
    left: int


@dataclass(frozen=True)
class BookingView:
    """A visit that was booked, or somebody came for without booking.

    Attributes:
        customer_id: who; None: the person was erased.
        starts_at: in the store's own zone.
        state: one of `STATE_TITLES`.
        source: what led to it; empty: not known.
        code: by which it is checked in, as people read it; empty where it was not asked for.
        has_slot: whether it was booked; False: the customer came without.
        offered_at: when an upgrade was offered there.
        is_given_back: whether it was called off because the money of its place went back.
    """

    id: int
    customer_id: int | None
    store_id: int
    store_name: str
    starts_at: datetime
    business_date: date
    state: str
    source: str
    code: str
    made_at: datetime
    moves: int
    came_at: datetime | None
    has_slot: bool
    offered_at: datetime | None
    is_given_back: bool = False


@dataclass(frozen=True)
class PlaceBack:
    """A place in an offer of which the money goes back: what was booked with it is called off.

    Attributes:
        customer_id: whose.
        source: the programme; every visit of the person that counts for it is called off. Empty: the person has another place of it,
            and only what was booked under `key_starts` is.
        key_starts: how keys of the visits begin that were booked on the page of the place.
    """

    customer_id: int
    source: str
    key_starts: str


@dataclass(frozen=True)
class HookView:
    """An offer of a programme that somebody took up. Money in minor units of `currency`."""

    id: int
    customer_id: int | None
    source: str
    store_id: int | None
    hook_minor: int
    currency: str
    hooked_at: datetime
    paid_at: datetime | None
    refunded_at: datetime | None


@dataclass(frozen=True)
class Day:
    """What a day of a store, or of all within reach, brings. Counts of bookings."""

    booked: int = 0
    came: int = 0
    missed: int = 0
    cancelled: int = 0
    offered: int = 0
