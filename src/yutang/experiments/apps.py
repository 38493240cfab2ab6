"""Django application of the room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ExperimentsConfig(AppConfig):
    """Registers the room with Django."""

    name = "yutang.experiments"
    label = "experiments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in what moves when people are merged, and gather the measures that rooms declare."""
        from yutang.customers.holdings import HOLDINGS, Holding

        HOLDINGS.register(
            Holding(
                "experiments_assignment",
                "customer_id",
                unique_with="experiment_id",
                day_column="assigned_date",
                keeps_people=False,
            )
        )
        HOLDINGS.register(
            Holding(
                "experiments_groupmember",
                "customer_id",
                unique_with="assignment_id",
                day_column="assigned_date",
                keeps_people=False,
            )
        )
        # Those of the room stand first on every page, whichever rooms were gathered before.
        from yutang.experiments import experiment_measures  # noqa: F401

        autodiscover_modules("experiment_measures")
