"""The people behind a figure: who bought in a period, who of a cohort came back, and through which channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.platforms import channel_name
from yutang.insight.queries.change import BY_LINE, Comparison, UnknownBreakdown, require_tables, scope_of
from yutang.insight.queries.dashboard import known_horizon, stores_within
from yutang.kit.text import Sentence
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer

#: Months in a year; months are counted from the year 0.
_YEAR = 12


@dataclass(frozen=True)
class Buyer:
    """What one customer bought.

    Attributes:
        orders: sales. Count.
        spend_minor: net of refunds, minor units; None where it is not told.
        last_date: day of the last of them; None: not told.
    """

    customer_id: int
    orders: int
    spend_minor: int | None
    last_date: date | None


@dataclass(frozen=True)
class Besides:
    """Sales of a figure that lead to nobody on its list of people.

    Attributes:
        nameless_orders: of no known customer. Count.
        nameless_minor: what they brought, net of refunds, minor units.
        elsewhere_orders: of customers beyond the reader's reach. Count.
        elsewhere_minor: what they brought, net of refunds, minor units.
    """

    nameless_orders: int
    nameless_minor: int
    elsewhere_orders: int
    elsewhere_minor: int


@dataclass(frozen=True)
class Buyers:
    """One page of people behind a figure.

    Attributes:
        buyers: of this page.
        count: over all pages. Count.
        orders: sales over all pages, count; None where it is not told.
        spend_minor: over all pages, net of refunds, minor units; None where it is not told.
        currency: of the amounts.
        next_key: ask for the next page with it; None on the last.
        besides: sales of the same figure that lead to nobody on the list; None where it is not told.
    """

    buyers: tuple[Buyer, ...]
    count: int
    orders: int | None
    spend_minor: int | None
    currency: str
    next_key: str | None
    besides: Besides | None = None


@dataclass(frozen=True)
class ChannelChoice:
    """A channel through which something was sold: its key ``platform/channel``, what it is called, and its sales."""

    key: str
    name: Sentence | str
    orders: int


def channels(*, access: Actor, today: date, store_ids: Iterable[int] | None = None) -> tuple[ChannelChoice, ...]:
    """Return the channels through which the stores within reach sold, the most sales first; kept by lake version."""
    access.require("insight.view")
    snapshot = lake_seen()
    if not {"orders_order", "orders_shop"} <= set(snapshot.manifests):
        return ()
    wanted = stores_within(access, store_ids)
    kept = kept_answer(
        snapshot,
        name="channels.1",
        key={"today": today.isoformat()},
        compute=lambda: _channels(snapshot, today),
    )
    found: Counter[str] = Counter()
    for key, store, orders in kept:
        if wanted is None or store in wanted:
            found[key] += orders
    return tuple(
        ChannelChoice(key, channel_name(key), orders)
        for key, orders in sorted(found.items(), key=lambda each: (-each[1], each[0]))
    )


def buyers_of(
    *, access: Actor, today: date, asked: Comparison, group_key: str | None, after: str | None = None, limit: int = 50
) -> Buyers:
    """Return who bought in the period of a group, who spent most first.

    Args:
        access: who looks; needs to see customers too, and gets only those of stores within reach.
        today: the present business day.
        asked: the period `now`, the breakdown, stores and channel; what it compares with does not matter.
        group_key: key of the group; None for what belongs to no group, or for the whole.
        after: `next_key` of the page before.
        limit: customers a page. Count.

    Raises:
        UnknownBreakdown: there is no such breakdown, or it shares orders over their lines.
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("customers.view")
    scope = scope_of(access=access, today=today, asked=asked)
    if scope.by in BY_LINE:
        raise UnknownBreakdown(asked=scope.by, known="all, store, region, channel, staff")
    if "orders_order" not in scope.snapshot.manifests:
        return Buyers((), 0, 0, 0, scope.currency, None)
    require_tables(scope)
    after_minor, after_id = edge_of(after)
    params: dict[str, Any] = {
        **scope.params,
        "grouping": scope.by,
        "group_key": group_key,
        "reach": stores_within(access, None),
        "after_minor": after_minor,
        "after_id": after_id,
        "most": limit + 1,
    }
    with open_engine(scope.snapshot, channel=scope.channel) as engine:
        rows = answer(engine, "insight.bought", params).to_pylist()
        (rest,) = answer(engine, "insight.bought_besides", _besides_asked(params)).to_pylist()
    page = tuple(Buyer(row["customer_id"], row["orders"], row["spend_minor"], row["last_date"]) for row in rows[:limit])
    next_key = f"{page[-1].spend_minor}~{page[-1].customer_id}" if len(rows) > limit else None
    first = rows[0] if rows else {"customers": 0, "all_orders": 0, "all_minor": 0}
    return Buyers(
        page, first["customers"], first["all_orders"], first["all_minor"], scope.currency, next_key, Besides(**rest)
    )


def _besides_asked(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of the sales besides: those of the list without its pages."""
    return {name: value for name, value in params.items() if name not in {"after_minor", "after_id", "most"}}


def cohort_people(
    *,
    access: Actor,
    today: date,
    month: str,
    offset: int,
    store_ids: Iterable[int] | None = None,
    channel: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Buyers:
    """Return who first bought in a month and again so many months later, the newest customer first.

    Args:
        access: who looks; needs to see customers too, and gets only those of stores within reach.
        today: the present business day.
        month: of the first sale, ``2026-11``.
        offset: months after it; 0: everybody of the month. Count, >= 0.
        store_ids: only sales of these stores count; None: all within reach.
        channel: only sales through it count; None: through all.
        after: `next_key` of the page before.
        limit: customers a page. Count.

    Raises:
        UnknownBreakdown: the month cannot be read.
    """
    access.require("customers.view")
    access.require("insight.view")
    year, _, place = month.partition("-")
    if not (year.isdecimal() and place.isdecimal() and len(month) <= len("2026-11") and 1 <= int(place) <= _YEAR):
        raise UnknownBreakdown(asked=month[:20], known="2026-11")
    snapshot = lake_seen()
    known = known_horizon(snapshot, today=today)
    if known.known_until is None:
        return Buyers((), 0, None, None, known.currency, None)
    params = {
        "cohort_month": int(year) * _YEAR + int(place) - 1,
        "month_offset": offset,
        "end_date": known.known_until + timedelta(days=1),
        "stores": stores_within(access, store_ids),
        "reach": stores_within(access, None),
        "after_id": int(after) if after and after.isdecimal() else None,
        "most": limit + 1,
    }
    with open_engine(snapshot, channel=channel) as engine:
        rows = answer(engine, "insight.cohort_people", params).to_pylist()
    page = tuple(Buyer(row["customer_id"], row["orders"], None, row["last_date"]) for row in rows[:limit])
    next_key = str(page[-1].customer_id) if len(rows) > limit else None
    return Buyers(page, rows[0]["customers"] if rows else 0, None, None, known.currency, next_key)


def _channels(snapshot: Snapshot, today: date) -> list[list[Any]]:
    """Return ``[key, store, sales]`` of the whole chain: read once for everybody."""
    with open_engine(snapshot) as engine:
        rows = answer(engine, "insight.channels", {"end_date": today + timedelta(days=1)})
    return [list(row.values()) for row in rows.to_pylist()]


def edge_of(after: str | None) -> tuple[int | None, int | None]:
    """Return the value and the customer behind which the page begins; a key that is none begins at the top."""
    value, _, customer = (after or "").partition("~")
    try:
        return int(value), int(customer)
    except ValueError:
        return None, None
