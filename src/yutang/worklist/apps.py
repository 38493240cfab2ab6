"""Django application of the room."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.worklist"
    label = "worklist"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, its own kind of proposal, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.worklist import import_problems, paused_programmes, rules  # noqa: F401

        HOLDINGS.register(Holding("worklist_proposal", "customer_id", keeps_people=False))
