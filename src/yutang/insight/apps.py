"""Django application of the room."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings and kinds of proposals."""
        from yutang.insight import newcomer_worth, organisation, rfm  # noqa: F401
        from yutang.insight.proposals import kinds  # noqa: F401
