"""Django application of the room."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.ingest"
    label = "ingest"
    default_auto_field = "django.db.models.BigAutoField"
