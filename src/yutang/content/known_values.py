"""Where the values of variables come from: the person's record, store and adviser, orders, scores, what fits next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from yutang.content.variables import POINTS, VARIABLES, Variable
from yutang.customers import profile
from yutang.customers.models import Customer
from yutang.foundation.sealing import unseal
from yutang.insight.lake_reading import business_today
from yutang.insight.models import Score
from yutang.insight.queries.next_things import next_thing_of_many
from yutang.kit.text import N_
from yutang.orders.models import OrderLine
from yutang.orders.queries import NOT_A_SALE

#: People in one statement: SQLite binds some 32,000 values, and a statement of them is read in one go.
_AT_ONCE = 10_000


def _names(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    """Return the names that people gave, not nicknames or numbers by which a screen tells them apart."""
    found = {}
    for batch in _batches(customer_ids):
        for customer_id, sealed in _people(batch).values_list("pk", "sealed_profile"):
            name = unseal(sealed).get("name")
            if name:
                found[customer_id] = str(name) if clear else profile.masked_name(name)
    return found


def _stores(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    return _of_people(customer_ids, "store__name")


def _advisers(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    """Return who looks after people; who has left looks after nobody."""
    return _of_people(customer_ids, "owner__display_name", owner__is_active=True)


def _last_products(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    """Return the dearest product of each person's latest sale."""
    latest = Window(
        RowNumber(),
        partition_by=F("order__customer_id"),
        order_by=[F("order__business_date").desc(), F("order_id").desc(), F("amount_minor").desc(), F("pk").asc()],
    )
    found: dict[int, str] = {}
    for batch in _batches(customer_ids):
        lines = OrderLine.objects.filter(
            order__customer_id__in=batch, order__business_date__isnull=False, quantity__gt=0
        )
        sold = lines.exclude(order__status__in=NOT_A_SALE).annotate(place=latest).filter(place=1)
        found.update(sold.order_by().values_list("order__customer_id", "product__name"))
    return found


def _days_since_last_order(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    today = business_today(now)
    found = {}
    for batch in _batches(customer_ids):
        scores = Score.objects.filter(customer_id__in=batch, last_order_date__lte=today)
        for customer_id, day in scores.order_by().values_list("customer_id", "last_order_date"):
            if day is not None:
                found[customer_id] = str((today - day).days)
    return found


def _next_things(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    today = business_today(now)
    found: dict[int, str] = {}
    for batch in _batches(customer_ids):
        found.update(next_thing_of_many(customer_ids=batch, today=today))
    return found


def _of_people(customer_ids: Sequence[int], column: str, **holds: Any) -> dict[int, str]:
    found: dict[int, str] = {}
    for batch in _batches(customer_ids):
        found.update(_people(batch).filter(**{f"{column}__gt": ""}, **holds).values_list("pk", column))
    return found


def _people(customer_ids: Sequence[int]) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=customer_ids).order_by()


def _batches(customer_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(customer_ids), _AT_ONCE):
        yield customer_ids[start : start + _AT_ONCE]


VARIABLES.register(Variable("customer_name", "客户姓名", N_("Name of the customer"), N_("Lin Xiaoyu"), _names))
VARIABLES.register(Variable("store", "门店", N_("Store of the customer"), N_("Xuhui store"), _stores))
VARIABLES.register(Variable("adviser", "顾问", N_("Who looks after the customer"), N_("Xiaoman"), _advisers))
VARIABLES.register(
    Variable("last_product", "上次购买", N_("What the customer bought last"), N_("linen shirt"), _last_products)
)
VARIABLES.register(
    Variable(
        "days_since_last_order", "距上次购买天数", N_("Days since the last order"), N_("36"), _days_since_last_order
    )
)
VARIABLES.register(
    Variable("next_thing", "适合的下一件", N_("What fits the customer next"), N_("linen trousers"), _next_things)
)
VARIABLES.register(POINTS)
