"""What must hold of orders: their sums are those of their lines and refunds, and an import that was undone left none."""

from django.db import connection

from yutang.foundation.invariants import register
from yutang.kit.text import N_
from yutang.orders.arrivals import ORDERS

register(
    "orders.lines",
    N_("The sum of each order is that of its lines, where no file states another"),
    table="orders_order",
    broken="""
        SELECT o.id FROM orders_order o
        JOIN (SELECT order_id, SUM(amount_minor) AS goods FROM orders_orderline GROUP BY order_id) l ON l.order_id = o.id
        WHERE o.goods_minor <> l.goods OR (NOT o.total_is_stated AND o.total_minor <> l.goods + o.shipping_minor)
    """,
)

register(
    "orders.refunds",
    N_("What each order gave back is what its refunds say"),
    table="orders_order",
    # A file may state a total beside the single refunds; the larger of the two counts.
    broken="""
        SELECT o.id FROM orders_order o
        LEFT JOIN (
            SELECT order_id, SUM(CASE WHEN LENGTH(line_key) > 0 THEN amount_minor ELSE 0 END) AS singly,
                MAX(CASE WHEN LENGTH(line_key) = 0 THEN amount_minor ELSE 0 END) AS stated
            FROM orders_refund WHERE order_id IS NOT NULL GROUP BY order_id
        ) r ON r.order_id = o.id
        WHERE o.refunded_minor <> COALESCE(CASE WHEN r.stated > r.singly THEN r.stated ELSE r.singly END, 0)
    """,
)

register(
    "orders.undone",
    N_("An import that was undone left no orders behind"),
    table="orders_order",
    looked="SELECT COUNT(*) FROM ingest_import WHERE status = 'undone'",
    broken="""
        SELECT o.id FROM orders_order o JOIN ingest_import i ON i.id = o.source_id WHERE i.status = 'undone'
        UNION SELECT l.order_id FROM orders_orderline l JOIN ingest_import i ON i.id = l.source_id WHERE i.status = 'undone'
    """,
)

# On SQLite a constraint holds it, which the store itself is looked through for.
if connection.vendor == "postgresql":
    register(
        "orders.numbers",
        N_("Each order is found by its shop and number"),
        table="orders_order",
        broken=f"""
            SELECT o.id FROM orders_order o
            LEFT JOIN {ORDERS.once} n ON n.id = o.id AND n.shop_id = o.shop_id AND n.number = o.number WHERE n.id IS NULL
            UNION ALL SELECT n.id FROM {ORDERS.once} n LEFT JOIN orders_order o ON o.id = n.id WHERE o.id IS NULL
        """,
    )
