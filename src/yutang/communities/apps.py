"""Django application of the room."""

from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.communities"
    label = "communities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in the room's settings, its kind of proposal, the words of its invitations, and what moves when people are merged."""
        from yutang.communities import moving_over, organisation, tasks_for_people  # noqa: F401
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(Holding("communities_place", "customer_id"))
        HOLDINGS.register(Holding("communities_place", "inviter_id"))
        HOLDINGS.register(Holding("communities_community", "seed_customer_id", unique_with="purpose"))
