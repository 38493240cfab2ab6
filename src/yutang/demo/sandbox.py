"""Who of the demo shop is in its sandbox of WeCom: staff of its stores, and some of their customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models.functions import Coalesce

from yutang.connectors.wecom.simulator.seeding import Cast, Customer
from yutang.customers import queries as people
from yutang.customers.actions import unmask_customers
from yutang.customers.known_people import digest_of_identifier, people_behind
from yutang.customers.models import Identifier, IdentifierKind
from yutang.customers.search import CustomerFilters
from yutang.customers.views import ClearCustomer
from yutang.foundation.access import Actor
from yutang.foundation.people import StaffView, staff_members

_STAFF = 8
#: Customers who are friends of staff from the beginning; others come by scanning.
_CUSTOMERS = 600
#: Groups, so that the fleet shows each way in which one can be, and customers in each.
_GROUPS, _MEMBERS = 12, 24


def sandbox_cast(*, now: datetime) -> Cast:
    """Return the people of the shop who are to be in the sandbox; nobody where the shop has no staff of stores.

    They bear the ids by which the shop's export of WeCom contacts names them, and their numbers are noted by staff: so they are
    recognised as the customers whom the shop has already.
    """
    # Who has one store alone, and its manager, comes first: their customers belong to that store.
    known = [one for one in staff_members() if one.is_active and one.store_ids]
    staff = sorted(known, key=lambda one: (len(one.store_ids), one.role != "store_manager", one.id))[:_STAFF]
    if not staff:
        return Cast((), ())
    system, chosen = Actor.system(), _chosen()
    rows = people.customer_rows(access=system, ids=chosen)
    reason = "request: sandbox of the demo shop"
    clear = list(unmask_customers(actor=system, customer_ids=chosen, reason=reason, now=now))
    numbers = _own_numbers(clear)
    customers: list[Customer] = []
    for one in clear:
        ids = {kind: value for kind, _scope, value in reversed(one.accounts)}
        number, external_userid = numbers.get(one.id, ""), ids.get("wecom", "")
        if one.name and "*" not in one.name and (number or external_userid):
            userid = _who_serves(staff, rows[one.id].store_id, len(customers))
            mobile = number.removeprefix("+86")
            customers.append(Customer(one.name, mobile, userid, external_userid, ids.get("unionid", "")))
    people_of = tuple((one.username, one.display_name) for one in staff)
    return Cast(people_of, tuple(customers), groups=_GROUPS, members=_MEMBERS)


def _chosen() -> list[int]:
    """Return people evenly spread over all whom an export names as contacts of WeCom; the newest ones where none does."""
    contacts = Identifier.objects.filter(kind=IdentifierKind.WECOM).order_by()
    owners = contacts.values_list(Coalesce("customer__merged_into_id", "customer_id"), flat=True)
    known = sorted(set(owners))
    if not known:
        filters = CustomerFilters()
        return list(people.customer_keys(access=Actor.system(), filters=filters, after_key=None, limit=_CUSTOMERS).ids)
    many = min(len(known), _CUSTOMERS)
    return [known[len(known) * place // many] for place in range(many)]


def _own_numbers(clear: Sequence[ClearCustomer]) -> dict[int, str]:
    """Return the first number of each that is theirs alone: noted with somebody else, it would tell two people of one."""
    held = {
        (one.id, phone): digest_of_identifier(kind="phone", value=phone, scope="")
        for one in clear
        for phone in one.phones
    }
    behind = people_behind(digests=[digest for digest in held.values() if digest])
    own: dict[int, str] = {}
    for (key, phone), digest in held.items():
        if digest and behind.get(digest) == key:
            own.setdefault(key, phone)
    return own


def _who_serves(staff: list[StaffView], store_id: int | None, number: int) -> str:
    """Return somebody of the customer's store; anybody in turn where nobody of it is there."""
    of_store = [one for one in staff if store_id in one.store_ids] or staff
    return of_store[number % len(of_store)].username
