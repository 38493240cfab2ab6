"""Clear addresses of people, for whoever hands a message over at this moment; nobody keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from yutang.customers.models import Identifier
from yutang.customers.profile import Record
from yutang.customers.queries import records_within_reach
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16

_AT_ONCE = 1_000
_LISTS: Mapping[str, str] = {"phone": "phones", "email": "emails"}


def addresses_for(*, access: Actor, kind: str, customer_ids: Collection[int]) -> dict[int, str]:
    """Return an address of each person within reach by which they are told, and nobody else; who has none is left out.

    Args:
        access: needs ``customers.unmask``.
        kind: ``phone`` (E.164) or ``email``.
        customer_ids: who.
    """
    access.require("customers.unmask")
    wanted = sorted(set(customer_ids))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = Identifier.objects.filter(customer__in=some, kind=kind).order_by()
        own: dict[int, set[bytes]] = {}
        for person, digest in rows.values_list("customer_id", "digest"):
            own.setdefault(person, set()).add(bytes(digest))
        for customer, record in records_within_reach(access, [one for one in some if one in own]):
            address = _address(record, kind, own[customer.pk])
            if address:
                found[customer.pk] = address
    return found


def _address(record: Record, kind: str, digests: Collection[bytes]) -> str:
    """Return the first address that still tells this person alone: a number that others share is nobody's."""
    for value in record.get(_LISTS[kind], ()):
        keyed = value.casefold() if kind == "email" else value
        if digest16(kind, "", keyed) in digests:
            return str(value)
    return ""
