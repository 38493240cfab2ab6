"""Django application of the room."""

from django.apps import AppConfig


class WecomConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.wecom"
    label = "wecom"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, its own kind of proposal, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.wecom import alarm_tasks, newcomers, organisation  # noqa: F401

        HOLDINGS.register(Holding("wecom_contact", "customer_id", is_followed=True))
