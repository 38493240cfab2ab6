"""Settings of the room: how many people a group is filled to."""

from __future__ import annotations

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

GROUP_PLACES = "journeys.group_places"

SETTINGS.register(
    OrganisationSetting(
        key=GROUP_PLACES,
        title=N_("People in a group up to which playbooks invite into it"),
        default=50,
        accepts=lambda value: isinstance(value, int) and not isinstance(value, bool) and 2 <= value <= 500,
        help=N_("From 2 to 500. Small groups stay alive; an invitation holds its place for 14 days."),
        unit="person",
    )
)
