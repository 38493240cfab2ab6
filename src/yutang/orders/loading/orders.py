"""Loads a batch of orders: compares with what is known, writes what is new, updates what a newer file says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.customers.identity import Origin
from yutang.customers.rows import people_of_rows
from yutang.foundation import bulk
from yutang.ingest.journal import remember, touch
from yutang.ingest.targets import LoadContext, LoadOutcome
from yutang.orders.arrivals import names_of_orders, orders_by_key
from yutang.orders.loading.batch import OrderBatch, amounts_of, minor_of, order_batch
from yutang.orders.loading.lines import LinesWritten, write_lines
from yutang.orders.loading.places import account_scope_of, shop_id_of, staff_ids_of, store_ids_of
from yutang.orders.loading.refunds import write_cancellations, write_stated_refunds
from yutang.orders.loading.statuses import statuses_of
from yutang.orders.loading.totals import refresh_totals
from yutang.orders.models import Order, OrderStatus

Positions = np.ndarray[Any, np.dtype[np.int64]]
#: Columns that a file may state about an order, in the order in which they are written.
STATED = (
    "customer_id",
    "store_id",
    "staff_id",
    "status",
    "channel",
    "title",
    "item_count",
    "placed_at",
    "business_date",
    "paid_at",
    "currency",
    "goods_minor",
    "shipping_minor",
    "total_minor",
    "total_is_stated",
)
_DEFAULTS: dict[str, Any] = {
    "status": int(OrderStatus.COMPLETED),
    "channel": "",
    "title": "",
    "item_count": 0,
    "goods_minor": 0,
    "shipping_minor": 0,
    "total_minor": 0,
    "total_is_stated": False,
}


@dataclass
class KnownOrders:
    """What the store holds of a batch's orders.

    Attributes:
        ids: order id by position in the batch, for orders that are known.
        same: positions whose content is what the store has already seen.
        sources: import that made each known order.
    """

    ids: dict[int, int] = field(default_factory=dict)
    same: set[int] = field(default_factory=set)
    sources: dict[int, int | None] = field(default_factory=dict)


def load_orders(rows: pa.Table, context: LoadContext) -> LoadOutcome:
    """Write one batch of rows of orders or order lines, whole orders at a time, in the caller's transaction."""
    batch = batch_of(rows, context)
    shop_id = shop_id_of(context)
    known = _known_orders(batch, shop_id)
    if context.continues_id is not None:
        known.same.clear()  # A mended row may be the twin of a line that is in already.
    fresh = np.array([p not in known.same for p in range(batch.orders)])
    stated = stated_of(batch, context)
    stated["customer_id"], people_made = _customers(batch, stated, fresh, context)
    sold = _has_goods(batch, context)
    created = _insert_new(batch, shop_id, known, stated, sold, context)
    changed, left_months = _update_known(batch, known, stated, context)
    lines = write_lines(batch, shop_id, known.ids, fresh, context)
    cancelled = write_cancellations(batch, shop_id, known.ids, stated, fresh, context)
    refunded = write_stated_refunds(batch, shop_id, known.ids, stated, fresh, context)
    summed = refresh_totals(
        _with_sums(batch, known, set(created), fresh, lines, refunded),
        import_id=context.import_id,
        made=created,
    )
    touch_orders(
        (changed | summed | lines.orders) - set(created), left_months | months_of(batch, stated, fresh), context.now
    )
    outcome = _outcome(batch, known, created, changed | refunded, lines, cancelled, context)
    outcome.made.update(
        {"customers": people_made, "order_lines": lines.new, "products": lines.products, "refunds": cancelled.new}
    )
    return outcome


def batch_of(rows: pa.Table, context: LoadContext) -> OrderBatch:
    """Return the rows as orders, by number; `arrival` keeps the place at which a row came.

    A file with one row an order comes sorted by person; an order that it holds twice must lie together here.
    """
    came = rows.append_column("arrival", pa.array(np.arange(rows.num_rows)))
    by_number = came.sort_by([("order_number", "ascending"), ("row_number", "ascending")])
    return order_batch(_with_cancellations(by_number, context))


def heads_as_they_came(batch: OrderBatch, positions: Positions | None = None) -> tuple[Positions, pa.Table, pa.Array]:
    """Return positions of orders, their heads and when they were placed, in the order in which the rows came.

    What says the same of one person then stands together, and is taken once.

    Args:
        batch: the orders.
        positions: which of them; all when None.
    """
    chosen = np.arange(batch.orders) if positions is None else positions
    came = batch.heads.column("arrival").to_numpy()[chosen]
    ordered = chosen[np.argsort(came, kind="stable")]
    heads = batch.heads.take(pa.array(ordered))
    if "ordered_at" in heads.column_names:
        return ordered, heads, heads.column("ordered_at").combine_chunks()
    return ordered, heads, pa.nulls(len(ordered), pa.timestamp("us"))


def _with_sums(
    batch: OrderBatch,
    known: KnownOrders,
    made: set[int],
    fresh: np.ndarray[Any, Any],
    lines: LinesWritten,
    refunded: set[int],
) -> list[int]:
    """Return the orders whose lines or refunds may have changed: new orders without any need no sums."""
    cancels = np.zeros(batch.orders, bool)
    cancels[batch.group[batch.rows.column("is_cancellation").to_numpy()]] = True
    asked = [
        order_id
        for position, order_id in known.ids.items()
        if fresh[position] and (order_id not in made or order_id in lines.orders or cancels[position])
    ]
    return [*asked, *refunded]


def _with_cancellations(rows: pa.Table, context: LoadContext) -> pa.Table:
    """Mark the lines that take goods back: a negative quantity."""
    if context.grain == "line" and "quantity" in rows.column_names:
        flags = pc.fill_null(pc.less(rows.column("quantity"), 0), False)
    else:
        flags = pa.array(np.zeros(rows.num_rows, bool))
    return rows.append_column("is_cancellation", flags).combine_chunks()


def _has_goods(batch: OrderBatch, context: LoadContext) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which orders sell something; an invoice of cancellations alone is no order."""
    sells = ~batch.rows.column("is_cancellation").to_numpy()
    has = np.zeros(batch.orders, bool)
    has[batch.group[sells]] = True
    return has


def _known_orders(batch: OrderBatch, shop_id: int) -> KnownOrders:
    known = KnownOrders()
    with bulk.key_table([("position", "int"), ("number", "text")], list(enumerate(batch.numbers))) as keys:
        found = bulk.fetch(
            f"SELECT k.position, o.id, o.content_digest, o.source_id FROM {keys} k"
            f" JOIN {names_of_orders()} n ON n.shop_id = %s AND n.number = k.number {orders_by_key('n.id')}",
            [shop_id],
        )
    for position, order_id, digest, source_id in found:
        known.ids[position] = order_id
        known.sources[position] = source_id
        if bytes(digest) == batch.digests[position]:
            known.same.add(position)
    return known


def stated_of(batch: OrderBatch, context: LoadContext) -> dict[str, list[Any]]:
    """Return what the file states of each order, by column of the store; columns that it does not carry are absent."""
    heads, names = batch.heads, set(batch.heads.column_names)
    stated: dict[str, list[Any]] = {}
    if "store_code" in names or "store_name" in names:
        stated["store_id"] = store_ids_of(heads, context)
    if "staff_name" in names:
        stated["staff_id"] = staff_ids_of(heads)
    if "status" in names or "refund_status" in names:
        stated["status"] = statuses_of(batch, context)
    for column, longest in (("channel", 60), ("title", 300), ("currency", 3)):
        if column in names:
            stated[column] = pc.utf8_slice_codeunits(heads.column(column), 0, longest).to_pylist()
    if "item_count" in names:
        stated["item_count"] = heads.column("item_count").to_pylist()
    if "ordered_at" in names:
        stated["placed_at"] = bulk.instants(heads.column("ordered_at"))
        stated["business_date"] = pc.cast(heads.column("ordered_at_on"), pa.string()).to_pylist()
    if "paid_at" in names:
        stated["paid_at"] = bulk.instants(heads.column("paid_at"))
    stated.update(_stated_money(batch, context))
    return stated


def _stated_money(batch: OrderBatch, context: LoadContext) -> dict[str, list[Any]]:
    money: dict[str, list[Any]] = {}
    shipping = minor_of(batch, "shipping_amount", context)
    goods = minor_of(batch, "goods_amount", context)
    if shipping is not None:
        money["shipping_minor"] = shipping
    if goods is not None and context.grain == "order":
        money["goods_minor"] = goods
    totals = [m for m in (minor_of(batch, f, context) for f in ("total_amount", "paid_amount")) if m is not None]
    if not totals and context.grain == "order" and goods is not None:
        totals = [goods]
    if totals:
        minor = totals[0]
        for others in totals[1:]:
            minor = [other if one is None else one for one, other in zip(minor, others, strict=True)]
        money["total_minor"] = minor
        money["total_is_stated"] = [True if v is not None else None for v in money["total_minor"]]
    return money


def _customers(
    batch: OrderBatch, stated: dict[str, list[Any]], fresh: np.ndarray[Any, Any], context: LoadContext
) -> tuple[list[int | None], int]:
    """Return the person of each order that is new or changed, and how many people were made."""
    positions, heads, seen = heads_as_they_came(batch, np.flatnonzero(fresh))
    stores = (
        pa.array(stated["store_id"], pa.int64()).take(pa.array(positions))
        if "store_id" in stated
        else pa.nulls(len(positions), pa.int64())
    )
    people = people_of_rows(
        heads,
        store_ids=stores,
        seen_at=seen,
        origin=Origin(import_id=context.import_id, account_scope=account_scope_of(context)),
        now=context.now,
    )
    customers: list[int | None] = [None] * batch.orders
    for position, customer_id in zip(positions.tolist(), people.ids.to_pylist(), strict=True):
        customers[position] = customer_id
    return customers, people.made


def _insert_new(
    batch: OrderBatch,
    shop_id: int,
    known: KnownOrders,
    stated: dict[str, list[Any]],
    sold: np.ndarray[Any, Any],
    context: LoadContext,
) -> list[int]:
    """Insert the orders that the store does not hold, add them to `known.ids`, and return their ids."""
    positions = [p for p in range(batch.orders) if p not in known.ids and sold[p]]
    if not positions:
        return []
    ids = list(bulk.next_ids(Order, len(positions)))
    exported = bulk.db_instant(context.exported_at)
    bulk.insert_rows(
        "orders_order",
        ("id", "shop_id", "number", *STATED, "refunded_minor", "content_digest", "exported_at", "source_id"),
        zip(
            ids,
            [shop_id] * len(ids),
            [batch.numbers[p] for p in positions],
            *columns_of_new(stated, positions, context),
            [0] * len(ids),
            [batch.digests[p] for p in positions],
            [exported] * len(ids),
            [context.import_id] * len(ids),
            strict=True,
        ),
    )
    known.ids.update(zip(positions, ids, strict=True))
    return ids


def columns_of_new(stated: dict[str, list[Any]], positions: list[int], context: LoadContext) -> list[list[Any]]:
    """Return the columns `STATED` of new orders: what the file states, and the defaults."""
    defaults = {**_DEFAULTS, "currency": context.currency}
    columns = [_picked(stated.get(column), positions, defaults.get(column)) for column in STATED]
    if "placed_at" not in stated:
        columns[STATED.index("status")] = [int(OrderStatus.SHELL)] * len(positions)
    return columns


def _picked(values: list[Any] | None, positions: list[int], default: Any) -> list[Any]:
    if values is None:
        return [default] * len(positions)
    if default is None:
        return [values[p] for p in positions]
    return [default if (v := values[p]) is None else v for p in positions]


def _update_known(
    batch: OrderBatch, known: KnownOrders, stated: dict[str, list[Any]], context: LoadContext
) -> tuple[set[int], set[str]]:
    """Update known orders by what a newer file states; an older file only fills gaps.

    Returns:
        The ids that changed, and the months in which they lay before.
    """
    positions = [p for p in known.sources if p not in known.same]
    if not positions:
        return set(), set()
    columns = ("id", *STATED, "content_digest", "exported_at")
    with bulk.key_table([("position", "int"), ("id", "int")], [(p, known.ids[p]) for p in positions]) as keys:
        current = bulk.fetch(
            f"SELECT k.position, {', '.join(f'o.{c}' for c in columns)} FROM {keys} k {orders_by_key('k.id')}"
        )
    before, after = [], []
    for position, *values in current:
        row = dict(zip(columns, values, strict=True))
        merged = _merged(row, position, stated, context)
        if any(_differs(row[c], merged[c]) for c in STATED):
            before.append((row["id"], {c: row[c] for c in columns if c != "id"}))
            exported = bulk.db_instant(context.exported_at) or row["exported_at"]
            after.append((*(merged[c] for c in STATED), batch.digests[position], exported, row["id"]))
    remember(context.import_id, "orders_order", before)
    bulk.update_rows("orders_order", (*STATED, "content_digest", "exported_at"), after)
    return {row[-1] for row in after}, {
        str(row["business_date"])[:7] if row["business_date"] else "none" for _, row in before
    }


def _merged(row: dict[str, Any], position: int, stated: dict[str, list[Any]], context: LoadContext) -> dict[str, Any]:
    """Return the order's columns after this file has spoken."""
    is_older = context.is_repeat or _is_older(context.exported_at, row["exported_at"])
    merged = {c: row[c] for c in STATED}
    for column, values in stated.items():
        said = values[position]
        fills_gap = row[column] in (None, "") or row["status"] == OrderStatus.SHELL
        # The buyer of an order does not change: a file that names another key of the same person goes to identity.
        if said is not None and (fills_gap or (not is_older and column != "customer_id")):
            merged[column] = said
    if row["status"] == OrderStatus.SHELL and merged["status"] == OrderStatus.SHELL and merged["placed_at"] is not None:
        merged["status"] = int(OrderStatus.COMPLETED)
    return merged


def _is_older(exported_at: datetime | None, known: Any) -> bool:
    if exported_at is None or known is None:
        return False
    return str(bulk.db_instant(exported_at)) < str(known)


def _differs(stored: Any, said: Any) -> bool:
    """Compare a value as the driver gives it with one as it is written."""
    if stored == said:
        return False
    if isinstance(stored, bool) or isinstance(said, bool):
        return bool(stored) != bool(said)
    if stored is None or said is None:
        return True
    return str(stored).removesuffix("+00:00") != str(said).removesuffix("+00")


def months_of(batch: OrderBatch, stated: dict[str, list[Any]], fresh: np.ndarray[Any, Any]) -> set[str]:
    """Return the months in which the file's new or changed orders lie."""
    if "business_date" not in stated:
        return {"none"} if fresh.any() else set()
    return {day[:7] if day else "none" for day in {stated["business_date"][p] for p in np.flatnonzero(fresh).tolist()}}


def touch_orders(changed: set[int], left_months: set[str], now: datetime) -> None:
    """Mark the months in which changed orders lie or lay, so that the lake reads them again."""
    if not changed and not left_months:
        return
    months = set(left_months)
    with bulk.key_table([("id", "int")], [(i,) for i in changed]) as keys:
        for (month,) in bulk.fetch(
            f"SELECT DISTINCT substr(CAST(o.business_date AS TEXT), 1, 7) FROM {keys} k {orders_by_key('k.id')}"
        ):
            months.add(month or "none")
    for table in ("orders_order", "orders_line"):
        touch(table, months, now=now)
    touch("orders_product", ["all"], now=now)


def _outcome(
    batch: OrderBatch,
    known: KnownOrders,
    created: list[int],
    changed: set[int],
    lines: LinesWritten,
    cancelled: LinesWritten,
    context: LoadContext,
) -> LoadOutcome:
    """Count what became of each row; a row is new when its line is, or when it is the first row of a new order."""
    made = set(created)
    new_row = lines.row_is_new | cancelled.row_is_new
    if context.grain == "order":
        first = np.zeros(batch.rows.num_rows, bool)
        first[batch.starts] = True
        is_made = np.array([known.ids.get(p) in made for p in range(batch.orders)])
        new_row |= first & is_made[batch.group]
    is_changed = np.array([known.ids.get(p) in changed and known.ids.get(p) not in made for p in range(batch.orders)])
    updated_row = np.zeros(batch.rows.num_rows, bool)
    updated_row[batch.starts] = is_changed
    updated_row &= ~new_row
    amounts = batch.rows.column("amount_minor").to_numpy()
    repeated = int(amounts_of(batch, context)[1].sum())
    cancels = batch.rows.column("is_cancellation").to_numpy()
    overlaps = Counter(s for p, s in known.sources.items() if s is not None and s != context.import_id)
    return LoadOutcome(
        new=int(new_row.sum()),
        updated=int(updated_row.sum()),
        unchanged=int((~new_row & ~updated_row).sum()),
        made={"orders": len(created)},
        overlaps=dict(overlaps),
        imported_minor=int(amounts[~cancels].sum()) - repeated,
        cancelled_minor=int(amounts[cancels].sum()),
        ignored_minor=repeated,
    )
