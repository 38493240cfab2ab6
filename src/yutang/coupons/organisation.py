"""Settings of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

MOST_BY_HAND = "coupons.most_by_hand"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000


SETTINGS.register(
    OrganisationSetting(
        key=MOST_BY_HAND,
        title=N_("Coupons that one member of staff gives by hand a day"),
        default=20,
        accepts=_is_count,
        help=N_("0 to 1,000. Who may make kinds of coupons is not held to it. 0: nobody else gives by hand."),
    )
)
