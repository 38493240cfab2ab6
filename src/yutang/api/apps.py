"""Django application of the room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let what people did move with them when they are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(Holding("api_behaviour", "customer_id", day_column="business_date", keeps_people=False))
