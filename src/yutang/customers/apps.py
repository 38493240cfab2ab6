"""Django application of the room."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the room with Django, and what it plugs into the rooms below."""

    name = "yutang.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the settings."""
        import yutang.customers.organisation  # noqa: F401
