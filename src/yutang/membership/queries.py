"""Every read of balances that others may use: of people within the actor's reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F, Q, QuerySet, Sum

from yutang.foundation.access import Actor
from yutang.membership.actions.orders import view_of_order
from yutang.membership.actions.writing import balance
from yutang.membership.finding import movements_within_reach, person_served, person_within_reach, wallets_of
from yutang.membership.funnel import HookFunnel, hook_funnel
from yutang.membership.models import Movement, MovementKind, Plan, TopUpOrder, Wallet
from yutang.membership.refusals import NoSuchPlan, NoSuchTopUp
from yutang.membership.views import (
    KIND_TITLES,
    METHOD_TITLES,
    Balance,
    Books,
    MovementPage,
    MovementView,
    PlanView,
    TopUpView,
)

__all__ = [
    "KIND_TITLES",
    "METHOD_TITLES",
    "HookFunnel",
    "NoSuchPlan",
    "NoSuchTopUp",
    "balance_of",
    "balances",
    "books",
    "check_served",
    "hook_funnel",
    "ledger_faults",
    "movement_view",
    "movements",
    "plans",
    "served_balance_of",
    "statement_of",
    "top_up_order",
]

_MOST_ROWS = 200


def plans(*, currency: str = "CNY") -> tuple[PlanView, ...]:
    """Return what may be topped up now, the smallest first."""
    rows = Plan.objects.filter(is_open=True, currency=currency).order_by("principal_minor")
    return tuple(PlanView(one.pk, one.principal_minor, one.bonus_minor, one.currency, one.is_open) for one in rows)


def balance_of(*, access: Actor, customer_id: int, currency: str = "CNY") -> Balance:
    """Return what a person within reach has left.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    access.require("membership.view")
    return balance(wallets_of(person_within_reach(access, customer_id), currency), currency)


def served_balance_of(*, access: Actor, customer_id: int, now: datetime, currency: str = "CNY") -> Balance:
    """Return what a person has left who is within reach, or a guest of a store within reach.

    Args:
        access: needs ``membership.view``.
        customer_id: whose.
        now: by which somebody is a guest. Aware UTC.
        currency: ISO 4217.

    Raises:
        NoSuchCustomer: there is none.
    """
    access.require("membership.view")
    person, _visit = person_served(access, customer_id, now=now)
    return balance(wallets_of(person, currency), currency)


def check_served(*, access: Actor, customer_id: int, now: datetime) -> None:
    """Look whether a person is within reach, or a guest of a store within reach.

    Args:
        access: needs ``membership.take``.
        customer_id: who.
        now: by which somebody is a guest. Aware UTC.

    Raises:
        NoSuchCustomer: there is none.
    """
    access.require("membership.take")
    person_served(access, customer_id, now=now)


def balances(*, access: Actor, customer_ids: Sequence[int], currency: str = "CNY") -> dict[int, Balance]:
    """Return what people within reach have left, those who never topped up left out; one query."""
    access.require("membership.view")
    rows = Wallet.objects.filter(customer_id__in=list(customer_ids), currency=currency)
    if access.store_ids is not None:
        rows = rows.filter(customer__store_id__in=access.store_ids)
    sums = rows.order_by().values_list("customer_id").annotate(Sum("principal_minor"), Sum("bonus_minor"))
    return {one: Balance(int(principal), int(bonus), currency) for one, principal, bonus in sums if one is not None}


def topped_up_by(*, access: Actor, customer_id: int, currency: str = "CNY") -> int:
    """Return what a person within reach ever paid in by topping up. Minor units.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    access.require("membership.view")
    person = person_within_reach(access, customer_id)
    rows = Movement.objects.filter(customer_id=person, kind=MovementKind.TOP_UP, currency=currency)
    return int(rows.aggregate(paid=Sum("till_minor", default=0))["paid"])


def statement_of(*, access: Actor, customer_id: int, after_key: int | None = None, limit: int = 50) -> MovementPage:
    """Return what happened to the balance of a person within reach, newest first.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    access.require("membership.view")
    person = person_within_reach(access, customer_id)
    return _page(Movement.objects.filter(customer_id=person), after_key, limit)


def movements(
    *,
    access: Actor,
    kind: str = "",
    store_id: int | None = None,
    customer_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
    after_key: int | None = None,
    limit: int = 50,
) -> MovementPage:
    """Return movements of people within reach, and those at stores within reach, newest first.

    Args:
        access: needs ``membership.view``.
        kind: one of `KIND_TITLES`; empty: all.
        store_id: where; None: anywhere.
        customer_id: whose; None: everybody's.
        first: from this business day on; None: from the beginning.
        last: to this business day, included; None: to now.
        after_key: `next_key` of the page before; None for the first.
        limit: movements a page, at most 200.
    """
    access.require("membership.view")
    narrow = {
        "kind": kind,
        "store_id": store_id,
        "customer_id": customer_id,
        "business_date__gte": first,
        "business_date__lte": last,
    }
    rows = movements_within_reach(access).filter(**{k: v for k, v in narrow.items() if v not in {None, ""}})
    return _page(rows, after_key, limit)


def movement_view(*, access: Actor, movement_id: int) -> MovementView:
    """Return one movement within reach; `IndexError` where there is none is a bug of the caller."""
    access.require("membership.view")
    return _views(movements_within_reach(access).filter(pk=movement_id))[0]


def books(*, access: Actor, first: date, last: date, currency: str = "CNY") -> Books:
    """Return the accounts over the business days ``[first, last]`` of `movements`, and what is owed to people within reach now."""
    access.require("membership.view")
    within = Q(business_date__gte=first, business_date__lte=last)
    rows = movements_within_reach(access).filter(currency=currency).order_by()
    sums = rows.aggregate(
        topped=Sum("till_minor", filter=within & Q(kind="top_up"), default=0),
        gift=Sum("gift_minor", filter=within, default=0),
        spent=Sum("sales_minor", filter=within, default=0),
        out=Sum("till_minor", filter=within & Q(kind="refund"), default=0),
        off=Sum(
            F("till_minor") + F("principal_minor") + F("bonus_minor") + F("sales_minor") + F("gift_minor"), default=0
        ),
    )
    wallets = Wallet.objects.filter(currency=currency).exclude(principal_minor=0, bonus_minor=0)
    if access.store_ids is not None:
        wallets = wallets.filter(customer__store_id__in=access.store_ids)
    owed = wallets.order_by().aggregate(p=Sum("principal_minor", default=0), b=Sum("bonus_minor", default=0))
    return Books(
        topped_up_minor=int(sums["topped"]),
        gift_minor=int(sums["gift"]),
        spent_minor=-int(sums["spent"]),
        paid_out_minor=-int(sums["out"]),
        owed_principal_minor=int(owed["p"]),
        owed_bonus_minor=int(owed["b"]),
        people=wallets.order_by().values("customer_id").distinct().count(),
        off_by_minor=int(sums["off"]),
    )


def ledger_faults(*, access: Actor) -> tuple[int, ...]:
    """Return the wallets whose amounts are not what their entries add up to; an empty answer is what there should be."""
    access.require("membership.view")
    told = Wallet.objects.annotate(
        p=Sum("movements__principal_minor", default=0), b=Sum("movements__bonus_minor", default=0)
    )
    wrong = told.exclude(principal_minor=-F("p"), bonus_minor=-F("b"))
    return tuple(wrong.order_by("pk").values_list("pk", flat=True)[:100])


def top_up_order(*, access: Actor, order_id: int, customer_id: int) -> TopUpView:
    """Return a top-up that a person asked for.

    Raises:
        NoSuchTopUp: there is none of this person.
    """
    access.require("membership.view")
    row = TopUpOrder.objects.filter(pk=order_id, customer_id=customer_id).first()
    if row is None:
        raise NoSuchTopUp(order_id=order_id)
    return view_of_order(row)


def _page(rows: QuerySet[Movement], after_key: int | None, limit: int) -> MovementPage:
    rows = rows.filter(pk__lt=after_key) if after_key is not None else rows
    limit = min(limit, _MOST_ROWS)
    found = _views(rows.order_by("-id")[: limit + 1])
    return MovementPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _views(rows: QuerySet[Movement]) -> tuple[MovementView, ...]:
    found = list(rows.select_related("store", "made_by"))
    back = Movement.objects.filter(returns_id__in=[one.pk for one in found]).order_by().values_list("returns_id")
    returned = {pk: int(total) for pk, total in back.annotate(Sum("sales_minor"))}
    return tuple(
        MovementView(
            id=one.pk,
            key=one.key,
            customer_id=one.customer_id,
            kind=one.kind,
            principal_minor=-one.principal_minor,
            bonus_minor=-one.bonus_minor,
            till_minor=one.till_minor,
            currency=one.currency,
            store_id=one.store_id,
            store_name=one.store.name if one.store else "",
            method=one.method,
            order_number=one.order_number,
            reason=one.reason,
            at=one.at,
            business_date=one.business_date,
            made_by=one.made_by.display_name if one.made_by else "",
            returned_minor=returned.get(one.pk, 0),
        )
        for one in found
    )
