"""Django application of the room."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"
