"""Settings of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

ANSWER_DAYS = "privacy.answer_days"


def _is_days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 30


SETTINGS.register(
    OrganisationSetting(
        key=ANSWER_DAYS,
        title=N_("Days within which a request about one's own data is answered"),
        default=15,
        accepts=_is_days,
        help=N_("1 to 30. The list of requests puts what is due first."),
        unit="day",
    )
)
