"""Settings of the organisation about people."""

from __future__ import annotations

from yutang.customers.observing import Limits
from yutang.customers.rules import PEOPLE_PER_NUMBER, is_usable_phone
from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_setting
from yutang.kit.text import N_

PEOPLE_PER_NUMBER_SETTING = SETTINGS.register(
    OrganisationSetting(
        key="customers.people_per_number",
        title=N_("People with whom one phone number or e-mail address may be seen before it tells nobody"),
        default=PEOPLE_PER_NUMBER,
        accepts=lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 20,
        unit="person",
        help=N_("A whole number from 1 to 20. A number that more people share is no longer taken as a key."),
    )
)
STORE_NUMBERS_SETTING = SETTINGS.register(
    OrganisationSetting(
        key="customers.store_numbers",
        title=N_("Phone numbers of stores and staff (as +8613800138000), which never tell who a customer is"),
        default=[],
        accepts=lambda value: isinstance(value, list) and all(isinstance(v, str) and is_usable_phone(v) for v in value),
        help=N_("One number a line, with the country: +8613800138000."),
    )
)


def limits_of_numbers() -> Limits:
    """Return what the organisation has set."""
    return Limits(
        people_per_number=organisation_setting(PEOPLE_PER_NUMBER_SETTING.key),
        store_numbers=frozenset(organisation_setting(STORE_NUMBERS_SETTING.key)),
    )
