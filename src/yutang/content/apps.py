"""Django application of the room."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.content"
    label = "content"
    default_auto_field = "django.db.models.BigAutoField"
