"""Django application of the room."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.journeys"
    label = "journeys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in kind of proposal, words and keys of messages, who leads newcomers, and what moves when people are merged."""
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.journeys import (  # noqa: F401
            asking_people,
            giving_coupons,
            leading_newcomers,
            paying_top_ups,
            segment_uses,
            sending_names,
            share_words,
            shown_words,
        )

        HOLDINGS.register(Holding("journeys_enrolment", "customer_id", unique_with="lane", keeps_people=False))
        HOLDINGS.register(Holding("journeys_invitation", "customer_id", keeps_people=False))
