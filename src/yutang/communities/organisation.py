"""Settings of the room: where states lie, how long a place is kept, how long days are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yutang.communities.methods.judging import Marks
from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_settings
from yutang.kit.text import N_

ALIVE_PERCENT = "communities.alive_percent"
DEAD_PERCENT = "communities.dead_percent"
CAPACITY = "communities.capacity"
HOLD_DAYS = "communities.hold_days"
LEARNS_RATES = "communities.learns_rates"


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


SETTINGS.register(
    OrganisationSetting(
        key=CAPACITY,
        title=N_("People in a group up to which newcomers are led into it"),
        default=50,
        accepts=_whole(2, 500),
        help=N_("From 2 to 500. Small groups stay alive. A group that has a number of its own keeps it."),
        unit="person",
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=HOLD_DAYS,
        title=N_("Days for which a place in a group is kept for somebody who was invited"),
        default=14,
        accepts=_whole(1, 60),
        help=N_("A whole number of days from 1 to 60."),
        unit="day",
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=ALIVE_PERCENT,
        title=N_("A group is alive when so many of its members pay attention"),
        default=50,
        accepts=_whole(20, 95),
        help=N_(
            "Percent, from 20 to 95. A group that was alive stays so until it falls 4 points below, "
            "so that it does not change its state day by day."
        ),
        unit="percent",
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=DEAD_PERCENT,
        title=N_("A group is dead when surely fewer of its members pay attention"),
        default=33,
        accepts=_whole(5, 60),
        help=N_("Percent, from 5 to 60. The rule of thumb of 100 red packets in a group of 300 is one third."),
        unit="percent",
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=LEARNS_RATES,
        title=N_("How often attentive members show themselves is learned from your own probes"),
        default=True,
        accepts=lambda value: isinstance(value, bool),
        help=N_("Off: the rates hold that come with the program."),
    )
)


def current_marks() -> Marks:
    """Return where states lie, as the organisation has set it."""
    kept = organisation_settings(room="communities")
    dead = kept[DEAD_PERCENT]
    # One third, as the merchants' rule says it, and not 33 hundredths.
    return Marks(alive=kept[ALIVE_PERCENT] / 100, dead=1 / 3 if dead == 33 else dead / 100)
