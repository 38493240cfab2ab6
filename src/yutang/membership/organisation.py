"""Settings of the room."""

from __future__ import annotations

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

USE_FIRST = "membership.use_first"
PRINCIPAL_FIRST, BONUS_FIRST, IN_PROPORTION = "principal", "bonus", "proportion"
#: Titles of the orders in which a balance is used up.
ORDERS = {
    PRINCIPAL_FIRST: N_("Principal first, then bonus"),
    BONUS_FIRST: N_("Bonus first, then principal"),
    IN_PROPORTION: N_("Both, in the proportion in which they are there"),
}

SETTINGS.register(
    OrganisationSetting(
        key=USE_FIRST,
        title=N_("What a purchase uses up first of a prepaid balance"),
        default=PRINCIPAL_FIRST,
        accepts=lambda value: value in ORDERS,
        help=N_(
            "Holds for purchases from now on. What is paid out to a customer is principal; bonus lapses with it in proportion."
        ),
        choices=ORDERS,
    )
)
