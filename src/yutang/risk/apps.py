"""Django application of the room."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.risk"
    label = "risk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.risk import organisation  # noqa: F401

        HOLDINGS.register(Holding("risk_decision", "customer_id"))
        HOLDINGS.register(Holding("risk_trace", "customer_id"))
        HOLDINGS.register(Holding("risk_trace", "inviter_id"))
        HOLDINGS.register(Holding("risk_tie", "customer_id", unique_with="thing"))
        HOLDINGS.register(Holding("risk_invitation", "inviter_id", unique_with="invitee_id"))
        HOLDINGS.register(Holding("risk_invitation", "invitee_id", unique_with="inviter_id"))
        HOLDINGS.register(Holding("risk_listentry", "customer_id"))
