"""Django application of the room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
