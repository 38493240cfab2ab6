"""Settings of the room."""

from __future__ import annotations

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

SANDBOX_IS_OPEN = "payments.sandbox_is_open"

SETTINGS.register(
    OrganisationSetting(
        key=SANDBOX_IS_OPEN,
        title=N_("Take payments at the cashier for trying out"),
        default=False,
        accepts=lambda value: isinstance(value, bool),
        help=N_("No money moves: whoever opens it presses “paid”. For trying out only, and not where customers come."),
    )
)
