"""Django application of the room."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.visits"
    label = "visits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, what moves when people are merged, and who is no newcomer."""
        from yutang.customers.dealings import DEALINGS, Dealing
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.visits import organisation  # noqa: F401

        HOLDINGS.register(Holding("visits_booking", "customer_id", day_column="business_date"))
        HOLDINGS.register(Holding("visits_hook", "customer_id", day_column="hooked_date"))
        DEALINGS.register(Dealing("came", "visits_booking AS b WHERE b.customer_id = {person} AND b.state = 'came'"))
