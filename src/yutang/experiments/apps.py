"""Django application of the room."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.experiments"
    label = "experiments"
    default_auto_field = "django.db.models.BigAutoField"
