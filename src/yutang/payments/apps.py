"""Django application of the room."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings."""
        from yutang.payments import organisation  # noqa: F401
