"""What rules may ask of what people did: orders, products bought, refunds."""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.lake.fields import HAPPENINGS, Field, Happening

_CHANNEL = Field("channel", N_("Order channel"), "text", "channel")
_STORE = Field("store", N_("Store of the order"), "choice", "store_id", lookup="stores")

HAPPENINGS.register(
    Happening(
        name="order",
        title=N_("orders"),
        source="orders.sale_facts",
        currency="currency",
        measures=(
            Field("amount_minor", N_("amount"), "money", "net_minor"),
            Field("items", N_("number of items"), "number", "item_count"),
        ),
        properties=(_CHANNEL, _STORE, Field("amount_minor", N_("Order amount"), "money", "net_minor")),
    )
)
HAPPENINGS.register(
    Happening(
        name="purchase",
        title=N_("products bought"),
        source="orders.purchase_facts",
        currency="currency",
        measures=(
            Field("amount_minor", N_("amount"), "money", "amount_minor"),
            Field("items", N_("number of items"), "number", "quantity"),
        ),
        properties=(
            Field("product_name", N_("Product name"), "text", "product_name"),
            Field("product_code", N_("Product code"), "text", "product_code"),
            Field("product_category", N_("Product category"), "text", "product_category"),
            _CHANNEL,
            _STORE,
        ),
    )
)
HAPPENINGS.register(
    Happening(
        name="refund",
        title=N_("refunds"),
        source="orders.refund_facts",
        currency="currency",
        measures=(Field("amount_minor", N_("amount"), "money", "amount_minor"),),
        properties=(
            Field("product_name", N_("Product name"), "text", "product_name"),
            Field("amount_minor", N_("Refund amount"), "money", "amount_minor"),
            _CHANNEL,
            _STORE,
        ),
    )
)
