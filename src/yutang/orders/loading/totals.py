"""Derived sums of orders, refreshed set-based: goods by lines, total where no file states one, refunds."""

from __future__ import annotations

from collections.abc import Sequence

from yutang.foundation import bulk
from yutang.ingest.journal import remember
from yutang.orders.arrivals import orders_by_key

#: An order's sums as they are, and what its lines and refunds give; one row an order of the key table. Lines and refunds are asked order
#: by order: summed for the whole batch and then joined, PostgreSQL goes through the sums once for every order where it believes that
#: there are few.
_SUMS = """
SELECT o.id, o.goods_minor, o.total_minor, o.refunded_minor, o.total_is_stated, o.shipping_minor,
       (SELECT CAST(SUM(x.amount_minor) AS BIGINT) FROM orders_orderline x WHERE x.order_id = k.id),
       (SELECT CAST(CASE WHEN MAX(CASE WHEN y.line_key = %s THEN y.amount_minor ELSE 0 END)
                            > SUM(CASE WHEN y.line_key = %s THEN 0 ELSE y.amount_minor END)
                         THEN MAX(CASE WHEN y.line_key = %s THEN y.amount_minor ELSE 0 END)
                         ELSE SUM(CASE WHEN y.line_key = %s THEN 0 ELSE y.amount_minor END) END AS BIGINT)
        FROM orders_refund y WHERE y.order_id = k.id)
FROM {keys} k
{orders}
"""


def refresh_totals(order_ids: Sequence[int], *, import_id: int, made: Sequence[int]) -> set[int]:
    """Bring the sums of orders in line with their lines and refunds, and return the orders whose sums changed.

    Args:
        order_ids: orders whose lines or refunds may have changed.
        import_id: the import that changes them; keeps before-images of orders that it did not make.
        made: orders that this import has just made; they need no before-image.
    """
    if not order_ids:
        return set()
    with bulk.key_table([("id", "int")], [(i,) for i in sorted(set(order_ids))]) as keys:
        found = bulk.fetch(_SUMS.format(keys=keys, orders=orders_by_key("k.id")), [b""] * 4)
    sums = [(*row[:4], *_meant(*row[1:3], *row[4:])) for row in found]
    changed = [row for row in sums if row[1:4] != row[4:7]]
    fresh = set(made)
    remember(
        import_id,
        "orders_order",
        [
            (order_id, {"goods_minor": goods, "total_minor": total, "refunded_minor": refunded})
            for order_id, goods, total, refunded, *_ in changed
            if order_id not in fresh
        ],
    )
    bulk.update_rows(
        "orders_order",
        ("goods_minor", "total_minor", "refunded_minor"),
        [(goods, total, refunded, order_id) for order_id, _, _, _, goods, total, refunded in changed],
    )
    return {row[0] for row in changed}


def _meant(
    goods: int, total: int, is_stated: bool, shipping: int, of_lines: int | None, refunded: int | None
) -> tuple[int, int, int]:
    """Return goods, total and refunds as they should be; an order without lines keeps what its file stated."""
    if of_lines is None:
        return goods, total, refunded or 0
    return of_lines, total if is_stated else of_lines + shipping, refunded or 0
