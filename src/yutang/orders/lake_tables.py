"""Tables of commerce that are published to the lake."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="orders_order",
        sql="""
            SELECT o.id AS order_id, o.shop_id AS shop_id, o.number AS number, o.customer_id AS customer_id,
                o.store_id AS store_id, o.staff_id AS staff_id, o.status AS status, o.channel AS channel,
                o.placed_at AS placed_at, o.business_date AS business_date, o.currency AS currency,
                o.goods_minor AS goods_minor, o.shipping_minor AS shipping_minor, o.total_minor AS total_minor,
                o.refunded_minor AS refunded_minor, o.item_count AS item_count
            FROM orders_order AS o
        """,
        columns={
            "order_id": "int64",
            "shop_id": "int64",
            "number": "string",
            "customer_id": "int64",
            "store_id": "int64",
            "staff_id": "int64",
            "status": "int16",
            "channel": "string",
            "placed_at": "timestamp",
            "business_date": "date",
            "currency": "string",
            "goods_minor": "int64",
            "shipping_minor": "int64",
            "total_minor": "int64",
            "refunded_minor": "int64",
            "item_count": "int32",
        },
        month_column="business_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="orders_line",
        sql="""
            SELECT l.id AS line_id, l.order_id AS order_id, l.product_id AS product_id, l.quantity AS quantity,
                l.unit_price_minor AS unit_price_minor, l.amount_minor AS amount_minor,
                o.business_date AS business_date
            FROM orders_orderline AS l
            JOIN orders_order AS o ON o.id = l.order_id
        """,
        columns={
            "line_id": "int64",
            "order_id": "int64",
            "product_id": "int64",
            "quantity": "int32",
            "unit_price_minor": "int64",
            "amount_minor": "int64",
            "business_date": "date",
        },
        month_column="business_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="orders_product",
        sql="""
            SELECT p.id AS product_id, p.shop_id AS shop_id, p.code AS code, p.name AS name, p.category AS category
            FROM orders_product AS p
        """,
        columns={"product_id": "int64", "shop_id": "int64", "code": "string", "name": "string", "category": "string"},
    )
)

PUBLISHED.register(
    PublishedTable(
        name="orders_refund",
        sql="""
            SELECT r.id AS refund_id, r.order_id AS order_id, r.line_id AS line_id, r.customer_id AS customer_id,
                r.product_id AS product_id, r.quantity AS quantity, r.amount_minor AS amount_minor,
                r.currency AS currency, r.refunded_at AS refunded_at, r.business_date AS business_date
            FROM orders_refund AS r
        """,
        columns={
            "refund_id": "int64",
            "order_id": "int64",
            "line_id": "int64",
            "customer_id": "int64",
            "product_id": "int64",
            "quantity": "int32",
            "amount_minor": "int64",
            "currency": "string",
            "refunded_at": "timestamp",
            "business_date": "date",
        },
        month_column="business_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="orders_shop",
        sql="SELECT s.id AS shop_id, s.platform AS platform, s.name AS name FROM orders_shop AS s",
        columns={"shop_id": "int64", "platform": "string", "name": "string"},
    )
)
