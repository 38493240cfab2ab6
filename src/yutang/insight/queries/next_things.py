"""What is bought next: product after product with lift, and the next fitting thing for one customer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.methods.lift import chance_of, lift_of, most_likely_true
from yutang.insight.queries.change import require_table
from yutang.insight.queries.dashboard import known_horizon
from yutang.kit.text import N_, Sentence
from yutang.lake.manifest import Snapshot
from yutang.lake.results import answer_if_kept, kept_answer
from yutang.orders.models import OrderLine
from yutang.orders.queries import NOT_A_SALE, LineView, OrderView, orders_of

#: People who bought a product and something later, from whom on it is told what they bought next.
LEAST_FIRST = 30
#: People who bought the second product next, from whom on a pair is told.
LEAST_BOTH = 5
#: Pairs that are looked at for a product, and that are kept.
_LOOKED_AT, _KEPT = 20, 5
_SHOWN_FOR_A_CUSTOMER = 3
_ORDERS_LOOKED_AT = 20
#: Of the pairs that are told, this share may be chance.
FALSE_RATIO = 0.1
#: Between the products of a title, as Youzan writes it: name, spec, then how many in brackets.
_BETWEEN_TITLES = re.compile(r"[;；\n]")
_COUNTS = ("both_people", "first_people", "second_people", "everybody")
_NAME = "next_products.3"
#: Pairs are taken over from the version before while the lines of orders grew or shrank by no more than this share.
_HARDLY_ANY = 0.02


@dataclass(frozen=True)
class NextProduct:
    """One product that is bought after another. Counts are people.

    Attributes:
        first: product on one order day.
        following: product on the order day after it.
        both: who bought them so. Count.
        first_people: who bought the first, and anything later. Count.
        ratio: `both` by `first_people`. 0-1.
        lift: that share against everybody's; 1 means no relation.
        low: lift that is sure (lower end of the 95 % interval).
    """

    first: str
    following: str
    both: int
    first_people: int
    ratio: float
    lift: float
    low: float


@dataclass(frozen=True)
class NextThings:
    """The next fitting things for a customer.

    Attributes:
        things: surest first; empty where nothing can be said.
        reason: why there is nothing; None where there is something.
    """

    things: tuple[NextProduct, ...]
    reason: Sentence | None


def next_products(*, access: Actor, today: date) -> tuple[NextProduct, ...]:
    """Return the pairs that are bought after each other more often than by chance, the most bought first products first.

    Counted are people, over the whole chain; several orders of a day are one order day; a product after itself is no pair.
    Told are pairs of `LEAST_BOTH` people among `LEAST_FIRST` and more, and of those only so many that at most `FALSE_RATIO`
    of them may be chance: among thousands of possible pairs some stand out by themselves. Of a product at most five, surest
    first. Kept by lake version.

    Args:
        access: who looks.
        today: the present business day: sales dated after it do not count.

    Raises:
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("insight.view")
    snapshot = lake_seen()
    until = known_horizon(snapshot, today=today).known_until
    if until is None:
        return ()
    kept = kept_answer(snapshot, name=_NAME, key=_key(until), compute=lambda: _computed(snapshot, until))
    return tuple(_pair(*row) for row in kept["pairs"])


def known_next_products(*, access: Actor, today: date) -> tuple[NextProduct, ...] | None:
    """Return `next_products` where they are reckoned already; None where they are not, and never wait for them."""
    access.require("insight.view")
    pairs = _kept_pairs(today)
    return None if pairs is None else tuple(pairs)


def prepare_next_products(*, access: Actor, today: date, before: Snapshot) -> None:
    """Reckon `next_products`, or take over those of an older version of the same last day where hardly anything was sold since.

    They are the dearest figures of all, and a few orders more change none of them.

    Args:
        access: who asks.
        today: the present business day.
        before: the older version.
    """
    snapshot = lake_seen()
    until = known_horizon(snapshot, today=today).known_until
    older = None if until is None else answer_if_kept(before, name=_NAME, key=_key(until))
    if until is not None and older and abs(_lines(snapshot) - older["lines"]) <= _HARDLY_ANY * older["lines"]:
        kept_answer(snapshot, name=_NAME, key=_key(until), compute=lambda: older)
    next_products(access=access, today=today)


def _lines(snapshot: Snapshot) -> int:
    return snapshot.manifests["orders_line"].rows if "orders_line" in snapshot.manifests else 0


def next_things_for(*, access: Actor, customer_id: int, today: date) -> NextThings:
    """Return what fits a customer next, judged by the products of the last order day that names any; never waits.

    What the customer has bought before is not told: when to buy that again is a matter of the customer's rhythm.

    Args:
        access: who looks; needs to see customers.
        customer_id: whose.
        today: the present business day.
    """
    access.require("insight.view")
    bought = orders_of(access=access, customer_id=customer_id, limit=_ORDERS_LOOKED_AT)
    sold = [order for order in bought if order.is_sale and order.business_date is not None]
    if not sold:
        return NextThings((), Sentence(N_("No order of this customer is known yet.")))
    pairs = _kept_pairs(today)
    if pairs is None:
        return NextThings((), Sentence(N_("What is bought next is being computed; it comes with the next refresh.")))
    names = {each.first for each in pairs} | {each.following for each in pairs}
    products = [(order.business_date, _products(order, names)) for order in sold]
    last_day = next((day for day, named in products if named), None)
    latest = set().union(*(named for day, named in products if day == last_day))
    if not latest:
        return NextThings((), Sentence(N_("The orders of this customer name no product.")))
    had = set().union(*(named for _, named in products))
    fitting = [each for each in pairs if each.first in latest and each.following not in had]
    fitting.sort(key=lambda each: (-each.low, each.following))
    best = {each.following: each for each in reversed(fitting)}
    things = sorted(best.values(), key=lambda each: (-each.low, each.following))[:_SHOWN_FOR_A_CUSTOMER]
    if things:
        return NextThings(tuple(things), None)
    values = {"product": sorted(latest)[0], "least": LEAST_FIRST}
    reason = N_(
        "Nothing can be said yet: after “%(product)s” fewer than %(least)s people came back, or they bought like everybody else."
    )
    return NextThings((), Sentence(reason, values))


def next_thing_of_many(*, customer_ids: Sequence[int], today: date) -> dict[int, str]:
    """Return the surest next thing of each of many people of whom one can be told; one query for all of them, never waits.

    Judged as `next_things_for` judges, by the products that the lines of their orders name.

    Args:
        customer_ids: whose, within the reach of whoever asks.
        today: the present business day.
    """
    pairs = _kept_pairs(today)
    if not pairs:
        return {}
    lines = OrderLine.objects.filter(order__customer_id__in=customer_ids, order__business_date__isnull=False)
    sold = lines.exclude(order__status__in=NOT_A_SALE).order_by()
    had: dict[int, dict[date, set[str]]] = {}
    for customer, day, name, code in sold.values_list(
        "order__customer_id", "order__business_date", "product__name", "product__code"
    ):
        if customer is not None and day is not None:
            had.setdefault(customer, {}).setdefault(day, set()).add(name or code)
    by_first: dict[str, list[NextProduct]] = {}
    for pair in pairs:
        by_first.setdefault(pair.first, []).append(pair)
    surest = {customer: _surest(days, by_first) for customer, days in had.items()}
    return {customer: thing for customer, thing in surest.items() if thing}


def _surest(days: dict[date, set[str]], by_first: dict[str, list[NextProduct]]) -> str:
    """Return what fits next after the products of the last day, of what was not bought before; empty for nothing."""
    had = set().union(*days.values())
    fitting = [pair for first in days[max(days)] for pair in by_first.get(first, ()) if pair.following not in had]
    return min(fitting, key=lambda pair: (-pair.low, pair.following)).following if fitting else ""


def _kept_pairs(today: date) -> list[NextProduct] | None:
    snapshot = lake_seen()
    until = known_horizon(snapshot, today=today).known_until
    kept = None if until is None else answer_if_kept(snapshot, name=_NAME, key=_key(until))
    return None if kept is None else [_pair(*row) for row in kept["pairs"]]


def _key(until: date) -> dict[str, Any]:
    return {"until": until.isoformat()}


def _computed(snapshot: Snapshot, until: date) -> dict[str, Any]:
    """Return how many lines were looked at, and the surest pairs of each product.

    A pair is (first, following, both, first people, second people, everybody).
    """
    for table in ("orders_line", "orders_product"):
        require_table(snapshot, table)
    params = {
        "end_date": until + timedelta(days=1),
        "least_first": LEAST_FIRST,
        "least_both": LEAST_BOTH,
        "most": _LOOKED_AT,
    }
    with open_engine(snapshot) as engine:
        rows = answer(engine, "insight.next_products", params).to_pylist()
    tested = rows[0]["tested"] if rows else 0
    counts = [tuple(row[name] for name in _COUNTS) for row in rows]
    chances = [chance_of(both=n, first=first, second=second, everybody=all_) for n, first, second, all_ in counts]
    told = most_likely_true(chances, tested=tested, false_ratio=FALSE_RATIO)
    by_first: dict[str, list[list[Any]]] = {}
    for row, is_told in zip(rows, told, strict=True):
        if is_told:
            by_first.setdefault(row["first_product"], []).append(list(row.values())[:-1])
    surest = [sorted(rows, key=lambda row: (-_pair(*row).low, row[1]))[:_KEPT] for rows in by_first.values()]
    return {"lines": _lines(snapshot), "pairs": [row for rows in surest for row in rows]}


def _pair(first: str, following: str, both: int, first_people: int, second_people: int, everybody: int) -> NextProduct:
    found = lift_of(both=both, first=first_people, second=second_people, everybody=everybody)
    return NextProduct(first, following, both, first_people, found.ratio, found.lift, found.low)


def _products(order: OrderView, names: set[str]) -> set[str]:
    """Return the products of an order; where it has a title only, what the parts of the title begin with."""
    if order.lines:
        return {_product(line) for line in order.lines}
    parts = (part.strip() for part in _BETWEEN_TITLES.split(order.title))
    return {max((name for name in names if part.startswith(name)), key=len, default=part) for part in parts if part}


def _product(line: LineView) -> str:
    return line.product_name or line.product_code
