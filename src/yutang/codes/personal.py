"""Links to a printed code that say who holds them, for cards that are printed for one person: who is known comes to their own staff."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing

from yutang.codes.finding import code_by_id, spot_of
from yutang.codes.models import Spot
from yutang.codes.refusals import AddressIsUnknown
from yutang.customers.queries import NoSuchCustomer, customer_rows
from yutang.foundation.access import Actor

_SALT = "yutang.codes.person"
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


def personal_path(*, access: Actor, code_id: int, spot_id: int, customer_id: int) -> str:
    """Return what is printed behind the public address for one person, such as on the card in their parcel; it holds for a year.

    Args:
        access: needs ``codes.view`` and ``customers.view``.
        code_id: of which code.
        spot_id: of which place.
        customer_id: for whom.

    Raises:
        NoSuchCode: there is none within reach.
        NoSuchSpot: it is not printed there.
        NoSuchCustomer: there is none within reach.
    """
    access.require("codes.view")
    spot = spot_of(code_by_id(access, code_id), spot_id)
    if customer_id not in customer_rows(access=access, ids=[customer_id]):
        raise NoSuchCustomer(customer_id=customer_id)
    return f"{path_of(spot)}?p={signing.dumps([spot.pk, customer_id], salt=_SALT)}"


def person_of(signed: str, *, spot: Spot) -> int | None:
    """Return whom a personal link names; None where it names nobody, was changed, is of another place or too old."""
    if not signed or len(signed) > 200:
        return None
    try:
        of_spot, customer_id = signing.loads(signed, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(customer_id) if of_spot == spot.pk else None
