"""Django application of the room."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.worklist"
    label = "worklist"
    default_auto_field = "django.db.models.BigAutoField"
