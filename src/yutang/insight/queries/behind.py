"""The customers behind a part of a change of sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, open_engine
from yutang.insight.methods.causes import PARTS
from yutang.insight.queries.change import BY_LINE, Comparison, UnknownBreakdown, require_tables, scope_of
from yutang.insight.queries.dashboard import stores_within

#: Whose sales a part is about, and what changed with them.
_KNOWN, _NEW, _RETURNING, _COUNTED = ("new", "returning"), ("new",), ("returning",), ("counted",)
_EVERYBODY = ("counted", "new", "returning")
_BEHIND: dict[str, tuple[tuple[str, ...], str]] = {
    "traffic": (_COUNTED, "moved"),
    "entry_rate": (_COUNTED, "moved"),
    "entries": (_COUNTED, "moved"),
    "conversion": (_COUNTED, "moved"),
    "visit_value": (_COUNTED, "value"),
    "buyers": (_KNOWN, "moved"),
    "orders_per_buyer": (_KNOWN, "often"),
    "order_value": (_KNOWN, "value"),
    # Nobody is new twice: who was new then and who is new now are different people.
    "new_buyers": (_NEW, "any"),
    "new_orders_per_buyer": (_NEW, "any"),
    "new_order_value": (_NEW, "any"),
    "returning_buyers": (_RETURNING, "moved"),
    "returning_orders_per_buyer": (_RETURNING, "often"),
    "returning_order_value": (_RETURNING, "value"),
    "opened": (_EVERYBODY, "any"),
    "closed": (_EVERYBODY, "any"),
}
#: Parts that no known customer stands behind.
NOBODY_BEHIND = frozenset(PARTS) - frozenset(_BEHIND)


@dataclass(frozen=True)
class CustomerChange:
    """What one customer bought of a group in both periods.

    Attributes:
        orders_before: sales before. Count.
        orders_now: sales now. Count.
        before_minor: net of refunds. Minor units.
        now_minor: net of refunds. Minor units.
    """

    customer_id: int
    orders_before: int
    orders_now: int
    before_minor: int
    now_minor: int

    @property
    def difference_minor(self) -> int:
        """Sales now less sales before. Minor units."""
        return self.now_minor - self.before_minor


@dataclass(frozen=True)
class CustomersBehind:
    """One page of the customers behind a part, the largest difference first.

    Attributes:
        customers: of this page.
        count: over all pages. Count.
        difference_minor: over all pages: what these people bought more or less. It is not the part itself, which also
            holds what other factors did at the same time. Minor units.
        currency: of the amounts.
        next_key: ask for the next page with it; None on the last.
    """

    customers: tuple[CustomerChange, ...]
    count: int
    difference_minor: int
    currency: str
    next_key: str | None


def customers_behind(
    *,
    access: Actor,
    today: date,
    asked: Comparison,
    part: str,
    group_key: str | None,
    after: str | None = None,
    limit: int = 50,
) -> CustomersBehind:
    """Return the known customers behind one part of one group: who came, left, bought more or less often, or for more or less.

    Args:
        access: who looks; needs to see customers too, and gets only those of stores within reach.
        today: the present business day: sales dated after it do not count.
        asked: what is compared.
        part: code of `PARTS`.
        group_key: key of the group; None for what belongs to no group, or for the whole.
        after: `next_key` of the page before.
        limit: customers a page. Count.

    Raises:
        UnknownBreakdown: there is no such part, breakdown or formula.
        PeriodsCannotBeCompared: a period is empty, or they share days.
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("customers.view")
    if part not in PARTS:
        raise UnknownBreakdown(asked=part, known=", ".join(PARTS))
    scope = scope_of(access=access, today=today, asked=asked)
    if part in NOBODY_BEHIND or "orders_order" not in scope.snapshot.manifests:
        return CustomersBehind((), 0, 0, scope.currency, None)
    require_tables(scope)
    kinds, change = _BEHIND[part]
    after_minor, after_id = _edge(after)
    params: dict[str, Any] = {
        **scope.params,
        "group_key": group_key,
        "kinds": list(kinds),
        "change": change,
        "reach": stores_within(access, None),
        "after_minor": after_minor,
        "after_id": after_id,
        "most": limit + 1,
    }
    name, params = "insight.customers_behind_product", {**params, "grouping": scope.by}
    if scope.by not in BY_LINE:
        name, params = "insight.customers_behind", {**params, "with_footfall": scope.with_footfall}
    with open_engine(scope.snapshot, channel=scope.channel) as engine:
        rows = answer(engine, name, params).to_pylist()
    return _page(rows, currency=scope.currency, limit=limit)


def _page(rows: list[dict[str, Any]], *, currency: str, limit: int) -> CustomersBehind:
    if not rows:
        return CustomersBehind((), 0, 0, currency, None)
    page = tuple(
        CustomerChange(
            row["customer_id"], row["orders_before"], row["orders_now"], row["before_minor"], row["now_minor"]
        )
        for row in rows[:limit]
    )
    last = page[-1]
    next_key = f"{abs(last.difference_minor)}~{last.customer_id}" if len(rows) > limit else None
    return CustomersBehind(page, rows[0]["customers"], rows[0]["all_minor"], currency, next_key)


def _edge(after: str | None) -> tuple[int | None, int | None]:
    """Return the value and the customer behind which the page begins; a key that is none begins at the top."""
    value, _, customer = (after or "").partition("~")
    try:
        return int(value), int(customer)
    except ValueError:
        return None, None
