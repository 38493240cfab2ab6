"""Finding people, wallets and movements for the room's own actions and queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.ingest import journal
from yutang.membership.models import Movement, Wallet
from yutang.membership.refusals import NoSuchBalanceStore
from yutang.visits.guests import guests

TABLE = Movement._meta.db_table


def person_within_reach(access: Actor, customer_id: int) -> int:
    """Return the key of a person whom the actor reaches; of who was merged, of the person it is now.

    Raises:
        NoSuchCustomer: there is none.
    """
    found = Customer.objects.filter(pk=customer_id).values_list("pk", "merged_into_id", "store_id").first()
    if found is not None and found[1] is not None:
        found = Customer.objects.filter(pk=found[1]).values_list("pk", "merged_into_id", "store_id").first()
    if found is None or not access.reaches(found[2]):
        raise NoSuchCustomer(customer_id=customer_id)
    return int(found[0])


def person_served(access: Actor, customer_id: int, *, now: datetime) -> tuple[int, int | None]:
    """Return the key of a person whom the actor reaches, or who is a guest of a store within reach, and the visit that makes them one.

    Raises:
        NoSuchCustomer: there is none.
    """
    try:
        return person_within_reach(access, customer_id), None
    except NoSuchCustomer:
        # A key may be larger than any column holds: only one that somebody has is looked for among visits.
        if not Customer.objects.filter(pk=customer_id).exists():
            raise
        found = guests(access=access, customer_ids=[customer_id], now=now).get(customer_id)
        if found is None:
            raise
        return customer_id, found


def check_store(access: Actor, store_id: int | None) -> None:
    """Look whether a store is within reach; None is nowhere.

    Raises:
        NoSuchBalanceStore: it is not.
    """
    if store_id is not None and not (access.reaches(store_id) and Store.objects.filter(pk=store_id).exists()):
        raise NoSuchBalanceStore(store=store_id)


def movements_within_reach(access: Actor) -> QuerySet[Movement]:
    """Return movements of people within reach, and those at stores within reach, whosever balance it is."""
    rows = Movement.objects.all()
    if access.store_ids is None:
        return rows
    return rows.filter(Q(customer__store_id__in=access.store_ids) | Q(store_id__in=access.store_ids))


def wallets_of(customer_id: int, currency: str, *, is_locked: bool = False) -> list[Wallet]:
    """Return the wallets of a person, the oldest first: several after a merge; none before the first top-up."""
    rows = Wallet.objects.select_for_update() if is_locked else Wallet.objects.all()
    return list(rows.filter(customer_id=customer_id, currency=currency).order_by("id"))


def touch(days: Iterable[object], *, now: datetime) -> None:
    """Mark the months of movements as changed, for the lake."""
    months = {str(day)[:7] for day in days}
    if months:
        journal.touch(TABLE, months, now=now)
