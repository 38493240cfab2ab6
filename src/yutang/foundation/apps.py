"""Django application of the room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FoundationConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.foundation"
    label = "foundation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let every room say what it keeps sealed."""
        autodiscover_modules("sealed_records")
