"""Takes back everything that an import wrote about orders."""

from __future__ import annotations

from datetime import datetime

from yutang.customers.actions import undo_people_of_import
from yutang.foundation import bulk
from yutang.ingest.journal import restore, touch

_MONTH = "COALESCE(substr(CAST({alias}.business_date AS TEXT), 1, 7), 'none')"


def undo_orders(import_id: int, now: datetime) -> None:
    """Delete the orders, lines, refunds and people that the import made and restore what it changed."""
    months = _months(import_id)
    restored = restore(import_id, "orders_refund") + restore(import_id, "orders_order")
    restore(import_id, "orders_product")
    bulk.execute("DELETE FROM orders_refund WHERE source_id = %s", [import_id])
    bulk.execute("DELETE FROM orders_orderline WHERE source_id = %s", [import_id])
    bulk.execute("DELETE FROM orders_order WHERE source_id = %s", [import_id])
    bulk.execute(
        "DELETE FROM orders_product WHERE id NOT IN (SELECT product_id FROM orders_orderline)"
        " AND id NOT IN (SELECT product_id FROM orders_refund WHERE product_id IS NOT NULL)"
    )
    undo_people_of_import(import_id=import_id, now=now)
    if restored:
        months |= _months(import_id, restored=True)
    for table in ("orders_order", "orders_line", "orders_refund"):
        touch(table, months, now=now)
    touch("orders_product", ["all"], now=now)


def _months(import_id: int, *, restored: bool = False) -> set[str]:
    """Return the months that the import's rows lie in, or those of the rows that it had changed."""
    month = _MONTH.format(alias="x")
    if restored:
        sql = (
            f"SELECT DISTINCT {month} FROM ingest_beforeimage b JOIN orders_order x ON x.id = b.row_id"
            " WHERE b.source_id = %s AND b.\"table\" = 'orders_order'"
        )
        return {m for (m,) in bulk.fetch(sql, [import_id])}
    found = bulk.fetch(f"SELECT DISTINCT {month} FROM orders_order x WHERE x.source_id = %s", [import_id])
    found += bulk.fetch(f"SELECT DISTINCT {month} FROM orders_refund x WHERE x.source_id = %s", [import_id])
    lines = f"SELECT DISTINCT {month} FROM orders_orderline l JOIN orders_order x ON x.id = l.order_id WHERE l.source_id = %s"
    return {m for (m,) in [*found, *bulk.fetch(lines, [import_id])]} | _months(import_id, restored=True)
