"""Django application of the room."""

from django.apps import AppConfig


class CouponsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.coupons"
    label = "coupons"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, what moves when people are merged, and who is no newcomer."""
        from yutang.coupons import guarding, organisation  # noqa: F401
        from yutang.customers.dealings import DEALINGS, Dealing
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(Holding("coupons_coupon", "customer_id", day_column="given_date"))
        redeemed = "coupons_coupon AS k WHERE k.customer_id = {person} AND k.state = 'redeemed'"
        DEALINGS.register(Dealing("redeemed", redeemed))
