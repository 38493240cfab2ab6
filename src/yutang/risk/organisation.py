"""Settings of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

KEEP_DAYS = "risk.keep_days"
ALLOWED_DAYS = "risk.allowed_days"


def _is_kept(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 35 <= value <= 1_095


def _is_allowed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 365


SETTINGS.register(
    OrganisationSetting(
        key=KEEP_DAYS,
        title=N_("Days for which decisions of the guard are kept"),
        default=180,
        accepts=_is_kept,
        help=N_(
            "35 to 1,095. The windows that the guard looks at reach back 30 days; what is older is for appeals and trials."
        ),
        unit="day",
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=ALLOWED_DAYS,
        title=N_("Days for which a person is let through after an appeal was granted"),
        default=30,
        accepts=_is_allowed,
        help=N_("0 to 365. 0: only what was appealed against is let through."),
        unit="day",
    )
)
