"""Django application of the room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebhooksConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.webhooks"
    label = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Gather the events that the rooms let other systems be told of."""
        autodiscover_modules("announced_events")
