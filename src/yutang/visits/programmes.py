"""What programmes say of visits that count for them: where their offers are used, and whether a place is left to come with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yutang.kit.registry import Registry
from yutang.visits.models import Booking, BookingState, Hook

#: A visit that is to come, or that took place, uses up a place.
USING = (BookingState.BOOKED, BookingState.CAME)


@dataclass(frozen=True)
class StoresReader:
    """Somebody who knows at which stores offers are used.

    Attributes:
        name: the word before the colon of what led to a visit, such as ``groupbuy``.
        reads: (what led to it) to the keys of the stores; None: any store.
    """

    name: str
    reads: Callable[[str], frozenset[int] | None]


STORES: Registry[StoresReader] = Registry(what="readers of the stores of offers", name_of=lambda one: one.name)


def stores_of(source: str) -> frozenset[int] | None:
    """Return the stores at which an offer is used; None: any."""
    kind = source.partition(":")[0]
    return STORES[kind].reads(source) if kind in STORES else None


def has_place_left(*, customer_id: int, source: str) -> bool:
    """Return whether a person can still come with what they paid of a programme: one paid place is one visit.

    Of whom nothing was noted that they took up, nothing speaks against.
    """
    hooks = Hook.objects.filter(customer_id=customer_id, source=source)
    if not source or not hooks.exists():
        return True
    paid = hooks.filter(paid_at__isnull=False, refunded_at=None).count()
    return Booking.objects.filter(customer_id=customer_id, source=source, state__in=USING).count() < paid
