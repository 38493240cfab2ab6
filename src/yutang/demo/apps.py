"""Django application of the room."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"
