"""Django application of the room."""

from django.apps import AppConfig


class GroupbuyConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.groupbuy"
    label = "groupbuy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in what moves when people are merged, who is no newcomer, and where offers are used."""
        from yutang.customers.dealings import DEALINGS, Dealing
        from yutang.customers.holdings import HOLDINGS, Holding
        from yutang.groupbuy.leading_on import stores_used_at
        from yutang.visits.programmes import STORES, StoresReader

        # Who has seats of a campaign under both records keeps those of the second where they are: two living seats of one person
        # in one group cannot be, and places are not taken back because records were found to be one person's.
        HOLDINGS.register(Holding("groupbuy_seat", "customer_id", unique_with="campaign_id", day_column="joined_date"))
        # What was given back is in another state.
        paid = "groupbuy_seat AS p WHERE p.customer_id = {person} AND p.state = 'paid'"
        DEALINGS.register(Dealing("paid_place", paid))
        STORES.register(StoresReader("groupbuy", stores_used_at))
