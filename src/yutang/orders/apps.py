"""Django application of the room."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in what moves when people are merged, who is no newcomer, and how PostgreSQL keeps orders."""
        from yutang.customers.dealings import DEALINGS, Dealing
        from yutang.foundation.bulk import IN_PARTS_BY_KEY
        from yutang.orders import holdings  # noqa: F401

        IN_PARTS_BY_KEY.add("orders_order")

        # Cancelled orders, and those of which only lines are known, are no sales: `queries.NOT_A_SALE`.
        bought = "orders_order AS o WHERE o.customer_id = {person} AND o.status NOT IN (0, 50)"
        DEALINGS.register(Dealing("bought", bought))
