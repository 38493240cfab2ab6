"""Settings of the organisation about campaigns."""

from __future__ import annotations

from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_setting
from yutang.kit.text import N_

_CONFIRM_FROM = "delivery.confirm_from"


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10_000_000


SETTINGS.register(
    OrganisationSetting(
        key=_CONFIRM_FROM,
        title=N_("Receivers from which on the number of a campaign must be typed"),
        default=1_000,
        accepts=_is_number,
        help=N_("A whole number from 1 to 10,000,000. Whoever lets a larger campaign go types to how many it goes."),
        unit="person",
    )
)


def confirm_from() -> int:
    """Return from how many receivers on a campaign is confirmed by its number. Count."""
    return int(organisation_setting(_CONFIRM_FROM))
