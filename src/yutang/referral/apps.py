"""Django application of the room."""

from django.apps import AppConfig


class ReferralConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.referral"
    label = "referral"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.referral import organisation  # noqa: F401

        HOLDINGS.register(Holding("referral_inviter", "customer_id", unique_with="programme_id"))
        HOLDINGS.register(Holding("referral_invitation", "inviter_customer_id", day_column="came_date"))
        HOLDINGS.register(
            Holding("referral_invitation", "friend_id", unique_with="programme_id", day_column="came_date")
        )
