"""Django application of the room."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.journeys"
    label = "journeys"
    default_auto_field = "django.db.models.BigAutoField"
