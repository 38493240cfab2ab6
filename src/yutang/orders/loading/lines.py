"""Writes the lines of a batch's orders. Equal lines of one order stay apart; the same line in another file is the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.foundation import bulk
from yutang.ingest.money_columns import Currencies, to_minor_array
from yutang.ingest.targets import LoadContext
from yutang.orders.loading.batch import OrderBatch, row_currencies
from yutang.orders.loading.places import keep_categories, product_ids_of
from yutang.orders.models import OrderLine

#: What makes two lines of one order the same line in two files.
_LINE_CONTENT = ("line_number", "product_code", "product_name", "product_spec", "unit_price", "quantity")


@dataclass
class LinesWritten:
    """What writing lines came to.

    Attributes:
        row_is_new: rows that became a new line. Shape (rows,).
        new: how many.
        products: products made on the way.
        orders: orders that got a new line.
    """

    row_is_new: np.ndarray[Any, np.dtype[np.bool_]]
    new: int = 0
    products: int = 0
    orders: set[int] = field(default_factory=set)


def write_lines(
    batch: OrderBatch, shop_id: int, order_ids: dict[int, int], fresh: np.ndarray[Any, Any], context: LoadContext
) -> LinesWritten:
    """Insert the lines that the store does not hold, for orders that are new or changed."""
    written = LinesWritten(np.zeros(batch.rows.num_rows, bool))
    if context.grain != "line" or "quantity" not in batch.rows.column_names:
        return written
    wanted = fresh[batch.group] & ~batch.rows.column("is_cancellation").to_numpy()
    positions = np.flatnonzero(wanted)
    if not len(positions):
        return written
    rows = batch.rows.take(pa.array(positions))
    owners = [order_ids[g] for g in batch.group[positions].tolist()]
    keys = line_keys(rows, owners, context)
    is_new = _unknown(owners, keys)
    chosen = np.flatnonzero(is_new)
    written.row_is_new[positions[chosen]] = True
    written.new = len(chosen)
    written.orders = {owners[i] for i in chosen.tolist()}
    written.products = _insert(
        rows.take(pa.array(chosen)), shop_id, batch, positions[chosen], order_ids, [keys[i] for i in chosen], context
    )
    if "product_category" in rows.column_names:
        categories = zip(product_pairs(rows), texts(rows, "product_category", 120), strict=True)
        keep_categories(shop_id, {pair: category for pair, category in categories if category}, context)
    return written


def line_keys(rows: pa.Table, owners: list[int], context: LoadContext) -> list[bytes]:
    """Return the key of each line: a digest of its content and of its occurrence among equal lines of its order.

    Args:
        rows: typed rows of lines.
        owners: the order of each row, or any other number that tells orders apart.
        context: of the import; rows mended after an import go on counting where the import stopped.
    """
    content = _content(rows)
    occurrence = _occurrences([f"{owner}\x1d{text}" for owner, text in zip(owners, content, strict=True)])
    keys = [_line_key(text, n) for text, n in zip(content, occurrence, strict=True)]
    return keys if context.continues_id is None else _continued(content, occurrence, owners, context.continues_id)


def _content(rows: pa.Table) -> list[str]:
    names = set(rows.column_names)
    columns = [
        pc.fill_null(pc.cast(rows.column(c).combine_chunks(), pa.string()), "")
        if c in names
        else pa.array([""] * rows.num_rows)
        for c in _LINE_CONTENT
    ]
    joined: list[str] = pc.binary_join_element_wise(*columns, "\x1f").to_pylist()
    return joined


def _occurrences(keys: list[str]) -> list[int]:
    """Return how many equal keys stand before each key."""
    seen: dict[str, int] = {}
    counted = []
    for key in keys:
        n = seen.get(key, 0)
        seen[key] = n + 1
        counted.append(n)
    return counted


def _line_key(content: str, occurrence: int) -> bytes:
    return hashlib.blake2b(f"{content}\x1f{occurrence}".encode(), digest_size=16).digest()


def _continued(content: list[str], occurrence: list[int], owners: list[int], continues_id: int) -> list[bytes]:
    """Return keys for mended rows of an import: equal lines that the import already wrote come before them."""
    taken = _lines_of(set(owners), only_of_import=continues_id)
    keys = []
    for text, first, owner in zip(content, occurrence, owners, strict=True):
        n = first
        while (owner, _line_key(text, n)) in taken:
            n += 1
        key = _line_key(text, n)
        taken.add((owner, key))
        keys.append(key)
    return keys


def _unknown(owners: list[int], keys: list[bytes]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which lines the store does not hold."""
    known = _lines_of(set(owners))
    if not known:
        return np.ones(len(keys), bool)
    return np.array([(owner, key) not in known for owner, key in zip(owners, keys, strict=True)])


def _lines_of(order_ids: set[int], *, only_of_import: int | None = None) -> set[tuple[int, bytes]]:
    with bulk.key_table([("id", "int")], [(i,) for i in order_ids]) as wanted:
        restriction, values = ("", []) if only_of_import is None else (" WHERE l.source_id = %s", [only_of_import])
        found = bulk.fetch(
            f"SELECT l.order_id, l.line_key FROM {wanted} k JOIN orders_orderline l ON l.order_id = k.id{restriction}",
            values,
        )
    return {(order_id, bytes(key)) for order_id, key in found}


def _insert(
    rows: pa.Table,
    shop_id: int,
    batch: OrderBatch,
    positions: np.ndarray[Any, Any],
    order_ids: dict[int, int],
    keys: list[bytes],
    context: LoadContext,
) -> int:
    """Insert lines and the products that they name; return how many products were made."""
    pairs = product_pairs(rows)
    products, made = product_ids_of(shop_id, sorted(set(pairs)))
    groups = batch.group[positions]
    currencies = line_currencies(batch, positions, context)
    bulk.insert_rows(
        "orders_orderline",
        (
            "id",
            "order_id",
            "line_key",
            "position",
            "product_id",
            "spec",
            "quantity",
            "unit_price_minor",
            "amount_minor",
            "source_id",
        ),
        zip(
            bulk.next_ids(OrderLine, len(keys)),
            [order_ids[g] for g in groups.tolist()],
            keys,
            (positions - batch.starts[groups]).tolist(),
            [products[pair] for pair in pairs],
            texts(rows, "product_spec", 200),
            rows.column("quantity").to_pylist(),
            to_minor_array(rows.column("unit_price").combine_chunks(), currencies).to_pylist()
            if "unit_price" in rows.column_names
            else [0] * len(keys),
            line_amounts(rows, currencies),
            [context.import_id] * len(keys),
            strict=True,
        ),
    )
    return made


def line_currencies(
    batch: OrderBatch, positions: np.ndarray[Any, np.dtype[np.int64]], context: LoadContext
) -> Currencies:
    """Return the currency of some of the rows, which is that of their orders."""
    currencies = row_currencies(batch, context)
    return currencies if isinstance(currencies, str) else currencies.take(pa.array(positions))


def line_amounts(rows: pa.Table, currencies: Currencies) -> list[int]:
    """Return what was paid for each line, in minor units: as the file states it, else quantity x price.

    A line that takes goods back is negative, whichever sign the file gives the amount.
    """
    amounts = rows.column("amount_minor").combine_chunks()
    if "line_paid" in rows.column_names:
        paid = to_minor_array(rows.column("line_paid").combine_chunks(), currencies)
        takes_back = pc.less(rows.column("quantity").combine_chunks(), 0)
        amounts = pc.coalesce(pc.if_else(takes_back, pc.negate(pc.abs(paid)), paid), amounts)
    values: list[int] = amounts.to_pylist()
    return values


def product_pairs(rows: pa.Table) -> list[tuple[str, str]]:
    """Return the (code, name) of the product that each row names."""
    return list(zip(texts(rows, "product_code", 120), texts(rows, "product_name", 300), strict=True))


def texts(rows: pa.Table, column: str, longest: int) -> list[str]:
    """Return a text column, empty where nothing is said, cut to what the store holds."""
    if column not in rows.column_names:
        return [""] * rows.num_rows
    values: list[str] = pc.utf8_slice_codeunits(pc.fill_null(rows.column(column), ""), 0, longest).to_pylist()
    return values
