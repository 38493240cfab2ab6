"""Links to a printed code that say who holds them, for cards that are printed for one person: who is known comes to their own staff."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from yutang.codes.finding import code_by_id, spot_of
from yutang.codes.models import Spot
from yutang.codes.refusals import AddressIsUnknown
from yutang.customers.queries import NoSuchCustomer, customer_rows
from yutang.foundation.access import Actor
from yutang.foundation.signed_links import SignedLinkIsOver, SignedLinkIsUnknown, read, sign

_PURPOSE = "code"
#: A parcel card may lie in a drawer so long.
LASTS = timedelta(days=366)


def address_of(spot: Spot) -> str:
    """Return the address that is printed for a place.

    Raises:
        AddressIsUnknown: nobody has said under which address people reach this installation.
    """
    if not settings.YUTANG_PUBLIC_URL:
        raise AddressIsUnknown
    return f"{settings.YUTANG_PUBLIC_URL}{path_of(spot)}"


def path_of(spot: Spot) -> str:
    """Return what stands behind the public address in the code that is printed for a place."""
    return f"/c/{spot.token}"


def personal_path(*, access: Actor, code_id: int, spot_id: int, customer_id: int, now: datetime) -> str:
    """Return what is printed behind the public address for one person, such as on the card in their parcel; it holds for a year.

    Args:
        access: needs ``codes.view`` and ``customers.view``.
        code_id: of which code.
        spot_id: of which place.
        customer_id: for whom.
        now: from when on. Aware UTC.

    Raises:
        NoSuchCode: there is none within reach.
        NoSuchSpot: it is not printed there.
        NoSuchCustomer: there is none within reach.
    """
    access.require("codes.view")
    spot = spot_of(code_by_id(access, code_id), spot_id)
    if customer_id not in customer_rows(access=access, ids=[customer_id]):
        raise NoSuchCustomer(customer_id=customer_id)
    signed = sign(_PURPOSE, str(spot.pk), customer_id=customer_id, until=now + LASTS)
    return f"{path_of(spot)}?p={signed}"


def person_of(signed: str, *, spot: Spot, now: datetime) -> int | None:
    """Return whom a personal link names; None where it names nobody, was changed, is of another place or too old."""
    if not signed:
        return None
    try:
        told = read(signed, _PURPOSE, now=now)
    except (SignedLinkIsUnknown, SignedLinkIsOver):
        return None
    return told.customer_id if told.ref == str(spot.pk) else None
