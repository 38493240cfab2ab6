"""Django application of the room."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
