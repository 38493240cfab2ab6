"""Django application of the room."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.membership"
    label = "membership"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.membership import organisation  # noqa: F401

        HOLDINGS.register(Holding("membership_wallet", "customer_id"))
        ledger = Holding(
            "membership_movement",
            "customer_id",
            day_column="business_date",
            goes_with=("wallet_id", "membership_wallet"),
        )
        HOLDINGS.register(ledger)
        HOLDINGS.register(Holding("membership_topuporder", "customer_id"))
