"""Django application of the room."""

from django.apps import AppConfig


class CouponsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.coupons"
    label = "coupons"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, and what moves when people are merged."""
        from yutang.coupons import guarding, organisation  # noqa: F401
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(Holding("coupons_coupon", "customer_id", day_column="given_date"))
