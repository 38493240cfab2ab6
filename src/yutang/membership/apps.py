"""Django application of the room."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.membership"
    label = "membership"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, what moves when people are merged, and who is no newcomer."""
        from yutang.customers.dealings import DEALINGS, Dealing
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
        topped_up = "membership_movement AS m WHERE m.customer_id = {person} AND m.kind = 'top_up'"
        DEALINGS.register(Dealing("topped_up", topped_up))
