"""Derived sums of orders, refreshed set-based: goods by lines, total where no file states one, refunds."""

from __future__ import annotations

from collections.abc import Sequence

from yutang.foundation import bulk
from yutang.ingest.journal import remember
from yutang.orders.arrivals import orders_by_key

#: What an order's sums should be; one row an order of the key table. The sums are joined with the keys: joined with the orders, which
#: PostgreSQL looks up key by key, they would be gone through for every key.
_SUMS = """
SELECT o.id, o.goods_minor, o.total_minor, o.refunded_minor,
       COALESCE(l.goods, o.goods_minor) AS goods,
       CASE WHEN o.total_is_stated OR l.goods IS NULL THEN o.total_minor ELSE l.goods + o.shipping_minor END AS total,
       COALESCE(r.refunded, 0) AS refunded
FROM {keys} k
{orders}
LEFT JOIN (
    SELECT x.order_id, CAST(SUM(x.amount_minor) AS BIGINT) AS goods
    FROM {keys} kl JOIN orders_orderline x ON x.order_id = kl.id GROUP BY x.order_id
) l ON l.order_id = k.id
LEFT JOIN (
    SELECT y.order_id,
           CAST(CASE WHEN MAX(CASE WHEN y.line_key = %s THEN y.amount_minor ELSE 0 END)
                        > SUM(CASE WHEN y.line_key = %s THEN 0 ELSE y.amount_minor END)
                     THEN MAX(CASE WHEN y.line_key = %s THEN y.amount_minor ELSE 0 END)
                     ELSE SUM(CASE WHEN y.line_key = %s THEN 0 ELSE y.amount_minor END) END AS BIGINT) AS refunded
    FROM {keys} kr JOIN orders_refund y ON y.order_id = kr.id GROUP BY y.order_id
) r ON r.order_id = k.id
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
        sums = bulk.fetch(_SUMS.format(keys=keys, orders=orders_by_key("k.id")), [b""] * 4)
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
