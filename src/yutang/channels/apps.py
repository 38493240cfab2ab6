"""Django application of the room."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, the table that it publishes, and what moves when people are merged."""
        from yutang.channels import (  # noqa: F401
            lake_tables,
            organisation,
            organisation_campaigns,
            organisation_delivery,
            own_words,
            sealed_records,
            segment_uses,
            switches,
        )
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(Holding("channels_touch", "customer_id", day_column="business_date"))
        HOLDINGS.register(Holding("channels_decision", "customer_id", keeps_people=False))
        HOLDINGS.register(Holding("channels_quotause", "customer_id", unique_with="slot", keeps_people=False))
        HOLDINGS.register(Holding("channels_grievance", "customer_id"))
        HOLDINGS.register(Holding("channels_reply", "customer_id"))
