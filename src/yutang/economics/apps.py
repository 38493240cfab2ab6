"""Django application of the room."""

from django.apps import AppConfig


class EconomicsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.economics"
    label = "economics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(
            Holding("economics_newcomer", "customer_id", unique_with="programme_id", day_column="joined_date")
        )
        HOLDINGS.register(Holding("economics_entry", "customer_id", day_column="at_date"))
