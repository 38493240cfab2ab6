"""Settings of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

REMIND_HOURS = "visits.remind_hours"
MOST_OPEN = "visits.most_open"
WAIT_HOURS = "visits.wait_hours"
LINK_DAYS = "visits.link_days"


def _between(least: int, most: int) -> Any:
    def accepts(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return accepts


SETTINGS.register(
    OrganisationSetting(
        key=REMIND_HOURS,
        title=N_("Hours before a booked visit at which people are reminded"),
        default=24,
        accepts=_between(1, 168),
        help=N_(
            "1 to 168. Then the event “A booked visit is near” is told; the ready playbook “Before the visit” makes a message of it, "
            "under the contact policy."
        ),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=MOST_OPEN,
        title=N_("Visits to come that one customer may have booked"),
        default=2,
        accepts=_between(1, 20),
        help=N_("1 to 20. Who has as many moves one, or calls one off. Staff are not held to it."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=WAIT_HOURS,
        title=N_("Hours after the booked time from which a visit counts as missed"),
        default=3,
        accepts=_between(1, 72),
        help=N_("1 to 72. Until the end of the day the code still works, however late somebody comes."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=LINK_DAYS,
        title=N_("Days for which a link to book, or to one's own page, holds"),
        default=30,
        accepts=_between(1, 180),
        help=N_("1 to 180. A link holds for one person and one purpose; who has it needs no log-in."),
        unit="day",
    )
)
