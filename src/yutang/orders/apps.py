"""Django application of the room."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in what moves when people are merged."""
        from yutang.orders import holdings  # noqa: F401
