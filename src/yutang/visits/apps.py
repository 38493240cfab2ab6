"""Django application of the room."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.visits"
    label = "visits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.visits import organisation  # noqa: F401

        HOLDINGS.register(Holding("visits_booking", "customer_id", day_column="business_date"))
        HOLDINGS.register(Holding("visits_hook", "customer_id", day_column="hooked_date"))
