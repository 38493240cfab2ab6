"""Django application of the room."""

from django.apps import AppConfig


class CodesConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.codes"
    label = "codes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in what newcomers are told by the time of day, who keeps the economics, and what moves when people are merged."""
        from yutang.codes import economics, greeting  # noqa: F401
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(Holding("codes_newcomer", "customer_id", unique_with="code_id", day_column="added_date"))
