"""Orders of a batch worked out ahead, and taken over set-based where the store holds none of them yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from yutang.customers import drafting as people
from yutang.customers.identity import Origin
from yutang.customers.rows import observed_of, people_of_rows
from yutang.foundation import bulk
from yutang.ingest.drafts import Draft
from yutang.ingest.journal import touch
from yutang.ingest.targets import LoadContext, LoadOutcome
from yutang.orders.loading.batch import amounts_of, minor_of
from yutang.orders.loading.orders import (
    STATED,
    batch_of,
    columns_of_new,
    heads_as_they_came,
    months_of,
    stated_of,
    touch_orders,
)
from yutang.orders.loading.places import account_scope_of, shop_id_of
from yutang.orders.loading.refunds import STATED_TOTAL
from yutang.orders.models import Order, Refund

#: What only the store can tell; and lines, whose products are looked up in it.
_ASKS_STORE = frozenset({"store_code", "store_name", "staff_name"})
_DRAFTED = tuple(column for column in STATED if column != "customer_id")
_TEXTS = frozenset({"channel", "title", "placed_at", "business_date", "paid_at", "currency"})


def suits(rows: pa.Schema, context: LoadContext) -> bool:
    """Return whether the rows are whole orders of which everything but the shop can be told without the store."""
    return context.grain == "order" and not _ASKS_STORE & set(rows.names)


def draft_orders(rows: pa.Table, context: LoadContext, facts: Mapping[str, Any]) -> dict[str, pa.Table]:
    """Return the tables of a draft: orders, stated refunds, months, and those of the people."""
    batch = batch_of(rows, context)
    stated = stated_of(batch, context)
    arrivals, heads, seen_at = heads_as_they_came(batch)
    observed = observed_of(heads, seen_at=seen_at)
    tables: dict[str, pa.Table] = {}
    nobody = pa.nulls(batch.orders, pa.int64())
    person = circle = nobody
    if observed is not None:
        draft = people.draft_people(observed=observed, scope=account_scope_of(context), facts=facts)
        tables.update(draft.tables)
        back = pa.array(np.argsort(arrivals, kind="stable"))
        person, circle = draft.people.take(back), draft.circles.take(back)
    positions = list(range(batch.orders))
    columns = zip(STATED, columns_of_new(stated, positions, context), strict=True)
    refunded = [amount or 0 for amount in minor_of(batch, "refunded_amount", context) or [0] * batch.orders]
    counted, repeated = amounts_of(batch, context)
    tables["orders"] = pa.table(
        {
            "position": pa.array(positions),
            "number": batch.heads.column("order_number"),
            "person": person,
            "circle": circle,
            "amount_minor": counted,
            "repeated_minor": repeated,
            "refunded_minor": pa.array(refunded, pa.int64()),
            "content_digest": pa.array(batch.digests, pa.binary()),
            **{name: _stored(name, values) for name, values in columns if name in _DRAFTED},
        }
    )
    tables["months"] = pa.table({"month": sorted(months_of(batch, stated, np.ones(batch.orders, bool)))})
    return tables


def _stored(name: str, values: list[Any]) -> pa.Array:
    """Return a column as SQLite keeps it."""
    if name in _TEXTS:
        return pa.array(values, pa.string())
    return pa.array(values, pa.bool_() if name == "total_is_stated" else None).cast(pa.int64())


def load_drafted_orders(draft: str, file: Draft, context: LoadContext) -> LoadOutcome | None:
    """Take an attached draft over, in the caller's transaction; None where the store holds an order of it already."""
    shop_id = shop_id_of(context)
    if _holds_any(draft, shop_id):
        return None
    circles = people.circles_known(draft)
    with bulk.key_table([("circle", "int")], [(c,) for c in circles]) as known:
        taken = people.take_people(draft=draft, known=known, import_id=context.import_id, now=context.now)
        others, made = _resolved_by_store(draft, known, file, context) if circles else ([], 0)
        with bulk.key_table([("position", "int"), ("customer_id", "int")], others) as resolved:
            orders = _insert_orders(draft, resolved, taken, shop_id, context)
    months = {month for (month,) in bulk.fetch(f"SELECT month FROM {draft}.months")}
    ((amount, repeated),) = bulk.fetch(f"SELECT sum(amount_minor), sum(repeated_minor) FROM {draft}.orders")
    touch_orders(set(), months, context.now)
    return LoadOutcome(
        new=orders,
        unchanged=file.rows - orders,
        made={"orders": orders, "customers": taken.made + made, "order_lines": 0, "products": 0, "refunds": 0},
        imported_minor=amount or 0,
        ignored_minor=repeated or 0,
    )


def _holds_any(draft: str, shop_id: int) -> bool:
    """Return whether the store holds one of the orders, or a refund total that one of them states."""
    held = bulk.fetch(
        f"SELECT 1 FROM {draft}.orders d CROSS JOIN orders_order o"
        " WHERE o.shop_id = %s AND o.number = d.number LIMIT 1",
        [shop_id],
    )
    return bool(held) or bool(
        bulk.fetch(
            f"SELECT 1 FROM {draft}.orders d CROSS JOIN orders_refund r"
            " WHERE d.refunded_minor <> 0 AND r.shop_id = %s AND r.number = d.number AND r.line_key = %s LIMIT 1",
            [shop_id, STATED_TOTAL],
        )
    )


def _resolved_by_store(
    draft: str, known: str, file: Draft, context: LoadContext
) -> tuple[list[tuple[int, int | None]], int]:
    """Return (position, person) of the orders whose people the store knows something of, and how many people were made."""
    found = bulk.fetch(
        f"SELECT position, number FROM {draft}.orders WHERE circle IN (SELECT circle FROM {known}) ORDER BY position"
    )
    numbers = pa.array([number for _, number in found], pa.string())
    batch = batch_of(file.pick("order_number", numbers), context)
    came, heads, seen_at = heads_as_they_came(batch)
    resolved = people_of_rows(
        heads,
        store_ids=pa.nulls(len(came), pa.int64()),
        seen_at=seen_at,
        origin=Origin(import_id=context.import_id, account_scope=account_scope_of(context)),
        now=context.now,
    )
    # Both stand in the order of their numbers.
    positions = [found[place][0] for place in came.tolist()]
    return list(zip(positions, resolved.ids.to_pylist(), strict=True)), resolved.made


def _insert_orders(draft: str, resolved: str, taken: people.TakenPeople, shop_id: int, context: LoadContext) -> int:
    """Insert the orders and the refund totals that they state, and return how many orders."""
    ((size, refunds),) = bulk.fetch(f"SELECT count(*), sum(refunded_minor <> 0) FROM {draft}.orders")
    first_id, exported = bulk.next_ids(Order, size)[0], bulk.db_instant(context.exported_at)
    stated = ", ".join(f"d.{column}" for column in _DRAFTED)
    bulk.execute(
        f"INSERT INTO orders_order (id, shop_id, number, customer_id, {', '.join(_DRAFTED)}, refunded_minor,"
        " content_digest, exported_at, source_id)"
        " SELECT %s + d.position, %s, d.number,"
        f" CASE WHEN r.position IS NULL THEN %s + d.person ELSE r.customer_id END, {stated}, d.refunded_minor,"
        f" d.content_digest, %s, %s FROM {draft}.orders d LEFT JOIN {resolved} r ON r.position = d.position"
        " ORDER BY d.position",
        [first_id, shop_id, taken.first_id, exported, context.import_id],
    )
    if refunds:
        _insert_refunds(draft, first_id, refunds, shop_id, context)
    return int(size)


def _insert_refunds(draft: str, first_id: int, size: int, shop_id: int, context: LoadContext) -> None:
    last_id = bulk.next_ids(Refund, size)[-1]
    bulk.execute(
        "INSERT INTO orders_refund (id, shop_id, number, line_key, order_number, order_id, customer_id, product_id, quantity,"
        " currency, amount_minor, refunded_at, business_date, source_id)"
        " SELECT %s + row_number() OVER (ORDER BY d.position), o.shop_id, o.number, %s, o.number, o.id, o.customer_id, NULL, 0,"
        " o.currency, d.refunded_minor, COALESCE(d.paid_at, d.placed_at), d.business_date, o.source_id"
        f" FROM {draft}.orders d JOIN orders_order o ON o.id = %s + d.position WHERE d.refunded_minor <> 0",
        [last_id - size, STATED_TOTAL, first_id],
    )
    months = bulk.fetch(
        f"SELECT DISTINCT COALESCE(substr(business_date, 1, 7), 'none') FROM {draft}.orders WHERE refunded_minor <> 0"
    )
    touch("orders_refund", {month for (month,) in months}, now=context.now)
