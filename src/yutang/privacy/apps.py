"""Django application of the room."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, what moves when people are merged, and how every room forgets a person."""
        from django.utils.module_loading import autodiscover_modules

        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.privacy import organisation  # noqa: F401

        HOLDINGS.register(Holding("privacy_datarequest", "customer_id"))
        # An erasure asks every room, those above this one too.
        autodiscover_modules("personal_data")
