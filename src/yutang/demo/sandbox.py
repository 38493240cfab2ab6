"""Who of the demo shop is in its sandbox of WeCom: staff of its stores, and some of their customers."""

from __future__ import annotations

from datetime import datetime

from yutang.connectors.wecom.simulator.seeding import Cast, Customer
from yutang.customers import queries as people
from yutang.customers.actions import unmask_customers
from yutang.customers.search import CustomerFilters
from yutang.foundation.access import Actor
from yutang.foundation.people import StaffView, staff_members

_STAFF, _LOOKED_AT = 8, 400
#: Customers who are friends of staff from the beginning; others come by scanning.
_CUSTOMERS = 120
#: Groups, so that the fleet shows each way in which one can be, and customers in each.
_GROUPS, _MEMBERS = 12, 24


def sandbox_cast(*, now: datetime) -> Cast:
    """Return the people of the shop who are to be in the sandbox; nobody where the shop has no staff of stores.

    Their numbers are noted by staff, so that they are recognised as the customers whom the shop has already.
    """
    # Who has one store alone, and its manager, comes first: their customers belong to that store.
    known = [one for one in staff_members() if one.is_active and one.store_ids]
    staff = sorted(known, key=lambda one: (len(one.store_ids), one.role != "store_manager", one.id))[:_STAFF]
    if not staff:
        return Cast((), ())
    system = Actor.system()
    found = people.customer_keys(access=system, filters=CustomerFilters(), after_key=None, limit=_LOOKED_AT)
    rows = people.customer_rows(access=system, ids=found.ids)
    clear = unmask_customers(actor=system, customer_ids=found.ids, reason="request: sandbox of the demo shop", now=now)
    customers: list[Customer] = []
    for one in clear:
        if one.name and one.phones and "*" not in one.name and len(customers) < _CUSTOMERS:
            userid = _who_serves(staff, rows[one.id].store_id, len(customers))
            customers.append(Customer(one.name, one.phones[0].removeprefix("+86"), userid))
    people_of = tuple((one.username, one.display_name) for one in staff)
    return Cast(people_of, tuple(customers), groups=_GROUPS, members=_MEMBERS)


def _who_serves(staff: list[StaffView], store_id: int | None, number: int) -> str:
    """Return somebody of the customer's store; anybody in turn where nobody of it is there."""
    of_store = [one for one in staff if store_id in one.store_ids] or staff
    return of_store[number % len(of_store)].username
