"""Django application of the room."""

from django.apps import AppConfig


class WecomConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.wecom"
    label = "wecom"
    default_auto_field = "django.db.models.BigAutoField"
