"""Settings of the organisation about delivery: how long staff have, and when they are reminded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_setting
from yutang.kit.text import N_

_TASK_HOURS, _REMIND_HOURS = "delivery.task_hours", "delivery.remind_hours"


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


SETTINGS.register(
    OrganisationSetting(
        key=_TASK_HOURS,
        title=N_("Hours that staff have to confirm a message in WeCom"),
        default=48,
        accepts=_whole(1, 336),
        help=N_("A whole number of hours from 1 to 336. After that the message is taken back and counts as not sent."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=_REMIND_HOURS,
        title=N_("Hours after which staff who have not confirmed are reminded"),
        default=4,
        accepts=_whole(0, 72),
        help=N_(
            "A whole number of hours from 0 to 72; 0 reminds nobody. At most three times for one message, and within the "
            "hours in which messages go out."
        ),
    )
)


def task_hours() -> int:
    """Return how long staff have to confirm. Hours."""
    return int(organisation_setting(_TASK_HOURS))


def remind_hours() -> int:
    """Return after how long staff are reminded; 0: never. Hours."""
    return int(organisation_setting(_REMIND_HOURS))
