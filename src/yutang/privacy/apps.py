"""Django application of the room."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.privacy import organisation  # noqa: F401

        HOLDINGS.register(Holding("privacy_datarequest", "customer_id"))
