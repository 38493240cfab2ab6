"""Settings of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

ANSWER_DAYS = "privacy.answer_days"
#: What the page on what happens to data says of whom to ask, and where the whole statement stands.
CONTACT, NOTICE_ADDRESS = "privacy.contact", "privacy.notice_address"


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
SETTINGS.register(
    OrganisationSetting(
        key=CONTACT,
        title=N_("Whom customers ask about their data"),
        default="",
        accepts=lambda value: isinstance(value, str) and len(value) <= 120,
        help=N_(
            "A name with a phone number or e-mail address, 120 characters at most. It stands on the page that is linked wherever "
            "customers type something; empty: they are told to ask in the store."
        ),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=NOTICE_ADDRESS,
        title=N_("Address of the whole privacy statement"),
        default="",
        accepts=lambda value: (
            isinstance(value, str) and len(value) <= 300 and (not value or value.startswith("https://"))
        ),
        help=N_("Begins with https://; the page on what happens to data leads there. Empty: that page stands alone."),
    )
)
