"""Money given back: cancellation lines, refund totals that orders state, and refund exports."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.foundation import bulk
from yutang.ingest.journal import remember, touch
from yutang.ingest.targets import LoadContext, LoadOutcome
from yutang.orders.arrivals import names_of_orders, orders_by_key
from yutang.orders.loading.batch import OrderBatch, minor_of
from yutang.orders.loading.lines import LinesWritten, line_amounts, line_currencies, line_keys, product_pairs
from yutang.orders.loading.places import product_ids_of, shop_id_of
from yutang.orders.loading.totals import refresh_totals
from yutang.orders.models import Refund

_COLUMNS = (
    "id",
    "shop_id",
    "number",
    "line_key",
    "order_number",
    "order_id",
    "customer_id",
    "product_id",
    "quantity",
    "currency",
    "amount_minor",
    "refunded_at",
    "business_date",
    "source_id",
)
#: Line key of the row that holds the refund total which an order itself states.
STATED_TOTAL = b""


def write_cancellations(
    batch: OrderBatch,
    shop_id: int,
    order_ids: dict[int, int],
    stated: dict[str, list[Any]],
    fresh: np.ndarray[Any, Any],
    context: LoadContext,
) -> LinesWritten:
    """Insert the negative lines as refunds; what they cancel is found when all rows are in (`matching`)."""
    written = LinesWritten(np.zeros(batch.rows.num_rows, bool))
    positions = np.flatnonzero(batch.rows.column("is_cancellation").to_numpy() & fresh[batch.group])
    if not len(positions):
        return written
    rows = batch.rows.take(pa.array(positions))
    groups = batch.group[positions].tolist()
    keys = line_keys(rows, groups, context)
    numbers = [batch.numbers[g] for g in groups]
    is_new = [pair not in known for known in [_known(shop_id, numbers)] for pair in zip(numbers, keys, strict=True)]
    pairs = product_pairs(rows)
    products, written.products = product_ids_of(shop_id, sorted(set(pairs)))
    quantities, amounts = (
        rows.column("quantity").to_pylist(),
        line_amounts(rows, line_currencies(batch, positions, context)),
    )
    values = [
        (
            shop_id,
            numbers[i],
            keys[i],
            "",
            order_ids.get(g),
            stated["customer_id"][g],
            products[pairs[i]],
            -quantities[i],
            _at(stated, "currency", g) or context.currency,
            -amounts[i],
            _at(stated, "placed_at", g),
            _at(stated, "business_date", g),
            context.import_id,
        )
        for i, g in enumerate(groups)
        if is_new[i]
    ]
    _insert(values, context)
    written.row_is_new[positions[np.array(is_new)]] = True
    written.new = len(values)
    return written


def write_stated_refunds(
    batch: OrderBatch,
    shop_id: int,
    order_ids: dict[int, int],
    stated: dict[str, list[Any]],
    fresh: np.ndarray[Any, Any],
    context: LoadContext,
) -> set[int]:
    """Insert or update the refund total that an order itself states; return the orders whose refund total is new or changed."""
    totals = minor_of(batch, "refunded_amount", context)
    if totals is None:
        return set()
    wanted = {batch.numbers[p]: p for p in range(batch.orders) if fresh[p] and totals[p] and p in order_ids}
    if not wanted:
        return set()
    with bulk.key_table([("number", "text")], [(n,) for n in wanted]) as keys:
        known = bulk.fetch(
            f"SELECT r.number, r.id, r.amount_minor FROM {keys} k JOIN orders_refund r"
            " ON r.shop_id = %s AND r.number = k.number AND r.line_key = %s",
            [shop_id, STATED_TOTAL],
        )
    held = {number: (refund_id, amount) for number, refund_id, amount in known}
    differs = {n for n, p in wanted.items() if n in held and held[n][1] != totals[p] and not context.is_repeat}
    changed = [(n, held[n]) for n in wanted if n in differs]
    remember(
        context.import_id,
        "orders_refund",
        [(refund_id, {"amount_minor": amount}) for _, (refund_id, amount) in changed],
    )
    bulk.update_rows(
        "orders_refund", ("amount_minor",), [(totals[wanted[n]], refund_id) for n, (refund_id, _) in changed]
    )
    values = [
        (
            shop_id,
            number,
            STATED_TOTAL,
            number,
            order_ids[p],
            stated["customer_id"][p],
            None,
            0,
            _at(stated, "currency", p) or context.currency,
            totals[p],
            _at(stated, "paid_at", p) or _at(stated, "placed_at", p),
            _at(stated, "business_date", p),
            context.import_id,
        )
        for number, p in wanted.items()
        if number not in held
    ]
    _insert(values, context)
    return {order_ids[p] for n, p in wanted.items() if n not in held or n in differs}


def load_refunds(rows: pa.Table, context: LoadContext) -> LoadOutcome:
    """Write a batch of a refund export; a refund whose order is not known yet waits with its number."""
    shop_id = shop_id_of(context)
    numbers = rows.column("refund_number").to_pylist()
    orders = rows.column("order_number").to_pylist()
    amounts = [-a for a in rows.column("amount_minor").to_pylist()]
    order_ids = _orders_by_number(shop_id, orders)
    known = _refunds_by_number(shop_id, numbers)
    instants, days = _when(rows)
    pairs = product_pairs(rows)
    products, made = product_ids_of(shop_id, sorted({p for p in pairs if any(p)}))
    new, changed, seen = [], [], set()
    for i, number in enumerate(numbers):
        if number in seen or known.get(number, (0, None, None))[1] == amounts[i]:
            continue
        if number in known and context.is_repeat:
            continue
        seen.add(number)
        order_id, customer_id, _ = order_ids.get(orders[i], (None, None, None))
        if number in known:
            changed.append((number, amounts[i], order_id))
            continue
        product_id = products.get(pairs[i])
        owner = (shop_id, number, b"refund", orders[i], order_id, customer_id, product_id)
        new.append((*owner, 0, context.currency, amounts[i], instants[i], days[i], context.import_id))
    remember(context.import_id, "orders_refund", [(known[n][0], {"amount_minor": known[n][1]}) for n, _, _ in changed])
    bulk.update_rows("orders_refund", ("amount_minor",), [(amount, known[n][0]) for n, amount, _ in changed])
    _insert(new, context)
    refresh_totals(
        [row[4] for row in new if row[4]] + [c[2] for c in changed if c[2]], import_id=context.import_id, made=[]
    )
    return LoadOutcome(
        new=len(new),
        updated=len(changed),
        unchanged=len(numbers) - len(new) - len(changed),
        made={"refunds": len(new), "products": made},
        overlaps=_overlaps(
            context, [known[n][2] for n in numbers if n in known], [order_ids[n][2] for n in orders if n in order_ids]
        ),
        cancelled_minor=-sum(amounts),
    )


def _overlaps(context: LoadContext, *sources: list[int | None]) -> dict[int, int]:
    """Return how many rows met refunds or orders of each earlier import."""
    met = Counter(source for each in sources for source in each)
    return {source: rows for source, rows in met.items() if source not in (None, context.import_id)}


def _insert(values: list[tuple[Any, ...]], context: LoadContext) -> None:
    ids = bulk.next_ids(Refund, len(values))
    bulk.insert_rows("orders_refund", _COLUMNS, [(i, *row) for i, row in zip(ids, values, strict=True)])
    touch("orders_refund", {str(row[11])[:7] if row[11] else "none" for row in values}, now=context.now)


def _known(shop_id: int, numbers: list[str]) -> set[tuple[str, bytes]]:
    with bulk.key_table([("number", "text")], [(n,) for n in set(numbers)]) as keys:
        found = bulk.fetch(
            f"SELECT r.number, r.line_key FROM {keys} k JOIN orders_refund r ON r.shop_id = %s AND r.number = k.number",
            [shop_id],
        )
    return {(number, bytes(key)) for number, key in found}


def _refunds_by_number(shop_id: int, numbers: list[str]) -> dict[str, tuple[int, int, int | None]]:
    """Return (id, amount, import) of the refunds that the store holds."""
    with bulk.key_table([("number", "text")], [(n,) for n in set(numbers)]) as keys:
        found = bulk.fetch(
            f"SELECT r.number, r.id, r.amount_minor, r.source_id FROM {keys} k"
            " JOIN orders_refund r ON r.shop_id = %s AND r.number = k.number",
            [shop_id],
        )
    return {number: (refund_id, amount, source_id) for number, refund_id, amount, source_id in found}


def _orders_by_number(shop_id: int, numbers: list[str]) -> dict[str, tuple[int, int | None, int | None]]:
    """Return (id, customer, import) of the orders that the store holds."""
    with bulk.key_table([("number", "text")], [(n,) for n in set(numbers)]) as keys:
        found = bulk.fetch(
            f"SELECT n.number, o.id, o.customer_id, o.source_id FROM {keys} k"
            f" JOIN {names_of_orders()} n ON n.shop_id = %s AND n.number = k.number {orders_by_key('n.id')}",
            [shop_id],
        )
    return {number: (order_id, customer_id, source_id) for number, order_id, customer_id, source_id in found}


def _when(rows: pa.Table) -> tuple[list[str | None], list[str | None]]:
    """Return when each refund flowed, as instants and business days."""
    for column in ("refunded_at", "paid_at"):
        if column in rows.column_names:
            days = pc.cast(rows.column(f"{column}_on"), pa.string()).to_pylist()
            return bulk.instants(rows.column(column)), days
    return [None] * rows.num_rows, [None] * rows.num_rows


def _at(stated: dict[str, list[Any]], column: str, position: int) -> Any:
    return stated[column][position] if column in stated else None
