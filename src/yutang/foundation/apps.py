"""Django application of the room."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.foundation"
    label = "foundation"
    default_auto_field = "django.db.models.BigAutoField"
