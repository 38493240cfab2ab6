"""Django application of the room."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.visits"
    label = "visits"
    default_auto_field = "django.db.models.BigAutoField"
