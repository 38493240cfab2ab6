"""Django application of the room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SegmentsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Gather the facts that the rooms declare for rules."""
        autodiscover_modules("segment_fields")
